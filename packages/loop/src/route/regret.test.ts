import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addOutcome, createEvidence, type EvidenceOptions } from '../learn/evidence.ts';
import { seededRandom } from '../stats/bootstrap.ts';
import { addMoment, NO_MOMENTS, varianceOf } from '../stats/moments.ts';
import { chooseAgent } from './choose-agent.ts';
import { createPolicy } from './policy.ts';
import { createVectorCache, refreshProbabilities } from './vector-cache.ts';

interface Golden {
  readonly [instance: string]: {
    readonly policies: Readonly<
      Record<string, { readonly regret: Readonly<Record<string, { mean: number; se: number }>> }>
    >;
  };
}

function goldenOf(name: string): Golden | null {
  const url = new URL(`../../../../../shared/vectors/${name}.json`, import.meta.url);
  return existsSync(url) ? (JSON.parse(readFileSync(url, 'utf8')) as Golden) : null;
}

/** Mean regret after `steps` tasks and its standard error over `runs` runs. */
function simulate(
  means: readonly number[],
  steps: number,
  runs: number,
  floor: number,
  options: EvidenceOptions = {},
): { mean: number; se: number } {
  // Plain Thompson sampling from Beta(1, 1): what the references were made with.
  const policy = createPolicy({ sharpening: 1, floor }, () => 'plain');
  const best = Math.max(...means);
  const random = seededRandom(11);
  const candidates = means.map((_, k) => ({ agentId: String(k) }));
  let moments = NO_MOMENTS;
  for (let run = 0; run < runs; run++) {
    const evidence = createEvidence(options);
    const cache = createVectorCache();
    let regret = 0;
    for (let t = 0; t < steps; t++) {
      refreshProbabilities(cache, evidence, 0);
      const choice = chooseAgent({ taskType: 't', candidates }, policy, evidence, random(), {
        cache,
      });
      if (choice.outcome !== 'chosen') throw new Error(choice.primaryReason);
      const mean = means[Number(choice.selectedAgentId)] ?? 0;
      regret += best - mean;
      addOutcome(evidence, {
        agentId: choice.selectedAgentId,
        agentVersion: '',
        taskType: 't',
        taskKind: '',
        success: null,
        quality: random() < mean ? 1 : 0,
        latencyMs: null,
        costUsd: null,
        tokens: null,
        timestampMs: 1,
        countsRun: true,
      });
    }
    moments = addMoment(moments, regret);
  }
  return { mean: moments.mean, se: Math.sqrt(varianceOf(moments) / runs) };
}

function expectWithin3(
  got: { mean: number; se: number },
  golden: Golden,
  instance: string,
  policy: string,
  step: number,
): void {
  const wanted = golden[instance]?.policies[policy]?.regret[String(step)];
  if (wanted === undefined) throw new Error(`no reference for ${instance} ${policy} ${step}`);
  expect(Math.abs(got.mean - wanted.mean)).toBeLessThan(3 * Math.hypot(got.se, wanted.se));
}

describe('regret of Thompson sampling', () => {
  const golden = goldenOf('regret_golden_A');
  const goldenB = goldenOf('regret_golden_B');

  it.skipIf(golden === null)(
    'on .9 against .8 (skipped when the reference is absent)',
    () => {
      if (golden === null) return;
      const got = simulate([0.9, 0.8], 1000, 60, 0);
      expectWithin3(got, golden, 'two_0.9_0.8', 'thompson_beta11', 1000);
    },
    30_000,
  );

  it.skipIf(golden === null)(
    'with a floor of 5 % (skipped when the reference is absent)',
    () => {
      if (golden === null) return;
      const got = simulate([0.9, 0.8], 1000, 60, 0.05);
      expectWithin3(got, golden, 'two_0.9_0.8', 'thompson_floor0.05', 1000);
    },
    30_000,
  );

  it.skipIf(goldenB === null)(
    'with discount .99 (skipped when the reference is absent)',
    () => {
      if (goldenB === null) return;
      const got = simulate([0.7, 0.5, 0.5], 1000, 25, 0, { perDecisionDiscount: 0.99 });
      expectWithin3(got, goldenB, 'switch3', 'discounted_ts_0.99', 1000);
    },
    30_000,
  );
});
