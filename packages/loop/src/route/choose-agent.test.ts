import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addOutcome, createEvidence, type Evidence } from '../learn/evidence.ts';
import { seededRandom } from '../stats/bootstrap.ts';
import { chooseAgent, type RoutingChoice } from './choose-agent.ts';
import { createPolicy, type RoutingPolicySettings } from './policy.ts';
import { inverseGapProbabilities, vectorOf } from './probabilities.ts';
import { replayDecision } from './replay.ts';
import type { RoutingRequest } from './request.ts';
import { createVectorCache, refreshProbabilities } from './vector-cache.ts';

const hash = (text: string): string => `${text.length}${text.replace(/[^a-z0-9]/g, '')}`;
const policyOf = (settings: Partial<RoutingPolicySettings> = {}) => createPolicy(settings, hash);
const AGENTS = ['rules', 'bayes', 'linear', 'nearest'];
const REQUEST: RoutingRequest = {
  taskType: 'triage',
  taskKind: 'plain-short',
  candidates: AGENTS.map((agentId) => ({ agentId, agentVersion: '1' })),
};

function learn(
  evidence: Evidence,
  agentId: string,
  rewards: readonly number[],
  taskKind = 'plain-short',
): void {
  for (const quality of rewards) {
    addOutcome(evidence, {
      agentId,
      agentVersion: '1',
      taskType: 'triage',
      taskKind,
      success: quality >= 0.5,
      quality,
      latencyMs: 10,
      costUsd: 0.01,
      tokens: null,
      timestampMs: 1000 + evidence.sequence,
      countsRun: true,
    });
  }
}

function rates(successes: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => (i < successes ? 1 : 0));
}

function chosen(result: ReturnType<typeof chooseAgent>): RoutingChoice {
  if (result.outcome !== 'chosen') throw new Error(result.primaryReason);
  return result;
}

