import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildScorecard } from './build-scorecard.ts';
import { decideGate } from './gate.ts';
import { gatePolicy } from './gate-policy.ts';
import { exitCodeOf, type GateRequest, type GateResult, type ScoredCard } from './gate-verdict.ts';
import type { ScorecardItem, ScorecardMeta } from './scorecard.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function meta(version: string, more: Partial<ScorecardMeta> = {}): ScorecardMeta {
  return {
    agentId: 'linear',
    agentVersion: version,
    generatedAt: '2002-10-01T00:00:00Z',
    dataset: { reference: 'mail of 16-30 September' },
    methodology: 'label against predicted label',
    ...more,
  };
}

function scored(items: readonly ScorecardItem[], version: string): ScoredCard {
  return { card: buildScorecard(items, meta(version), hash), items };
}

/** n items: `right` where both are right, and the two kinds of discordant ones. */
function versions(
  n: number,
  right: number,
  onlyCandidate: number,
  onlyBaseline: number,
): { baseline: ScoredCard; candidate: ScoredCard } {
  const items = Array.from({ length: n }, (_, at) => {
    const both = at < right;
    const candidate = both || (at >= right && at < right + onlyCandidate);
    const baseline =
      both || (at >= right + onlyCandidate && at < right + onlyCandidate + onlyBaseline);
    return { id: `mail-${at}`, category: `c${at % 2}`, candidate, baseline };
  });
  const of = (pick: 'candidate' | 'baseline') =>
    items.map((item) => ({ id: item.id, category: item.category, score: Number(item[pick]) }));
  return { baseline: scored(of('baseline'), '1.0.0'), candidate: scored(of('candidate'), '1.1.0') };
}

function gate(request: Partial<GateRequest>): GateResult {
  return decideGate({ candidate: null, policy: gatePolicy(), firstRelease: false, ...request });
}

function codes(result: GateResult): readonly string[] {
  return result.reasons.map((reason) => reason.code);
}

