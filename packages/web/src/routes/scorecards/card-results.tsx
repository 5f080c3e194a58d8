import type { CategoryResult, ConfusionMatrix, MetricResult, Scorecard } from '@assay/loop';
import type { JSX } from 'react';
import { IntervalBar } from '../../charts/interval-bar.tsx';
import { formatCount, formatInterval, formatLevel, formatShare } from '../../ui/format.ts';
import { estimateOf, recomputationOf } from './prepare.ts';

function MetricTable({ metrics }: { readonly metrics: readonly MetricResult[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>Metric</th>
          <th className="number">Value</th>
          <th>Interval</th>
          <th>0 to 1</th>
          <th className="number">n</th>
          <th className="number">Weight</th>
          <th className="number">Sees a change of</th>
        </tr>
      </thead>
      <tbody>
        {metrics.map((metric) => (
          <tr key={metric.name}>
            <td>{metric.name}</td>
            <td className="number">{formatShare(metric.value)}</td>
            <td className="nowrap">
              {formatInterval(metric.interval.low, metric.interval.high)}{' '}
              <span className="muted">at {formatLevel(metric.interval.level)}</span>
            </td>
            <td>
              <IntervalBar estimate={estimateOf(metric)} level={metric.interval.level} />
            </td>
            <td className="number">{formatCount(metric.n)}</td>
            <td className="number">{metric.weight}</td>
            <td className="number">{(100 * metric.minimalDetectableEffect).toFixed(1)} points</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CategoryTable({
  categories,
  metric,
}: {
  readonly categories: readonly CategoryResult[];
  readonly metric: string;
}): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>Category</th>
          <th className="number">{metric}</th>
          <th>Interval</th>
          <th>0 to 1</th>
          <th className="number">n</th>
        </tr>
      </thead>
      <tbody>
        {categories.map((one) => (
          <tr key={one.category}>
            <td>{one.category}</td>
            <td className="number">{formatShare(one.value)}</td>
            <td className="nowrap">{formatInterval(one.interval?.low, one.interval?.high)}</td>
            <td>
              <IntervalBar
                estimate={estimateOf(one)}
                {...(one.interval === null ? {} : { level: one.interval.level })}
              />
            </td>
            <td className="number">{formatCount(one.n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Share of the strongest tint, so that the number on it stays readable in light and dark. */
const STRONGEST_PERCENT = 45;

function tintOf(count: number, rowTotal: number, isRight: boolean): string {
  const percent = rowTotal === 0 ? 0 : (STRONGEST_PERCENT * count) / rowTotal;
  return `color-mix(in srgb, var(--${isRight ? 'good' : 'bad'}) ${percent.toFixed(1)}%, transparent)`;
}

function ConfusionTable({ confusion }: { readonly confusion: ConfusionMatrix }): JSX.Element {
  const { labels, rows } = confusion;
  return (
    <table className="matrix">
      <thead>
        <tr>
          <th>Expected ↓ predicted →</th>
          {labels.map((label) => (
            <th key={label} className="number" scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {labels.map((expected, at) => {
          const row = rows[at] ?? [];
          const total = row.reduce((sum, count) => sum + count, 0);
          return (
            <tr key={expected}>
              <th scope="row">{expected}</th>
              {labels.map((predicted, column) => (
                <td
                  key={predicted}
                  className="number"
                  style={{ background: tintOf(row[column] ?? 0, total, at === column) }}
                >
                  {formatCount(row[column])}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What a version scored: per metric, per category, label against label, and the sum of it. */
export function CardResults({ card }: { readonly card: Scorecard }): JSX.Element {
  const { metrics, perCategory, confusion } = card.results;
  return (
    <>
      <section className="panel">
        <h2>Metrics</h2>
        <MetricTable metrics={metrics} />
        <details>
          <summary>How the score is computed from them</summary>
          <pre>{recomputationOf(card.aggregate)}</pre>
        </details>
      </section>
      {perCategory.length === 0 ? null : (
        <section className="panel">
          <h2>By category</h2>
          <CategoryTable categories={perCategory} metric={metrics[0]?.name ?? 'Value'} />
        </section>
      )}
      {confusion === null ? null : (
        <section className="panel">
          <h2>Confusion</h2>
          <ConfusionTable confusion={confusion} />
        </section>
      )}
    </>
  );
}
