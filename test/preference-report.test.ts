import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMarkedSection } from '../bench/marked-section.ts';
import {
  agreementOf,
  differenceOf,
  type JudgedPair,
  judgePair,
} from '../bench/preference-agreement.ts';
import { renderMeaning } from '../bench/preference-meaning.ts';
import type { PreferencePair } from '../bench/preference-pairs.ts';
import { LONGER_WINS, type PairScorer, REASONING_WINS } from '../bench/preference-scorers.ts';
import { renderPairs } from '../bench/preference-tables.ts';

function pair(query: string, changes: Partial<PreferencePair> = {}): PreferencePair {
  return {
    id: query,
    query,
    response_a: 'A long answer of many words.',
    response_b: 'Short.',
    preferred: 'a',
    source: 'ours',
    category: 'ours',
    models: [null, null],
    ...changes,
  };
}

const FIRST_WINS: PairScorer = { name: 'first wins', compare: () => 1 };
const SILENT: PairScorer = { name: 'silent', compare: () => 0 };

describe('agreement on pairs', () => {
  it('asks in both orders: who looks at the position is half right and found out', () => {
    const judged = judgePair(pair('q'), [FIRST_WINS, LONGER_WINS, SILENT]) ?? expect.fail();
    expect(judged.agreement).toEqual({ 'first wins': 0.5, 'longer wins': 1, silent: 0.5 });
    expect(judged.flips).toEqual(['first wins']);
    const turned = judgePair(pair('q', { preferred: 'b' }), [LONGER_WINS]);
    expect(turned?.agreement).toEqual({ 'longer wins': 0 });
  });

  it('leaves ties out, and rules out of pairs that they are not meant for', () => {
    expect(judgePair(pair('q', { preferred: 'tie' }), [LONGER_WINS])).toBeNull();
    expect(judgePair(pair('q'), [REASONING_WINS])?.agreement).toEqual({ 'reasoning wins': null });
    const thought = pair('q', { reasoning_a: 'Because.', reasoning_b: null });
    expect(judgePair(thought, [REASONING_WINS])?.agreement).toEqual({ 'reasoning wins': 1 });
    const hidden = pair('q', { thinking_a: false, thinking_b: true, reasoning_a: 'Because.' });
    expect(judgePair(hidden, [REASONING_WINS])?.agreement).toEqual({ 'reasoning wins': 0 });
  });

  it('knows responses of about equal length', () => {
    const lengths = (a: number, b: number) =>
      judgePair(pair('q', { response_a: 'x'.repeat(a), response_b: 'x'.repeat(b) }), []);
    expect(lengths(100, 80)?.isEqualLength).toBe(true);
    expect(lengths(79, 100)?.isEqualLength).toBe(false);
    expect(lengths(0, 0)?.isEqualLength).toBe(true);
  });

  it('counts queries, not pairs, when it says how sure it is', () => {
    const judge = (query: string) => judgePair(pair(query), [LONGER_WINS, SILENT]) ?? expect.fail();
    const many = Array.from({ length: 40 }, (_, i) => judge(`q${i % 4}`));
    const share = agreementOf(many, 'longer wins') ?? expect.fail();
    expect(share).toMatchObject({ mean: 1, n: 40, clusters: 4 });
    expect(share.low).toBeLessThan(0.5);
    expect(differenceOf(many, 'longer wins', 'silent')?.mean).toBe(0.5);
    expect(agreementOf(many, 'nobody')).toBeNull();
  });

  it('prints numbers and never a word of the pairs', () => {
    const secret = 'marmalade';
    const pairs = ['q1', 'q2', 'q3'].map(
      (query) =>
        judgePair(pair(`${query} ${secret}`, { response_a: secret.repeat(9) }), [LONGER_WINS]) ??
        expect.fail(),
    );
    const text = renderPairs('human', pairs);
    expect(text).toContain('| ours | 3 (3) |');
    expect(text).not.toContain(secret);
  });
});

describe('the meaning of the tables', () => {
  const judged = (source: string, n: number, answer: number, longer: number): JudgedPair[] =>
    Array.from({ length: n }, (_, i) => ({
      query: `${source} ${i}`,
      source,
      isEqualLength: false,
      agreement: { 'Assay, answer': i % 10 < 10 * answer ? 1 : 0, 'longer wins': longer },
      flips: [],
    }));

  it('says what is shown, what may be chance, and every miss', () => {
    const pairs = [...judged('fine', 300, 0.9, 0.5), ...judged('poor', 60, 0.1, 1)];
    const text = renderMeaning([{ file: 'human', pairs }], []);
    expect(text).toMatch(/in 77 \(\d+ to \d+\) of 100 pairs, more often than a coin/);
    expect(text).toContain('better than _longer wins_');
    expect(text).toContain(
      '**Miss**: on poor the answer score is worse than a coin and _longer wins_',
    );
    expect(text).not.toContain('on fine');
  });

  it('does not call chance an agreement', () => {
    const text = renderMeaning([{ file: 'human', pairs: judged('even', 20, 0.6, 0.5) }], []);
    expect(text).toContain('which may be chance');
    expect(text).toContain('not shown to differ from _longer wins_');
    expect(text).not.toContain('Miss');
  });
});

describe('a marked section', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-section-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is replaced in place and leaves the rest alone', () => {
    const path = join(folder, 'page.md');
    writeFileSync(path, '# Page\n');
    writeMarkedSection(path, 'numbers', 'one');
    writeFileSync(path, `${readFileSync(path, 'utf8')}\nAfter.\n`);
    writeMarkedSection(path, 'numbers', 'two');
    expect(readFileSync(path, 'utf8')).toBe(
      '# Page\n\n<!-- begin numbers -->\ntwo\n<!-- end numbers -->\n\nAfter.\n',
    );
  });
});
