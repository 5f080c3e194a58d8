import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildScorecard,
  decideGate,
  gatePolicy,
  renderScorecard,
  type ScorecardItem,
  type ScoredCard,
  scorecardItemLines,
} from '@assay/loop';
import { type BenchRow, quantile } from './bench-row.ts';
import { seededRandom } from './sample-tasks.ts';

const STARTS = 12;
const ITEMS = 10_000;
/** Tells, at the end, what a program took: CPU in ms, peak memory in MiB. */
const MEASURE_SELF = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write('\\n' + (userCPUTime + systemCPUTime) / 1000 + ' ' + maxRSS / 1024);
})`;

/** How long a gate takes from nothing, with a card as it lies in a repository, and on many items. */
export async function benchGate(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-gate-'));
  try {
    return [...coldStart(folder), pairedItems()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function coldStart(folder: string): BenchRow[] {
  const paths = { base: join(folder, 'base.md'), now: join(folder, 'SCORECARD.md') };
  const base = scored('1.0.0', 250, 1);
  const now = scored('1.1.0', 250, 2);
  writeFileSync(paths.base, renderScorecard(base.card));
  writeFileSync(join(folder, 'base.items.jsonl'), scorecardItemLines(base.items ?? []));
  writeFileSync(paths.now, renderScorecard(now.card));
  writeFileSync(join(folder, 'scorecard.items.jsonl'), scorecardItemLines(now.items ?? []));
  const hook = `data:text/javascript,${encodeURIComponent(MEASURE_SELF)}`;
  const command = ['packages/server/bin/assay.js', 'gate', '--scorecard', paths.now];
  const gate = [...command, '--baseline-file', paths.base];
  const nothing = ['-e', '0'];
  const runs = (words: readonly string[]): readonly Start[] =>
    Array.from({ length: STARTS }, () => start(words));
  const gates = runs(gate);
  const nodes = runs(nothing);
  // The hook itself takes time: what it tells is measured apart.
  const hookedGates = runs(['--import', hook, ...gate]);
  const hookedNodes = runs(['--import', hook, ...nothing]);
  const p50 = (starts: readonly Start[], pick: (one: Start) => number): number =>
    quantile(starts.map(pick), 0.5);
  const ms = p50(gates, (one) => one.ms);
  const mib = p50(hookedGates, (one) => one.mib);
  return [
    {
      name: 'assay gate from a cold start, 250 paired items, p50',
      unit: 'ms',
      value: ms,
      reference: p50(nodes, (one) => one.ms),
      referenceName: 'node -e 0',
      target: '< 200',
      isMet: ms < 200,
      n: STARTS,
      note: `CPU ${p50(hookedGates, (one) => one.cpuMs).toFixed(0)} ms with the hook that tells it, of node ${p50(hookedNodes, (one) => one.cpuMs).toFixed(0)} ms`,
    },
    {
      name: 'its peak memory, p50',
      unit: 'MiB',
      value: mib,
      reference: p50(hookedNodes, (one) => one.mib),
      referenceName: 'node -e 0',
      target: '< 100',
      isMet: mib < 100,
      n: STARTS,
    },
  ];
}

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  readonly mib: number;
}

function start(words: readonly string[]): Start {
  const from = performance.now();
  const { stderr, error } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  const [cpuMs = 0, mib = 0] = (stderr.split('\n').at(-1) ?? '').split(' ').map(Number);
  return { ms: performance.now() - from, cpuMs, mib };
}

function pairedItems(): BenchRow {
  const candidate = scored('1.1.0', ITEMS, 3);
  const baseline = scored('1.0.0', ITEMS, 4);
  const samples = Array.from({ length: 10 }, () => {
    const from = performance.now();
    decideGate({ candidate, baseline, policy: gatePolicy(), firstRelease: false });
    return performance.now() - from;
  });
  const value = quantile(samples, 0.95);
  return {
    name: `${ITEMS.toLocaleString('en-US')} items paired in 20 categories and families, p95`,
    unit: 'ms',
    value,
    target: '< 1000',
    isMet: value < 1_000,
    n: samples.length,
  };
}

function scored(agentVersion: string, count: number, seed: number): ScoredCard {
  const random = seededRandom(seed);
  const items: readonly ScorecardItem[] = Array.from({ length: count }, (_, at) => ({
    id: `item ${at}`,
    category: `category ${at % 20}`,
    cluster: `thread ${at >> 2}`,
    score: Number(random() < 0.8),
  }));
  const card = buildScorecard(
    items,
    {
      agentId: 'triage',
      agentVersion,
      generatedAt: '2026-01-01T00:00:00Z',
      dataset: { reference: 'generated' },
      methodology: 'exact match',
    },
    (text) => createHash('sha256').update(text).digest('hex'),
  );
  return { card, items };
}
