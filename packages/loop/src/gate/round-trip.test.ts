import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildScorecard } from './build-scorecard.ts';
import { frontMatterOf } from './front-matter.ts';
import {
  readFrontMatter,
  readScorecardJson,
  scorecardJson,
  splitFrontMatter,
} from './read-card.ts';
import { renderScorecard } from './render-markdown.ts';
import type { Scorecard } from './scorecard.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((one) => one.isWellFormed());
const share = fc
  .double({ min: 0, max: 1, noNaN: true })
  .map((one) => (Object.is(one, -0) ? 0 : one));
const item = fc.record(
  {
    category: fc.constantFrom('a', 'b: c', 'no'),
    cluster: fc.constantFrom('x', 'y', 'z'),
    score: fc.oneof(share, fc.constantFrom(0, 1)),
    metrics: fc.record({ second: fc.option(share) }),
    expected: fc.constantFrom('yes', 'no'),
    predicted: fc.constantFrom('yes', 'no', '---'),
    latencyMs: fc.option(fc.integer({ min: 0, max: 9_999 })),
    costUsd: fc.option(share),
  },
  { requiredKeys: ['score', 'metrics'] },
);

/** Any card that can be made. */
const cards: fc.Arbitrary<Scorecard> = fc
  .record({
    items: fc.array(item, { minLength: 2, maxLength: 20 }),
    name: text,
    setting: text,
    description: fc.option(text, { nil: undefined }),
    commands: fc.array(text, { maxLength: 3 }),
    reruns: fc.option(
      fc.record({ runs: fc.integer({ min: 2, max: 9 }), standardDeviation: share }),
      {
        nil: undefined,
      },
    ),
    scorer: fc.option(fc.record({ id: text, version: text, digest: fc.option(text) }), {
      nil: undefined,
    }),
    declaredDigest: fc.option(text, { nil: undefined }),
  })
  .map(({ items, name, setting, description, commands, reruns, scorer, declaredDigest }) =>
    buildScorecard(
      [
        { id: 'first', score: 1, metrics: { second: 0.5 } },
        ...items.map((one, at) => ({ ...one, id: `i${at}` })),
      ],
      {
        agentId: name,
        agentVersion: '1.2.3',
        generatedAt: '2026-01-01T00:00:00Z',
        dataset: {
          reference: name,
          size: 50,
          ...(description === undefined ? {} : { description }),
        },
        methodology: setting,
        config: { setting, nested: { list: [setting, 1e-7, null, true] } },
        environment: { [setting]: 1 },
        reproduction: commands,
        metrics: [
          { name: 'first', weight: 2 },
          { name: 'second', weight: 1 },
        ],
        subject: [{ name: 'agent.tgz', sha256: hash(name) }],
        ...(reruns === undefined ? {} : { reruns: { second: reruns } }),
        ...(scorer === undefined ? {} : { scorer }),
        ...(declaredDigest === undefined ? {} : { declaredDigest }),
      },
      hash,
    ),
  );

describe('a card that was written and read', () => {
  it('is the same card, by Markdown and by JSON', () => {
    fc.assert(
      fc.property(cards, (card) => {
        const yaml = splitFrontMatter(renderScorecard(card))?.yaml ?? '';
        expect(readFrontMatter(parse(yaml))).toEqual({ kind: 'card', card });
        const json = scorecardJson(card);
        expect(readScorecardJson(JSON.parse(json))).toEqual({ kind: 'card', card });
        expect(scorecardJson(JSON.parse(json) as Scorecard)).toBe(json);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused when something is missing, mistyped or not known', () => {
    fc.assert(
      fc.property(cards, (card) => {
        const value = JSON.parse(scorecardJson(card)) as Record<string, unknown>;
        for (const key of Object.keys(value)) {
          const { [key]: _gone, ...rest } = value;
          expect(readScorecardJson(rest).kind).toBe('invalid');
        }
        expect(readScorecardJson({ ...value, surprise: 1 }).kind).toBe('invalid');
        expect(readScorecardJson({ ...value, subject: 'all' }).kind).toBe('invalid');
      }),
      { numRuns: 30 },
    );
    for (const value of [null, 1, 'card', [], {}, { agent: null }]) {
      expect(readScorecardJson(value).kind).toBe('invalid');
    }
  });

  it('keeps what readers of schema_version 1 look for', () => {
    const matter = frontMatterOf(fc.sample(cards, { numRuns: 1, seed: 1 })[0] as Scorecard);
    expect(matter).toMatchObject({
      schema_version: 1,
      results: { test_cases_run: expect.any(Number) },
    });
  });
});
