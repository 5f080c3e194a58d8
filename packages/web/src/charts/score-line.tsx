import type { JSX } from 'react';
import type { Estimate } from './interval-bar.tsx';

/** A mean at a moment. */
export interface ScorePoint {
  readonly label: string;
  readonly score: Estimate;
  /** False = too few scores to count. */
  readonly isCounted: boolean;
}

const WIDTH = 560;
const HEIGHT = 120;
const MARGIN = 6;

/** Means over time on a 0..1 scale, each with its 95 % interval. */
export function ScoreLine({
  points,
  caption,
}: {
  readonly points: readonly ScorePoint[];
  readonly caption: string;
}): JSX.Element {
  const step = points.length < 2 ? 0 : (WIDTH - 2 * MARGIN) / (points.length - 1);
  const x = (index: number): number => (points.length < 2 ? WIDTH / 2 : MARGIN + index * step);
  const y = (value: number): number => HEIGHT - HEIGHT * Math.min(1, Math.max(0, value));
  const path = points.map(({ score }, index) => `${x(index)},${y(score.mean)}`).join(' ');
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 18}`} width="100%" role="img" aria-label={caption}>
      <title>{caption}</title>
      {[0, 0.5, 1].map((value) => (
        <line key={value} x1="0" x2={WIDTH} y1={y(value)} y2={y(value)} stroke="var(--line)" />
      ))}
      <polyline points={path} fill="none" stroke="var(--accent)" strokeWidth="1.5" />
      {points.map(({ label, score, isCounted }, index) => (
        <g key={label} opacity={isCounted ? 1 : 0.4}>
          <title>{`${label}: ${score.mean.toFixed(3)} [${score.low.toFixed(3)}, ${score.high.toFixed(3)}], n ${score.n}`}</title>
          <line
            x1={x(index)}
            x2={x(index)}
            y1={y(score.low)}
            y2={y(score.high)}
            stroke="var(--accent)"
            strokeWidth="3"
            strokeLinecap="round"
            opacity="0.45"
          />
          <circle cx={x(index)} cy={y(score.mean)} r="3" fill="var(--ink)" />
        </g>
      ))}
      <text x="0" y={HEIGHT + 14} fontSize="11" fill="var(--muted)">
        {points[0]?.label ?? ''}
      </text>
      <text x={WIDTH} y={HEIGHT + 14} fontSize="11" fill="var(--muted)" textAnchor="end">
        {points.at(-1)?.label ?? ''}
      </text>
    </svg>
  );
}