describe('chooseAgent', () => {
  it('explains the best agent with its numbers and logs an exact, replayable propensity', () => {
    const evidence = createEvidence();
    learn(evidence, 'rules', rates(102, 120));
    learn(evidence, 'linear', rates(30, 60));
    const policy = policyOf();
    const choice = chosen(chooseAgent(REQUEST, policy, evidence, 0.01));
    expect(choice.selectedAgentId).toBe('rules');
    expect(choice.primaryReason).toBe(
      'Best success rate for triage/plain-short (85% of 120, 95% interval 78-90%)',
    );
    expect(choice.routingStrategy).toBe('multi-armed-bandit');
    expect(choice.evidenceWatermark).toBe(180);
    const mine = choice.candidateAgents.find((one) => one.agentId === 'rules');
    expect(mine?.probability).toBe(choice.propensity);
    const logged = JSON.parse(
      JSON.stringify(choice.candidateAgents),
    ) as RoutingChoice['candidateAgents'];
    expect(replayDecision(policy, logged)).toMatchObject({ agrees: true });
    const last = chosen(chooseAgent(REQUEST, policy, evidence, 0.999999));
    expect(last.primaryReason).toContain(
      'Exploring nearest for triage/plain-short (no runs of its own',
    );
  });

  it('gives a reason for every exclusion and never chooses an excluded agent', () => {
    const evidence = createEvidence();
    const request: RoutingRequest = {
      taskType: 't',
      requirements: ['sql'],
      inputTokens: 5000,
      budgetUsd: 0.1,
      allowedAgents: ['a', 'b', 'c', 'd', 'e'],
      candidates: [
        { agentId: 'a', capabilities: ['sql'] },
        { agentId: 'b', capabilities: [] },
        { agentId: 'c', capabilities: ['sql'], contextWindowTokens: 4000 },
        { agentId: 'd', capabilities: ['sql'], costEstimateUsd: 0.5 },
        { agentId: 'e', capabilities: ['sql'], isCircuitOpen: true },
        { agentId: 'f', capabilities: ['sql'] },
      ],
    };
    const choice = chosen(chooseAgent(request, policyOf(), evidence, 0.9));
    expect(choice.selectedAgentId).toBe('a');
    expect(choice.assignment).toBe('single-candidate');
    expect(choice.propensity).toBe(1);
    expect(choice.explorable).toBe(false);
    const reasons = choice.candidateAgents.map((one) => one.ineligibleReason);
    expect(reasons.filter((reason) => reason !== null)).toHaveLength(5);
    expect(reasons.join()).toMatch(/lacks sql.*context window.*budget.*circuit open.*allow-list/s);
    const none = chooseAgent({ ...request, allowedAgents: ['b'] }, policyOf(), evidence, 0.5);
    expect(none.outcome).toBe('none-eligible');
    expect(none.primaryReason).toContain('b lacks sql');
  });

  it('keeps a session with its first agent at the propensity of the first decision', () => {
    const evidence = createEvidence();
    const sticky = { agentId: 'linear', agentVersion: '1', decisionId: 'd1', propensity: 0.07 };
    const choice = chosen(chooseAgent({ ...REQUEST, sticky }, policyOf(), evidence, 0.5));
    expect(choice).toMatchObject({
      selectedAgentId: 'linear',
      propensity: 0.07,
      assignment: 'sticky',
      explorable: false,
      parentDecisionId: 'd1',
      draw: null,
    });
    const gone = { ...sticky, agentVersion: '0' };
    expect(
      chosen(chooseAgent({ ...REQUEST, sticky: gone }, policyOf(), evidence, 0.5)).assignment,
    ).toBe('fresh');
    const forced = chosen(
      chooseAgent({ ...REQUEST, forcedAgentId: 'nearest' }, policyOf(), evidence, 0),
    );
    expect(forced).toMatchObject({
      selectedAgentId: 'nearest',
      assignment: 'forced',
      propensity: 1,
    });
    expect(chooseAgent({ ...REQUEST, forcedAgentId: 'x' }, policyOf(), evidence, 0).outcome).toBe(
      'none-eligible',
    );
  });

  it('learns from success alone when nobody scores quality', () => {
    const evidence = createEvidence();
    const base = {
      agentVersion: '1',
      taskType: 'triage',
      taskKind: 'plain-short',
      latencyMs: null,
      costUsd: null,
      tokens: null,
      timestampMs: 1,
      countsRun: true,
    };
    // A failed run carries quality 0 by convention; that must not condemn the better agent.
    for (let i = 0; i < 100; i++) {
      addOutcome(evidence, {
        ...base,
        agentId: 'rules',
        success: i > 4,
        quality: i > 4 ? null : 0,
      });
      addOutcome(evidence, {
        ...base,
        agentId: 'linear',
        success: i > 50,
        quality: i > 50 ? null : 0,
      });
    }
    const choice = chosen(chooseAgent(REQUEST, policyOf(), evidence, 0));
    const mean = (id: string) =>
      choice.candidateAgents.find((one) => one.agentId === id)?.meanScore;
    expect(mean('rules')).toBeGreaterThan(0.9);
    expect(mean('linear')).toBeLessThan(0.55);
  });

  it('weighs cost before probabilities are made', () => {
    const evidence = createEvidence();
    learn(evidence, 'rules', rates(90, 100));
    learn(evidence, 'bayes', rates(90, 100));
    const request = {
      ...REQUEST,
      candidates: [
        { agentId: 'rules', agentVersion: '1', costEstimateUsd: 0.2 },
        { agentId: 'bayes', agentVersion: '1', costEstimateUsd: 0.01 },
      ],
    };
    const policy = policyOf({ valuePerQualityUnitUsd: 1 });
    const choice = chosen(chooseAgent(request, policy, evidence, 0.5));
    expect(choice.selectedAgentId).toBe('bayes');
    expect(choice.propensity).toBeGreaterThan(0.95);
    expect(replayDecision(policy, choice.candidateAgents)?.agrees).toBe(true);
  });

  it('honours fixed weights, capability match and load balance', () => {
    const evidence = createEvidence();
    const fixed = policyOf({ strategy: 'fixed', weights: { rules: 3, bayes: 1 }, floor: 0 });
    const choice = chosen(chooseAgent(REQUEST, fixed, evidence, 0.5));
    expect(choice.propensity).toBeCloseTo(0.75, 5);
    expect(choice.candidateAgents.filter((one) => one.eligible === false)).toHaveLength(2);
    const match = chosen(
      chooseAgent(
        {
          taskType: 't',
          requirements: ['sql'],
          candidates: [
            { agentId: 'generalist', capabilities: ['sql', 'css', 'law'] },
            { agentId: 'specialist', capabilities: ['sql'] },
          ],
        },
        policyOf({ strategy: 'capability-match' }),
        evidence,
        0.5,
      ),
    );
    expect(match.selectedAgentId).toBe('specialist');
    expect(match.routingStrategy).toBe('capability-match');
    const balanced = chosen(
      chooseAgent(
        {
          taskType: 't',
          candidates: [
            { agentId: 'a', load: 0.9 },
            { agentId: 'b', load: 0.1 },
          ],
        },
        policyOf({ strategy: 'load-balance', floor: 0 }),
        evidence,
        0.5,
      ),
    );
    expect(balanced.selectedAgentId).toBe('b');
    expect(balanced.propensity).toBeCloseTo(0.9, 5);
  });

  it('names a setting that is out of range', () => {
    expect(() => policyOf({ floor: 2 })).toThrow('floor must be between 0 and 1, not 2');
    expect(policyOf({ floor: 0.02 }).policyVersion).toBe(policyOf({ floor: 0.02 }).policyVersion);
  });
});

