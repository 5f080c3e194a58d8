import type { JSX } from 'react';

const WIDTH = 160;
const HEIGHT = 32;
const BARS = 20;

/** Adds neighbouring buckets up to 20 bars; the last one holds the score 1 too. */
function barsOf(histogram: readonly number[]): number[] {
  const bars = new Array<number>(BARS).fill(0);
  for (const [bucket, count] of histogram.entries()) {
    const bar = Math.min(BARS - 1, Math.floor((bucket * BARS) / 100));
    bars[bar] = (bars[bar] ?? 0) + count;
  }
  return bars;
}

/** How scores spread over 0..1, from counts per hundredth. */
export function ScoreHistogram({
  histogram,
  label,
}: {
  readonly histogram: readonly number[];
  readonly label: string;
}): JSX.Element {
  const bars = barsOf(histogram);
  const highest = Math.max(1, ...bars);
  const step = WIDTH / BARS;
  return (
    <svg
      width={WIDTH}
      height={HEIGHT + 2}
      viewBox={`0 0 ${WIDTH} ${HEIGHT + 2}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <line x1="0" x2={WIDTH} y1={HEIGHT + 1} y2={HEIGHT + 1} stroke="var(--line)" />
      {bars.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(2, (HEIGHT * count) / highest);
        const from = index / BARS;
        return (
          <rect
            key={from}
            x={index * step + 0.5}
            width={step - 1}
            y={HEIGHT - height}
            height={height}
            fill="var(--accent)"
          />
        );
      })}
    </svg>
  );
}
