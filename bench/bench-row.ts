/** One measured number, with what it is compared with. */
export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** The same quantity of the reference, measured in the same run. */
  readonly reference?: number;
  readonly referenceName?: string;
  /** What was asked for, as a sentence: `>= 15000`. */
  readonly target?: string;
  /** Whether the target was met; absent when there is none. */
  readonly isMet?: boolean;
  /** Samples behind the value. */
  readonly n: number;
  readonly note?: string;
}

/** Quantile of samples by the nearest-rank rule; `p` in 0..1. */
export function quantile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN
  );
}
