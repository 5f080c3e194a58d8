import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from '../record/canonical-json.ts';
import { aggregateOf } from './aggregate.ts';
import { buildScorecard } from './build-scorecard.ts';
import { escapeMarkdown, fencedBlock } from './escape-markdown.ts';
import { readFrontMatter, splitFrontMatter } from './read-card.ts';
import { renderScorecard } from './render-markdown.ts';
import type { ScorecardItem, ScorecardMeta } from './scorecard.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const META: ScorecardMeta = {
  agentId: 'linear',
  agentVersion: '1.0.0',
  generatedAt: '2002-10-01T00:00:00Z',
  dataset: { reference: 'mail', size: 300 },
  methodology: 'label against predicted label',
};

const GAIA = new URL('../../../../../shared/vectors/gaia_scorecard.json', import.meta.url);

interface GaiaVectors {
  readonly compute_aggregate: readonly {
    readonly id: string;
    readonly metrics: readonly { name: string; value: number; weight?: number }[];
    readonly value?: number;
    readonly error?: string;
  }[];
  readonly validate: readonly { readonly removed?: string; readonly errors: readonly string[] }[];
  readonly example_card_front_matter: Record<string, unknown>;
}

function gaia(): GaiaVectors {
  return JSON.parse(readFileSync(GAIA, 'utf8')) as GaiaVectors;
}

function items(n: number, right: number): readonly ScorecardItem[] {
  return Array.from({ length: n }, (_, at) => ({
    id: `i${String(at).padStart(4, '0')}`,
    category: at % 2 === 0 ? 'even' : 'odd',
    score: at < right ? 1 : 0,
    expected: 'spam',
    predicted: at < right ? 'spam' : 'good',
  }));
}

describe('canonicalJson', () => {
  it('writes equal values as equal text, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      }),
    );
    expect(canonicalJson({ b: 1, a: [2, null], '\u20ac': 1e21, z: undefined })).toBe(
      '{"a":[2,null],"b":1,"\u20ac":1e+21}',
    );
  });

  it('refuses what has no canonical form', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(RangeError);
    expect(() => canonicalJson('\ud800')).toThrow(RangeError);
  });
});

describe('buildScorecard', () => {
  it('gives the golden Wilson interval and a recomputable aggregate', () => {
    const card = buildScorecard(items(250, 211), META, hash);
    const [metric] = card.results.metrics;
    expect(metric?.interval.low).toBeCloseTo(0.793854, 6);
    expect(metric?.interval.high).toBeCloseTo(0.883734, 6);
    expect(card.aggregate.value).toBe(84.4);
    expect(aggregateOf(card.aggregate.components)).toBe(card.aggregate.value);
    expect(card.results.perCategory.map(({ category, n }) => [category, n])).toEqual([
      ['even', 125],
      ['odd', 125],
    ]);
    expect(card.results.confusion).toEqual({
      labels: ['good', 'spam'],
      rows: [
        [0, 0],
        [39, 211],
      ],
    });
  });

  it('does not depend on the order of the items', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...items(20, 13)], { minLength: 20 }), (shuffled) => {
        expect(buildScorecard(shuffled, META, hash)).toEqual(
          buildScorecard(items(20, 13), META, hash),
        );
      }),
    );
  });

  it('counts failures as 0 and neither infrastructure nor unscored items', () => {
    const card = buildScorecard(
      [
        { id: 'a', score: 1 },
        { id: 'b', score: null, status: 'failed' },
        { id: 'c', score: null, status: 'infrastructure' },
        { id: 'd', score: null },
        { id: 'e', score: 0, status: 'skipped' },
      ],
      META,
      hash,
    );
    expect(card.results.metrics[0]).toMatchObject({ n: 2, value: 0.5 });
    expect(card.results.counts).toEqual({
      total: 5,
      run: 3,
      scored: 1,
      failed: 1,
      infrastructure: 1,
      unscored: 1,
      skipped: 1,
    });
  });

  it('widens the interval for families of items', () => {
    const grouped = items(100, 50).map((item, at) => ({
      ...item,
      cluster: `t${Math.floor(at / 10)}`,
    }));
    const alone = buildScorecard(items(100, 50), META, hash).results.metrics[0]?.interval;
    const clustered = buildScorecard(grouped, META, hash).results.metrics[0]?.interval;
    expect(clustered?.method).toBe('wilson-clustered');
    expect((clustered?.high ?? 0) - (clustered?.low ?? 0)).toBeGreaterThan(
      2 * ((alone?.high ?? 0) - (alone?.low ?? 0)),
    );
  });

  it('sees what an item is, and what it scored, in different digests', () => {
    const before = buildScorecard(items(20, 13), META, hash).digests;
    const better = buildScorecard(items(20, 14), META, hash).digests;
    expect(better.items).toBe(before.items);
    expect(better.results).not.toBe(before.results);
    const relabelled = items(20, 13).map((item, at) =>
      at === 3 ? { ...item, expected: 'good' } : item,
    );
    expect(buildScorecard(relabelled, META, hash).digests.items).not.toBe(before.items);
  });

  it.each([
    [[{ id: 'a', score: 1.5 }]],
    [[{ id: 'a', score: Number.NaN }]],
    [
      [
        { id: 'a', score: 1 },
        { id: 'a', score: 0 },
      ],
    ],
    [[{ id: 'a', score: null }]],
  ])('refuses %j', (bad) => {
    expect(() => buildScorecard(bad, META, hash)).toThrow(RangeError);
  });
});

