import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { description?: string; default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

const action = parse(readFileSync('action/action.yml', 'utf8')) as Action;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-action-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, lines: string): void {
  writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${lines}\n`);
  chmodSync(join(folder, name), 0o755);
}

function run(script: string, env: Readonly<Record<string, string>>) {
  return spawnSync('bash', [resolve('action', script)], {
    encoding: 'utf8',
    cwd: folder,
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      RUNNER_TEMP: folder,
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_REPOSITORY: 'o/r',
      INPUT_COMMENT_ID: 'gate',
      INPUT_COMMAND: 'assay',
      ...env,
    },
  });
}

const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const PRINT_WORDS = 'printf "%s\\n" "$@" > words';

describe('the GitHub Action', () => {
  test('documents its inputs and hands each to a script, never into the text of one', () => {
    const env = action.runs.steps.map((step) => JSON.stringify(step)).join();
    for (const [name, input] of Object.entries(action.inputs)) {
      expect([name, input.description?.length ?? 0]).toEqual([name, expect.any(Number)]);
      expect(input.description).toMatch(/\.$/);
      expect(env).toContain(`inputs.${name} `);
    }
    for (const step of action.runs.steps) expect(step.run).not.toContain('${{');
  });

  test('makes one word of each input', () => {
    program('assay', `${PRINT_WORDS}; exit 4`);
    const { status } = run('gate.sh', {
      INPUT_SCORECARD: '$(touch pwned) card.md',
      INPUT_BASELINE_REF: 'v1; touch pwned',
      INPUT_MIN: 'a=0.5\r\n\nb c=0.1\n',
      INPUT_REASON: '--first-release',
      INPUT_FIRST_RELEASE: 'yes',
      INPUT_ALLOW_REGRESSION: 'true',
    });
    expect(status).toBe(0);
    expect(file('words').split('\n').slice(0, 7)).toEqual([
      'gate',
      '--scorecard=$(touch pwned) card.md',
      '--baseline-ref=v1; touch pwned',
      '--min=a=0.5',
      '--min=b c=0.1',
      '--allow-regression',
      '--reason=--first-release',
    ]);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
    expect(file('output')).toContain('exit-code=4\n');
    expect(file('summary')).toContain('exit code 4');
  });

  test('shows what the gate wrote', () => {
    program(
      'assay',
      'for word in "$@"; do case $word in --md=*) echo "## Gate: PASSED" > "$(echo "$word" | cut -c6-)";; esac; done',
    );
    run('gate.sh', { INPUT_SCORECARD: 'card.md' });
    expect(file('summary')).toBe('## Gate: PASSED\n');
    expect(file('output')).toContain('exit-code=0\n');
  });

  test.each([
    ['', ['--method', 'POST', 'repos/o/r/issues/7/comments']],
    ['42', ['--method', 'PATCH', 'repos/o/r/issues/comments/42']],
  ])('keeps one comment up to date; there before: %j', (found, words) => {
    program(
      'gh',
      `case "$*" in *paginate*) echo "${found}";; *) ${PRINT_WORDS}; cp assay-comment.md body;; esac`,
    );
    writeFileSync(join(folder, 'report.md'), '## Gate\n');
    const env = { PULL_REQUEST: '7', REPORT: join(folder, 'report.md') };
    expect(run('comment.sh', env)).toMatchObject({ status: 0, stderr: '' });
    expect(file('words').split('\n').slice(1, 4)).toEqual(words);
    expect(file('body')).toBe('<!-- assay-gate:gate -->\n## Gate\n');
  });
});
