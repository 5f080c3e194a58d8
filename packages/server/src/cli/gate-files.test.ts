import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildScorecard,
  renderScorecard,
  type Scorecard,
  type ScorecardItem,
  scorecardItemLines,
} from '@assay/loop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile, readFileText } from '../adapters/files/file-text.ts';
import { openGitRef } from '../adapters/git/git-ref.ts';
import { runGateCommand } from './gate.ts';
import type { GateOptions } from './gate-options.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const folder = mkdtempSync(join(tmpdir(), 'assay-gate-'));
const agent = join(folder, 'agents/triage');
const path = (name: string): string => join(agent, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const git = (...words: readonly string[]): void => {
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...words], {
    stdio: 'ignore',
  });
};

/** 200 items, of which the first `failing` fail. */
const itemsOf = (failing: number): readonly ScorecardItem[] =>
  Array.from({ length: 200 }, (_, at) => ({
    id: `i${String(at).padStart(3, '0')}`,
    score: Number(at >= failing),
  }));

function cardOf(version: string, items: readonly ScorecardItem[]): Scorecard {
  const subject = [{ name: 'agent.tgz', sha256: hash('the bytes') }];
  return buildScorecard(
    items,
    {
      agentId: 'triage',
      agentVersion: version,
      generatedAt: '2026-01-01T00:00:00Z',
      dataset: { reference: 'mail' },
      methodology: 'exact match',
      subject,
    },
    hash,
  );
}

function write(stem: string, version: string, items: readonly ScorecardItem[]): void {
  writeFileSync(path(`${stem}.md`), renderScorecard(cardOf(version, items)));
  const name = stem === 'SCORECARD' ? 'scorecard' : stem;
  writeFileSync(path(`${name}.items.jsonl`), scorecardItemLines(items));
}

