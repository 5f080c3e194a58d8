import type { TrainingExample } from './training-example.ts';

/** How the examples of a batch are spread. Counts by label; labels sorted. */
export interface BatchDistribution {
  readonly taskTypes: Readonly<Record<string, number>>;
  readonly agents: Readonly<Record<string, number>>;
  readonly complexities: Readonly<Record<string, number>>;
  /** By week, as the Monday's day number since 1970-01-01 (UTC). */
  readonly weeks: Readonly<Record<string, number>>;
  /** Ten bins of 0.1 from 0 to 1. */
  readonly quality: readonly number[];
  readonly meanQuality: number | null;
  /** Share of examples of the 30 days before the newest one. */
  readonly freshShare: number | null;
}

const DAY_MS = 86_400_000;
const FRESH_DAYS = 30;

/** Counts how examples are spread over types, agents, time and quality. */
export function distributionOf(examples: readonly TrainingExample[]): BatchDistribution {
  const quality = new Array<number>(10).fill(0);
  let sum = 0;
  let scored = 0;
  let newest = Number.NEGATIVE_INFINITY;
  for (const example of examples) {
    newest = Math.max(newest, example.timestampMs);
    if (example.quality === null) continue;
    const bin = Math.min(9, Math.floor(example.quality * 10));
    quality[bin] = (quality[bin] ?? 0) + 1;
    sum += example.quality;
    scored += 1;
  }
  const fresh = examples.filter(({ timestampMs }) => newest - timestampMs <= FRESH_DAYS * DAY_MS);
  return {
    taskTypes: countBy(examples, (example) => example.taskType),
    agents: countBy(examples, (example) => example.agentId),
    complexities: countBy(examples, (example) => example.complexity ?? 'unknown'),
    weeks: countBy(examples, (example) => String(mondayOf(example.timestampMs))),
    quality,
    meanQuality: scored === 0 ? null : sum / scored,
    freshShare: examples.length === 0 ? null : fresh.length / examples.length,
  };
}

function countBy(
  examples: readonly TrainingExample[],
  pick: (example: TrainingExample) => string,
): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const example of examples) counts.set(pick(example), (counts.get(pick(example)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** 1970-01-01 was a Thursday: day 4 is the first Monday. */
function mondayOf(timeMs: number): number {
  const day = Math.floor(timeMs / DAY_MS);
  return day - ((((day - 4) % 7) + 7) % 7);
}
