import { createHash } from 'node:crypto';
import {
  addOutcome,
  chooseAgent,
  createEvidence,
  createPolicy,
  createVectorCache,
  refreshProbabilities,
} from '@assay/loop';
import { type BenchRow, quantile } from './bench-row.ts';
import { seededRandom } from './sample-tasks.ts';

const AGENTS = ['atlas', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron', 'iris'];
const KINDS = ['plain', 'html', 'long', 'reply', 'multipart'];
const DECISIONS = 200_000;

/** The decision as the engine takes it: cached vectors, refreshed between decisions. */
export async function benchDecisionInProcess(): Promise<BenchRow[]> {
  const random = seededRandom(11);
  const evidence = createEvidence();
  const policy = createPolicy({}, (text) => createHash('sha256').update(text).digest('hex'));
  const cache = createVectorCache();
  const candidates = AGENTS.map((agentId) => ({ agentId }));
  const durations: number[] = [];
  const learn = (agentId: string, taskKind: string, timestampMs: number): void => {
    const success = random() < 0.5 + AGENTS.indexOf(agentId) / 20;
    addOutcome(evidence, {
      agentId,
      agentVersion: '',
      taskType: 'triage',
      taskKind,
      success,
      quality: success ? 1 : 0,
      latencyMs: 100,
      costUsd: null,
      tokens: null,
      timestampMs,
      countsRun: true,
    });
  };
  for (let warm = 0; warm < 20_000; warm++) {
    learn(AGENTS[warm % AGENTS.length] ?? '', KINDS[warm % KINDS.length] ?? '', warm);
  }
  for (let decision = 0; decision < DECISIONS; decision++) {
    const taskKind = KINDS[decision % KINDS.length] ?? '';
    const nowMs = 20_000 + decision;
    const draw = random();
    const started = performance.now();
    const choice = chooseAgent(
      { taskType: 'triage', taskKind, candidates },
      policy,
      evidence,
      draw,
      { cache, nowMs },
    );
    durations.push(performance.now() - started);
    if (choice.outcome === 'chosen') learn(choice.selectedAgentId, taskKind, nowMs);
    if (decision % 50 === 0) refreshProbabilities(cache, evidence, nowMs, 2);
  }
  const p99 = quantile(durations, 0.99);
  return [
    {
      name: `decision in process, ${AGENTS.length} agents, ${KINDS.length} kinds, learning on, p99`,
      unit: 'ms',
      value: p99,
      reference: 100,
      referenceName: 'requirement',
      target: '< 0.05',
      isMet: p99 < 0.05,
      n: DECISIONS,
      note: `p50 ${(quantile(durations, 0.5) * 1000).toFixed(1)} µs, highest ${quantile(durations, 1).toFixed(2)} ms`,
    },
  ];
}
