import type { JSX } from 'react';

/** One bar: a count, of which some were good. */
export interface TimeBar {
  readonly label: string;
  readonly total: number;
  readonly good: number;
}

const WIDTH = 760;
const HEIGHT = 120;

/** Stacked bars over time: the whole count, and how many of it succeeded. */
export function TimeBars({
  bars,
  caption,
}: {
  readonly bars: readonly TimeBar[];
  readonly caption: string;
}): JSX.Element {
  const highest = Math.max(1, ...bars.map((bar) => bar.total));
  const step = WIDTH / Math.max(1, bars.length);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 18}`} width="100%" role="img" aria-label={caption}>
      <title>{caption}</title>
      {bars.map((bar, index) => {
        const height = (HEIGHT * bar.total) / highest;
        const good = (HEIGHT * bar.good) / highest;
        return (
          <g key={bar.label} transform={`translate(${index * step},0)`}>
            <title>{`${bar.label}: ${bar.total} runs, ${bar.good} succeeded`}</title>
            <rect
              x="1"
              width={Math.max(1, step - 2)}
              y={HEIGHT - height}
              height={height}
              fill="var(--bad)"
              opacity="0.55"
            />
            <rect
              x="1"
              width={Math.max(1, step - 2)}
              y={HEIGHT - good}
              height={good}
              fill="var(--accent)"
            />
          </g>
        );
      })}
      <text x="0" y={HEIGHT + 14} fontSize="11" fill="var(--muted)">
        {bars[0]?.label ?? ''}
      </text>
      <text x={WIDTH} y={HEIGHT + 14} fontSize="11" fill="var(--muted)" textAnchor="end">
        {bars.at(-1)?.label ?? ''}
      </text>
    </svg>
  );
}