describe('probability vectors', () => {
  const scored = fc.array(
    fc.record({
      a: fc.double({ min: 1, max: 500, noNaN: true }),
      b: fc.double({ min: 1, max: 500, noNaN: true }),
      cost: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 2, maxLength: 7 },
  );

  it.each(['thompson', 'inverse-gap', 'load-balance', 'capability-match'] as const)(
    '%s sums to 1 and keeps every agent above the floor',
    (strategy) => {
      fc.assert(
        fc.property(scored, fc.double({ min: 0, max: 0.5, noNaN: true }), (arms, floor) => {
          const policy = policyOf({ strategy, floor, valuePerQualityUnitUsd: 2 });
          const p = vectorOf(
            policy,
            arms.map(({ a, b, cost }, k) => ({
              agentId: String(k),
              meanScore: a / (a + b),
              sd: Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1))),
              n: a + b,
              costEstimateUsd: cost,
              capabilityScore: cost,
              loadScore: cost,
            })),
          );
          expect(p.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
          for (const x of p) {
            expect(x).toBeGreaterThan(0);
            expect(x).toBeGreaterThanOrEqual((floor / arms.length) * (1 - 1e-9));
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it('inverse-gap follows the formula and is monotone in the gap', () => {
    const p = inverseGapProbabilities([0.62, 0.57, 0.55], 300);
    expect(p[0]).toBeCloseTo(0.90277778, 8);
    expect(p[1]).toBeCloseTo(0.05555556, 8);
    expect(p[2]).toBeCloseTo(0.04166667, 8);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 9 }),
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        (utilities, gamma) => {
          const q = inverseGapProbabilities(utilities, gamma);
          expect(q.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
          utilities.forEach((y, i) => {
            utilities.forEach((z, j) => {
              if (y < z) expect(q[i] ?? 1).toBeLessThanOrEqual((q[j] ?? 0) + 1e-12);
            });
          });
        },
      ),
    );
  });

  it('draws agents as often as it says', () => {
    const evidence = createEvidence();
    learn(evidence, 'rules', rates(18, 20));
    learn(evidence, 'bayes', rates(17, 20));
    const policy = policyOf();
    const cache = createVectorCache();
    const random = seededRandom(5);
    const counts = new Map<string, number>();
    let propensity = 0;
    for (let i = 0; i < 20_000; i++) {
      const choice = chosen(chooseAgent(REQUEST, policy, evidence, random(), { cache }));
      counts.set(choice.selectedAgentId, (counts.get(choice.selectedAgentId) ?? 0) + 1);
      if (choice.selectedAgentId === 'bayes') propensity = choice.propensity;
    }
    const share = (counts.get('bayes') ?? 0) / 20_000;
    expect(Math.abs(share - propensity)).toBeLessThan(4 * Math.sqrt(propensity / 20_000));
  });
});

describe('cached vectors', () => {
  it('answer from the cache until refreshed, and say which evidence they used', () => {
    const evidence = createEvidence();
    learn(evidence, 'rules', rates(190, 200));
    const policy = policyOf();
    const cache = createVectorCache();
    const options = { cache, nowMs: 0 };
    chooseAgent(REQUEST, policy, evidence, 0.5, options);
    expect(refreshProbabilities(cache, evidence, 0)).toBe(0);
    learn(evidence, 'bayes', rates(2, 2));
    const stale = chosen(chooseAgent(REQUEST, policy, evidence, 0.5, options));
    expect(stale.evidenceWatermark).toBe(200);
    expect(refreshProbabilities(cache, evidence, 0)).toBe(1);
    expect(chosen(chooseAgent(REQUEST, policy, evidence, 0.5, options)).evidenceWatermark).toBe(
      202,
    );
    learn(evidence, 'bayes', rates(1, 1));
    expect(refreshProbabilities(cache, evidence, 0)).toBe(0);
    expect(refreshProbabilities(cache, evidence, 1000)).toBe(1);
  });

  it('never fall far behind even when nobody refreshes them', () => {
    const evidence = createEvidence();
    const cache = createVectorCache();
    const policy = policyOf();
    chooseAgent(REQUEST, policy, evidence, 0.5, { cache, nowMs: 0 });
    learn(evidence, 'rules', rates(50, 50));
    const choice = chosen(chooseAgent(REQUEST, policy, evidence, 0.5, { cache, nowMs: 0 }));
    expect(choice.evidenceWatermark).toBe(50);
  });

  it('decide in less than 0.05 ms at the 99th percentile', () => {
    const evidence = createEvidence();
    for (const agentId of AGENTS) learn(evidence, agentId, rates(80, 100));
    const cache = createVectorCache();
    const policy = policyOf();
    const random = seededRandom(1);
    const times: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      const start = performance.now();
      chooseAgent(REQUEST, policy, evidence, random(), { cache });
      times.push(performance.now() - start);
    }
    times.sort((p, q) => p - q);
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(0.05);
  });
});
