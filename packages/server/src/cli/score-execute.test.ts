import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runScoreExecute } from './score-execute.ts';

async function run(lines: readonly (object | string)[], isJson: boolean) {
  let out = '';
  let err = '';
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const code = await runScoreExecute(
    '-',
    { concurrency: 2, wallMs: 30_000, json: isJson },
    {
      env: {},
      open: () => Readable.from([text.join('\n')]),
      out: async (part) => {
        out += part;
      },
      err: (part) => {
        err += part;
      },
      signal: new AbortController().signal,
      isWatched: false,
    },
  );
  return { code, out, err };
}

const javascript = { language: 'javascript', code: 'const twice = (x) => 2 * x' };
const checks = (expected: number) => [{ call: 'twice', args: [2], expected }];

const ITEMS = [
  { id: 'right', ...javascript, checks: checks(4) },
  { id: 'wrong', ...javascript, checks: checks(5) },
  { id: 'tested', ...javascript, test: 'assert(twice(1) === 2)' },
  {
    id: 'as the reference',
    language: 'javascript',
    code: 'const list = () => [1]',
    reference: 'const list = () => [1, 2, 3]',
    test: 'for (const x of list()) assert(x > 0)',
  },
  {
    id: 'with a wrong reference',
    ...javascript,
    reference: 'const twice = () => 0',
    checks: checks(4),
  },
  { id: 'missing', language: 'javascript', code: 'require("left-pad")', checks: checks(4) },
];

describe('assay score execute', () => {
  it('prints a line of JSON for each item in its order, then the summary', async () => {
    const { code, out } = await run(ITEMS, true);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, -1).map(({ id, outcome }) => [id, outcome.kind])).toEqual([
      ['right', 'passed'],
      ['wrong', 'assertion-failed'],
      ['tested', 'passed'],
      ['as the reference', 'assertion-failed'],
      ['with a wrong reference', 'infrastructure'],
      ['missing', 'missing-module'],
    ]);
    expect(lines[0].correctness).toEqual({ kind: 'scored', score: 1 });
    expect(lines[5].correctness).toMatchObject({ kind: 'unscored' });
    expect(lines.at(-1).summary).toMatchObject({ n: 6, unscored: 2, invalidLines: 0 });
    expect(lines.at(-1).summary.passRate.mean).toBeCloseTo(2 / 6);
    expect(code).toBe(1);
  });

  it('tells people the same, with an interval', async () => {
    const { code, out, err } = await run(
      [...ITEMS.slice(0, 3), 'nonsense', { id: 'x', ...javascript }],
      false,
    );
    expect(out).toMatch(/^right {2}passed {2}1\/1 {2}\d+ ms$/m);
    expect(out).toMatch(
      /^wrong {2}assertion-failed {2}0\/1 {2}\d+ ms {2}twice\(2\) gave 4, not 5$/m,
    );
    expect(out).toContain('passed 2 of 3: 66.7 % [20.8 %, 93.9 %]');
    expect(err).toContain('line 4: not valid JSON');
    expect(err).toContain('line 5: : give either test or checks');
    expect(code).toBe(1);
  });

  it('has nothing to say about nothing', async () => {
    const { code, out } = await run([], false);
    expect(out).toContain('passed 0 of 0');
    expect(code).toBe(1);
  });
});