describe('renderScorecard', () => {
  it('lets hostile text do nothing', () => {
    const hostile =
      '</td><script>alert(1)</script> | [x](javascript:y) `` \u202e\u001b[31m\n# no @all';
    const card = buildScorecard(
      items(20, 13).map((item) => ({ ...item, category: hostile, expected: hostile })),
      { ...META, agentName: hostile, methodology: hostile, reproduction: ['echo ```', 'ls'] },
      hash,
    );
    const text = renderScorecard(card);
    const body = splitFrontMatter(text)?.body ?? '';
    expect(body).not.toContain('<script');
    expect(body).not.toMatch(/[\u202e]|\p{Cc}(?<!\n)/u);
    expect(body).not.toContain('](javascript:');
    expect(body).not.toContain('@all');
    expect(body.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
    expect(body).toContain('````sh\necho ```\nls\n````');
  });

  it('closes its front matter even when a text holds a rule', () => {
    const card = buildScorecard(items(20, 13), { ...META, methodology: 'a\n---\nb' }, hash);
    expect(splitFrontMatter(renderScorecard(card))?.yaml).toContain('methodology: "a\\n---\\nb"');
  });

  it('escapes for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeMarkdown(text)).not.toMatch(/[<>\n]|(?<!\\)[|`]|[\p{Cc}\p{Cf}]/u);
        expect(fencedBlock(text, '').split('\n').at(-1)).toMatch(/^`{3,}$/);
      }),
    );
  });
});

describe.skipIf(!existsSync(GAIA))('cards of the original (needs the shared vectors)', () => {
  it('computes the aggregates', () => {
    for (const { id, metrics, value } of gaia().compute_aggregate) {
      // JSON has no NaN: the vector writes it as text.
      if (id === 'nan') continue;
      const components = metrics.map(({ name, value: share, weight }) => ({
        metric: name,
        value: share,
        weight: weight ?? 1,
      }));
      expect([id, aggregateOf(components)]).toEqual([id, value ?? null]);
    }
  });

  it('reads the real card and names every missing field', () => {
    const card = gaia().example_card_front_matter;
    const reading = readFrontMatter(card);
    expect(reading).toMatchObject({ kind: 'card', card: { aggregate: { value: 84.53 } } });
    for (const { removed, errors } of gaia().validate) {
      if (removed === undefined) continue;
      const broken = JSON.parse(JSON.stringify(card)) as Record<string, unknown>;
      const path = removed.split('.');
      let parent: Record<string, unknown> = broken;
      for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
      delete parent[path.at(-1) ?? ''];
      const found = readFrontMatter(broken);
      for (const error of errors) {
        expect(found.kind === 'invalid' ? found.errors : []).toContain(error);
      }
    }
  });
});
