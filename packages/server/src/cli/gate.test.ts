import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { buildScorecard, renderScorecard, type Scorecard } from '@assay/loop';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runGateCommand } from './gate.ts';
import type { GateOptions } from './gate-options.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

interface CardShape {
  version?: string;
  value?: number;
  aggregate?: unknown;
  run?: number;
  size?: number;
  ctx?: number;
  change?: (card: Record<string, Record<string, unknown>>) => void;
}

/** A card as the original test cards are: one metric, 10 of 100 cases run. */
function card(shape: CardShape): string {
  const { version = '0.2.4', value = 0.46, run = 10, size = 100 } = shape;
  const front = {
    schema_version: 1,
    agent: { name: 'test-agent', version },
    recipe: {
      dataset: { reference: 'cases.json', description: 'cases', size },
      methodology: 'run',
      config: { model: 'x' },
      environment: shape.ctx === undefined ? {} : { ctx_size: shape.ctx },
    },
    results: {
      test_cases_run: run,
      metrics: [{ name: 'category_accuracy', value, weight: 1 }],
    },
    aggregate: {
      name: 'accuracy',
      formula: 'mean',
      components: [{ metric: 'category_accuracy', value, weight: 1 }],
      value: 'aggregate' in shape ? shape.aggregate : Number((100 * value).toFixed(2)),
    },
  };
  shape.change?.(front as unknown as Record<string, Record<string, unknown>>);
  return `---\n${stringify(front)}---\n# card\n`;
}

/** A baseline of 84 that records how far three runs lay apart. */
function spread(stdev: number): CardShape {
  return {
    value: 0.84,
    change: (it) => {
      const variance = { n_runs: 3, category_accuracy: { n: 3, stdev } };
      Object.assign(it['recipe']?.['config'] ?? {}, { acceptance_variance: variance });
    },
  };
}

function weighted(...metrics: readonly (readonly [number, number])[]): CardShape {
  const named = (name: string) =>
    metrics.map(([value, weight], at) => ({ [name]: `m${at}`, value, weight }));
  const top = metrics.reduce((sum, [value, weight]) => sum + value * weight, 0);
  const bottom = metrics.reduce((sum, [, weight]) => sum + weight, 0);
  return {
    change: (it) => {
      Object.assign(it['results'] ?? {}, { metrics: named('name') });
      const value = Number(((100 * top) / bottom).toFixed(2));
      Object.assign(it['aggregate'] ?? {}, { components: named('metric'), value });
    },
  };
}

function narrow(it: Record<string, Record<string, unknown>>): void {
  const [metric] = (it['results']?.['metrics'] ?? []) as object[];
  Object.assign(metric ?? {}, {
    n: 10,
    ci_method: 'wilson',
    ci_level: 0.95,
    ci_low: 0.45,
    ci_high: 0.47,
  });
}

