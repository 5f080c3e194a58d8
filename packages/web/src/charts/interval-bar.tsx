import type { JSX } from 'react';
import { formatInterval, formatLevel, formatShare } from '../ui/format.ts';

/** A mean with its interval on a 0..1 scale. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Draws a mean as a dot and its interval, at `level` (0..1), as a line. */
export function IntervalBar({
  estimate,
  level = 0.95,
}: {
  readonly estimate: Estimate | null;
  readonly level?: number;
}): JSX.Element {
  if (!estimate) return <span className="muted">unscored</span>;
  const label = `${formatShare(estimate.mean)}, ${formatLevel(level)} interval ${formatInterval(estimate.low, estimate.high)}, n ${estimate.n}`;
  return (
    <svg width="140" height="14" viewBox="0 0 140 14" role="img" aria-label={label}>
      <title>{label}</title>
      <line x1="2" x2="138" y1="7" y2="7" stroke="var(--line)" />
      <line
        x1={2 + 136 * estimate.low}
        x2={2 + 136 * estimate.high}
        y1="7"
        y2="7"
        stroke="var(--accent)"
        strokeWidth="4"
        strokeLinecap="round"
      />
      <circle cx={2 + 136 * estimate.mean} cy="7" r="4" fill="var(--ink)" />
    </svg>
  );
}