describe('decideGate', () => {
  it.each([
    ['linear', 595, 86, 2, 0.7939, 0.9056],
    ['bayes', 676, 27, 5, 0.9056, 0.9348],
    ['nearest', 562, 101, 12, 0.7633, 0.8816],
  ])('passes the better %s of 752 mails', (_, right, gained, lost, before, after) => {
    const result = gate(versions(752, right, gained, lost));
    expect(result.verdict).toBe('passed');
    expect(result.metrics[0]?.discordant).toEqual({ onlyCandidate: gained, onlyBaseline: lost });
    expect(result.metrics[0]?.baseline).toBeCloseTo(before, 3);
    expect(result.metrics[0]?.candidate).toBeCloseTo(after, 3);
    expect(result.newlyPassing).toHaveLength(gained);
    expect(result.newlyFailing).toHaveLength(lost);
  });

  it('stops the same change the other way round', () => {
    const result = gate(versions(752, 595, 2, 86));
    expect(result.verdict).toBe('regressed');
    expect(exitCodeOf(result)).toBe(1);
    expect(codes(result)).toContain('regression');
  });

  it('is inconclusive when too few items tell', () => {
    const result = gate(versions(60, 48, 3, 4));
    expect(result.verdict).toBe('inconclusive');
    expect(exitCodeOf(result)).toBe(4);
  });

  it('tests floors on the lower bound unless the policy asks for the point', () => {
    const { candidate } = versions(752, 595, 86, 2);
    const floor = (test: 'point' | 'lower-bound') =>
      gate({
        candidate,
        firstRelease: true,
        policy: gatePolicy({ floors: { accuracy: { min: 0.9, test } } }),
      });
    expect(floor('point').verdict).toBe('passed');
    expect(floor('lower-bound').verdict).toBe('regressed');
    expect(codes(floor('lower-bound'))).toContain('floor-missed');
  });

  it('stops a category below its floor although the aggregate holds', () => {
    const items = Array.from({ length: 200 }, (_, at) => ({
      id: `i${at}`,
      category: at < 20 ? 'robot' : 'other',
      score: at < 15 ? 0 : 1,
    }));
    const result = gate({
      candidate: scored(items, '1.0.0'),
      firstRelease: true,
      policy: gatePolicy({ categoryFloors: { robot: { min: 0.5 }, absent: { min: 0.1 } } }),
    });
    expect(codes(result).filter((code) => code === 'category-floor-missed')).toHaveLength(2);
  });

  it('stops a category that fell although the whole rose', () => {
    const pair = versions(1000, 700, 0, 0);
    const change = (side: ScoredCard, robot: number, other: number, version: string) =>
      scored(
        (side.items ?? []).map((item, at) => ({
          ...item,
          category: at < 100 ? 'robot' : 'other',
          score: at < 100 ? Number(at < robot) : Number(at < other),
        })),
        version,
      );
    const result = gate({
      baseline: change(pair.baseline, 90, 700, '1.0.0'),
      candidate: change(pair.candidate, 40, 900, '1.1.0'),
    });
    expect(result.verdict).toBe('regressed');
    expect(codes(result)).toContain('category-regression');
    expect(codes(result)).not.toContain('regression');
  });

  it('refuses items that were trained on', () => {
    const pair = versions(752, 700, 50, 1);
    const result = gate({ ...pair, trainedOnItemIds: ['mail-3', 'mail-700', 'elsewhere'] });
    expect(result.verdict).toBe('not-comparable');
    expect(result.reasons[0]).toMatchObject({
      code: 'contaminated',
      names: ['mail-3', 'mail-700'],
    });
    expect(exitCodeOf(result)).toBe(3);
    const { card } = pair.candidate;
    const blind = gate({ ...pair, candidate: { card }, trainedOnItemIds: ['mail-3'] });
    expect(codes(blind)).toContain('overlap-unknown');
  });

  it('refuses a card that was edited', () => {
    const { baseline, candidate } = versions(100, 80, 10, 2);
    const { aggregate, results } = candidate.card;
    const edits: readonly ScoredCard[] = [
      { ...candidate, card: { ...candidate.card, aggregate: { ...aggregate, value: 99.9 } } },
      {
        items: candidate.items ?? [],
        card: {
          ...candidate.card,
          aggregate: {
            ...aggregate,
            value: 99,
            components: [{ metric: 'accuracy', value: 0.99, weight: 1 }],
          },
          results: {
            ...results,
            metrics: results.metrics.map((metric) => ({ ...metric, value: 0.99 })),
          },
        },
      },
    ];
    for (const edit of edits) {
      const result = gate({ baseline, candidate: edit });
      expect(codes(result)).toContain('not-recomputable');
      expect(exitCodeOf(result)).toBe(3);
    }
  });

  it('refuses cards that measure different things', () => {
    const { baseline, candidate } = versions(100, 80, 10, 2);
    const remade = (more: Partial<ScorecardMeta>, items = candidate.items ?? []): ScoredCard => ({
      card: buildScorecard(items, meta('1.1.0', more), hash),
      items,
    });
    const cases: readonly (readonly [ScoredCard, string])[] = [
      [remade({ agentId: 'bayes' }), 'other-agent'],
      [remade({ agentVersion: '1.0.0' }), 'version-order'],
      [remade({ agentVersion: '0.9.9' }), 'version-order'],
      [remade({ metrics: [{ name: 'within_one', weight: 1 }] }), 'other-metrics'],
      [remade({ dataset: { reference: 'other mail' } }), 'other-dataset'],
      [remade({ config: { ctx_size: 16384 } }), 'other-config'],
      [remade({}, (candidate.items ?? []).slice(1)), 'other-items'],
    ];
    for (const [other, code] of cases) {
      const result = gate({ baseline, candidate: other });
      expect(codes(result)).toContain(code);
      expect(result.verdict).toBe('not-comparable');
    }
  });

  it('wants a baseline or an explicit first release', () => {
    const { candidate } = versions(100, 80, 10, 2);
    expect(gate({ candidate }).verdict).toBe('missing');
    expect(exitCodeOf(gate({ candidate }))).toBe(3);
    expect(gate({}).reasons[0]?.code).toBe('candidate-missing');
    expect(gate({ candidate, firstRelease: true }).verdict).toBe('passed');
  });

  it('lets a regression pass on the record, but never a floor', () => {
    const override = { who: 'release manager', why: 'the old labels were wrong' };
    const pair = versions(752, 595, 2, 86);
    const result = gate({ ...pair, override });
    expect(result).toMatchObject({ verdict: 'regressed', mayRelease: true, override });
    const floors = { accuracy: { min: 0.99 } };
    const stopped = gate({ ...pair, override, policy: gatePolicy({ floors }) });
    expect(stopped.mayRelease).toBe(false);
    expect(stopped.override).toBeNull();
  });

  it('says which wins when a small drop is certain', () => {
    const result = gate(versions(20_000, 18_000, 0, 200));
    expect(result.verdict).toBe('passed');
    expect(codes(result)).toContain('drop-within-margin');
  });

  it('never passes what it stops the other way, and never depends on the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 10, maxLength: 60 }),
        (outcomes) => {
          const of = (at: 0 | 1) =>
            outcomes.map((pair, id) => ({ id: `i${id}`, score: Number(pair[at]) }));
          const forth = gate({
            baseline: scored(of(0), '1.0.0'),
            candidate: scored(of(1), '1.1.0'),
          });
          const turned = gate({
            baseline: scored(of(0).reverse(), '1.0.0'),
            candidate: scored(of(1), '1.1.0'),
          });
          expect(turned.verdict).toBe(forth.verdict);
          const back = gate({
            baseline: scored(of(1), '1.0.0'),
            candidate: scored(of(0), '1.1.0'),
          });
          expect(forth.verdict === 'regressed' && back.verdict === 'regressed').toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });
});