async function gate(
  files: Readonly<Record<string, string>>,
  options: GateOptions,
): Promise<{ code: number; out: string; err: string; written: ReadonlyMap<string, string> }> {
  const written = new Map<string, string>();
  let out = '';
  let err = '';
  const code = await runGateCommand(options, {
    readFile: async (path) => {
      const text = files[path];
      return text === undefined ? { kind: 'absent', reason: 'none' } : { kind: 'text', text };
    },
    hashFile: async (path) => (files[path] === undefined ? null : hash(files[path])),
    openRef: async () => ({ kind: 'unknown', reason: 'no repository' }),
    writeFile: async (path, text) => {
      written.set(path, text);
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

function compare(base: CardShape, candidate: CardShape, more: GateOptions = {}) {
  // The rule of the point value, as these cards were made for it.
  const p = 'withoutItems: point';
  const files = { b: card({ version: '0.2.3', ...base }), c: card(candidate), p };
  return gate(files, { scorecard: 'c', baselineFile: 'b', policy: 'p', ...more });
}

describe('assay gate', () => {
  it.each<[string, CardShape, CardShape, number]>([
    ['a fall of 9 points', { value: 0.55 }, {}, 1],
    ['no change', {}, {}, 0],
    ['a rise', {}, { value: 0.55 }, 0],
    ['a drop in the noise', {}, { value: 0.4599 }, 0],
    ['within the margin', { value: 0.84 }, { value: 0.83 }, 0],
    ['beyond the margin', { value: 0.84 }, { value: 0.8 }, 1],
    ['equal context', { ctx: 16384 }, { ctx: 16384 }, 0],
    ['another context', { ctx: 16384 }, { ctx: 32768 }, 3],
    ['a dropped context stamp', { value: 0.84, ctx: 16384 }, { value: 0.1 }, 3],
    ['a baseline without the stamp', { value: 0.84 }, { value: 0.6, ctx: 16384 }, 3],
    ['an edited aggregate', {}, { aggregate: 99 }, 3],
    ['a value above 1', {}, { value: 1.5 }, 3],
    ['more cases than there are', {}, { run: 500, size: 10 }, 3],
    ['an older candidate', {}, { version: '0.2.2' }, 3],
    ['the same version', {}, { version: '0.2.3' }, 3],
    ['schema version 99', {}, { change: (it) => Object.assign(it, { schema_version: 99 }) }, 3],
    [
      'a version that is a number',
      {},
      { change: (it) => Object.assign(it['agent'] ?? {}, { version: 0.3 }) },
      3,
    ],
    [
      'a baseline without config',
      { change: (it) => Object.assign(it['recipe'] ?? {}, { config: null }) },
      {},
      3,
    ],
    ['no components', {}, { change: (it) => delete it['aggregate']?.['components'] }, 3],
    ['an aggregate that is text', {}, { aggregate: '46.0' }, 3],
    ['an aggregate that is true', {}, { aggregate: true }, 3],
    ['an aggregate that is null', {}, { aggregate: null }, 3],
    ['an infinite aggregate', {}, { aggregate: Number.POSITIVE_INFINITY }, 3],
  ])('judges %s', async (_, base, candidate, code) => {
    const result = await compare(base, candidate);
    expect([result.code, result.out + result.err]).toEqual([code, expect.anything()]);
  });

  // What the original decides rightly, under its own rule: any drop beyond the noise of reruns.
  it.each<[string, CardShape, CardShape, number, string]>([
    ['55 to 46', { value: 0.55 }, {}, 1, ''],
    ['equal', {}, {}, 0, ''],
    ['better', {}, { value: 0.55 }, 0, ''],
    ['a drop of a hundredth of a point', {}, { value: 0.4599 }, 1, ''],
    ['within one deviation of reruns', spread(0.02), { value: 0.83 }, 0, ''],
    ['on the edge of one deviation', spread(0.02), { value: 0.82 }, 0, ''],
    ['beyond one deviation', spread(0.02), { value: 0.8 }, 1, ''],
    ['within two deviations', spread(0.02), { value: 0.81 }, 0, 'rerunFactor: 2'],
    ['44 points, hidden by a wild spread', spread(0.5), { value: 0.4 }, 1, ''],
    ['a spread of nothing', spread(0), { value: 0.8399 }, 1, ''],
  ])('judges by the point: %s', async (_, base, candidate, code, more) => {
    const p = `withoutItems: point\nmargin: 0\nminItems: 1\n${more}`;
    const files = { b: card({ version: '0.2.3', ...base }), c: card(candidate), p };
    const result = await gate(files, { scorecard: 'c', baselineFile: 'b', policy: 'p' });
    expect([result.code, result.out + result.err]).toEqual([code, expect.anything()]);
  });

  it.each<[string, CardShape, CardShape]>([
    ['44 points, hidden by a wild spread', { ...spread(0.5), run: 100 }, { value: 0.4, run: 100 }],
    ['one case of 299', { run: 299, size: 299 }, { run: 1, size: 299 }],
    ['a negative weight', {}, weighted([0.9, 2], [0.1, -1])],
    ['a value below 0', {}, { value: -0.2 }],
    ['a drop that the interval shows', { value: 0.8, run: 100 }, { value: 0.6, run: 100 }],
    ['a narrow interval that somebody wrote', {}, { change: (it) => narrow(it) }],
  ])('stops by default: %s', async (_, base, candidate) => {
    const files = { b: card({ version: '0.2.3', ...base }), c: card(candidate) };
    const result = await gate(files, { scorecard: 'c', baselineFile: 'b' });
    expect([result.code, result.out + result.err]).not.toEqual([0, expect.anything()]);
    expect(result.out + result.err).toMatch(/[a-z]{3}/);
  });

  it('has codes for usage, for what is missing and for what cannot be read', async () => {
    expect((await gate({}, {})).code).toBe(2);
    expect(
      (await gate({ c: card({}) }, { scorecard: 'c', baselineFile: 'b', firstRelease: true })).code,
    ).toBe(2);
    expect(
      (await gate({ c: card({}) }, { scorecard: 'c', firstRelease: true, minAggregate: 'x' })).code,
    ).toBe(2);
    expect((await gate({ c: card({}), p: 'margn: 1' }, { scorecard: 'c', policy: 'p' })).code).toBe(
      2,
    );
    expect((await gate({}, { scorecard: 'c', firstRelease: true })).code).toBe(3);
    expect((await gate({ c: card({}) }, { scorecard: 'c' })).code).toBe(3);
    for (const text of ['', 'garbage', '---\na: b\n', '---\n[\n---\n', '{"card":']) {
      expect((await gate({ c: text }, { scorecard: 'c', firstRelease: true })).code).toBe(3);
    }
    expect((await gate({ c: card({}) }, { scorecard: 'c', firstRelease: true })).code).toBe(0);
  });

  it('tests the bar on the aggregate', async () => {
    const bar = (value: number) =>
      gate({ c: card({ value }) }, { scorecard: 'c', firstRelease: true, minAggregate: '80' });
    expect([(await bar(0.75)).code, (await bar(0.8)).code, (await bar(0.83)).code]).toEqual([
      1, 0, 0,
    ]);
  });

  it('takes CRLF and a byte order mark, and lets an override pass on the record', async () => {
    const files = { c: `\ufeff${card({}).replaceAll('\n', '\r\n')}` };
    expect((await gate(files, { scorecard: 'c', firstRelease: true })).code).toBe(0);
    const override = {
      allowRegression: true,
      by: 'release manager',
      reason: 'labels were wrong',
    };
    const passed = await compare({ value: 0.55 }, {}, override);
    expect(passed.code).toBe(0);
    expect(passed.out).toContain('labels were wrong');
  });

  it('reads back the card that it renders, and gives JSON', async () => {
    const items = Array.from({ length: 100 }, (_, at) => ({
      id: `i${at}`,
      score: Number(at < 83),
    }));
    const made: Scorecard = buildScorecard(
      items,
      {
        agentId: 'triage',
        agentVersion: '1.0.0',
        generatedAt: '2026-01-01T00:00:00Z',
        dataset: { reference: 'mail' },
        methodology: 'no: yes',
      },
      hash,
    );
    const files = { c: renderScorecard(made), j: JSON.stringify({ card: made, items }) };
    for (const scorecard of ['c', 'j']) {
      const { code, out } = await gate(files, { scorecard, firstRelease: true, json: true });
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ verdict: 'passed', aggregate: { candidate: 83 } });
    }
  });

  it('keeps terminal escapes of a card off the terminal', async () => {
    const hostile = card({
      change: (it) => Object.assign(it['agent'] ?? {}, { name: 'x\u001b[2Jy' }),
    });
    const { out, err } = await gate(
      { c: hostile, b: card({ version: '0.2.3' }) },
      { scorecard: 'c', baselineFile: 'b' },
    );
    expect(out + err).not.toContain('\u001b');
  });
});

const REAL = new URL('../../../../../shared/data/gate/gaia-email/', import.meta.url);

describe.skipIf(!existsSync(REAL))('real cards (needs the shared data)', () => {
  const names = existsSync(REAL) ? readdirSync(REAL).sort() : [];
  const text = (number: number): string => {
    const name = names.find((one) => one.startsWith(String(number).padStart(2, '0'))) ?? '';
    return readFileSync(new URL(name, REAL), 'utf8');
  };

  it('reads all of them', async () => {
    for (let number = 1; number <= 15; number += 1) {
      const { code, err } = await gate({ c: text(number) }, { scorecard: 'c', firstRelease: true });
      expect([number, code, err]).toEqual([number, 0, '']);
    }
  });

  it.each([
    [1, 2, 'the same version', 3],
    [2, 3, 'the same version, relabelled', 3],
    [3, 4, 'the same version', 3],
    [4, 5, 'the same version, four times the cases', 3],
    [5, 6, 'the same corpus: 42 after 46 of 100 tells nothing', 4],
    [6, 7, 'another metric under the same formula', 3],
    [7, 8, 'the same version', 3],
    [8, 9, 'another corpus', 3],
    [9, 10, 'the same version', 3],
    [10, 11, 'the same version', 3],
    [11, 12, 'the same version', 3],
    [12, 13, '25 cases with 100.0 after 249', 3],
    [13, 14, '25 cases are no baseline for 250', 3],
    [14, 15, 'the same version', 3],
  ])('from card %d to %d: %s', async (before, after, _, code) => {
    const { code: found, out } = await gate(
      { b: text(before), c: text(after) },
      { scorecard: 'c', baselineFile: 'b' },
    );
    expect([found, out]).toEqual([code, expect.anything()]);
  });
});