async function gate(
  options: GateOptions,
): Promise<{ code: number; out: string; err: string; written: ReadonlyMap<string, string> }> {
  const written = new Map<string, string>();
  let out = '';
  let err = '';
  const code = await runGateCommand(options, {
    readFile: readFileText,
    hashFile,
    openRef: openGitRef,
    writeFile: async (name, text) => {
      written.set(name, text);
    },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err, written };
}

beforeAll(() => {
  mkdirSync(agent, { recursive: true });
  git('init', '-q');
  write('SCORECARD', '1.0.0', itemsOf(40));
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  git('tag', 'v1');
  write('SCORECARD', '1.1.0', itemsOf(70));
  writeFileSync(path('agent.tgz'), 'the bytes');
  writeFileSync(path('other.tgz'), 'other bytes');
});

describe('assay gate on files and git', () => {
  const scorecard = path('SCORECARD.md');

  it('finds baseline and items at a ref, and names what changed first', async () => {
    const { code, out, err } = await gate({ scorecard, baselineRef: 'v1' });
    expect([code, err]).toEqual([1, '']);
    const lines = out.split('\n');
    expect(lines[0]).toBe('REGRESSED  triage 1.1.0 against 1.0.0');
    expect(out).toMatch(/accuracy +80\.00 -> 65\.00 +-15\.00 \[-\d+\.\d\d, -\d+\.\d\d\]/);
    expect(out).toContain('newly failing (30): i040, i041,');
    expect(out).toContain('i059 and 10 more');
    expect(out).not.toContain('i060');
    expect(out).toContain('--allow-regression');
  });

  it.each([
    ['a ref that does not exist', 'v1.0', 'there is no ref v1.0'],
    ['a card that was elsewhere', 'v1:SCORECARD.md', 'there is no SCORECARD.md at v1'],
    ['a folder instead of a card', 'v1:agents', 'v1'],
  ])('does not take %s for a first adoption', async (_, baselineRef, message) => {
    const { code, out } = await gate({ scorecard, baselineRef });
    expect([code, out]).toEqual([3, expect.stringContaining(message)]);
    expect(out).toMatch(/^MISSING/);
    expect(out).toContain('--first-release');
  });

  it('takes the path of the card then', async () => {
    const baselineRef = 'v1:agents/triage/SCORECARD.md';
    expect((await gate({ scorecard, baselineRef })).code).toBe(1);
  });

  it.each(['--upload-pack=touch x', '-n', ''])(
    'does not take %j for a ref',
    async (baselineRef) => {
      expect((await gate({ scorecard, baselineRef })).code).toBe(2);
    },
  );

  it.each(['--all', '@{-1}', '$(touch x)', 'v1;ls', 'v1^{/x}'])(
    'asks git for no more than a commit: %s',
    async (ref) => expect((await openGitRef(ref, agent)).kind).toBe('unknown'),
  );

  it('leaves items aside that are not of the card', async () => {
    write('base', '1.0.0', itemsOf(40));
    writeFileSync(path('base.items.jsonl'), scorecardItemLines(itemsOf(0)));
    const { err, out } = await gate({ scorecard, baselineFile: path('base.md') });
    expect(err).toContain('it is not the items of');
    expect(out).toContain('items-missing');
  });

  it('compares the bytes that ship with those that were measured', async () => {
    const rest = { scorecard, firstRelease: true };
    expect((await gate({ ...rest, artifact: [path('agent.tgz')] })).code).toBe(0);
    for (const name of ['other.tgz', 'none.tgz']) {
      const { code, out } = await gate({ ...rest, artifact: [path(name)] });
      expect([code, out]).toEqual([3, expect.stringContaining('artifact-mismatch')]);
    }
    writeFileSync(path('agent.tgz'), 'the bytez');
    expect((await gate({ ...rest, artifact: [path('agent.tgz')] })).code).toBe(3);
  });

  it('holds the lower bound of a metric to a floor', async () => {
    const at = async (min: string) =>
      (await gate({ scorecard, firstRelease: true, min: [min] })).code;
    // 130 of 200: Wilson's lower bound is .5815.
    expect([await at('accuracy=0.58'), await at('accuracy=0.6'), await at('recall=0.1')]).toEqual([
      0, 1, 1,
    ]);
    expect([await at('accuracy'), await at('accuracy=58'), await at('=0.1')]).toEqual([2, 2, 2]);
  });

  it('holds the card to the version of the release', async () => {
    const at = async (expectedVersion: string) =>
      (await gate({ scorecard, firstRelease: true, expectedVersion })).code;
    expect([await at('1.1.0'), await at('1.2.0')]).toEqual([0, 3]);
  });

  it('lets nothing pass without a name and a reason', async () => {
    const by = { by: 'ann', reason: 'labels' };
    const base = { scorecard, baselineRef: 'v1' };
    expect((await gate({ ...base, ...by, allowRegression: true })).code).toBe(0);
    expect((await gate({ ...base, ...by })).code).toBe(2);
    expect((await gate({ ...base, ...by, reason: ' ', allowRegression: true })).code).toBe(2);
    expect((await gate({ ...base, allowRegression: true })).code).toBe(2);
    const floor = { ...base, ...by, allowRegression: true, min: ['accuracy=0.9'] };
    expect((await gate(floor)).code).toBe(1);
  });

  it('writes the reports that were asked for, also when nothing could be compared', async () => {
    for (const baselineRef of ['v1', 'v0']) {
      const files = { junit: 'j', md: 'm', html: 'h' };
      const { written } = await gate({ scorecard, baselineRef, ...files });
      expect(written.get('j')).toContain('<failure ');
      expect(written.get('m')).toContain(baselineRef === 'v1' ? 'REGRESSED' : 'MISSING');
      expect(written.get('h')).toMatch(/^<!doctype html>/);
    }
  });

  it('refuses a card of 50 MB without reading it', async () => {
    writeFileSync(path('big.md'), '---\n');
    truncateSync(path('big.md'), 50_000_000);
    const { code, out } = await gate({ scorecard: path('big.md'), firstRelease: true });
    expect([code, out]).toEqual([3, expect.stringContaining('larger than 32 MiB')]);
  });

  it.each([
    ['a bomb of aliases', bomb()],
    ['a deep nest', `---\na: ${'['.repeat(50_000)}\n---\n`],
    ['deep JSON', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['a large front matter', `---\na: ${'x'.repeat(2_000_000)}\n---\n`],
    ['a tag that would run code', '---\na: !!js/function "() => 1"\n---\n'],
  ])('refuses %s', async (_, text) => {
    writeFileSync(path('hostile.md'), text);
    expect((await gate({ scorecard: path('hostile.md'), firstRelease: true })).code).toBe(3);
  });
});

function bomb(): string {
  const lines = ['a0: &a0 [x, x]'];
  for (let at = 1; at < 30; at += 1) lines.push(`a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`);
  return `---\n${lines.join('\n')}\n---\n`;
}
