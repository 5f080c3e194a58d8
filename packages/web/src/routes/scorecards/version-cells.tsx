import type { JSX } from 'react';
import { IntervalBar } from '../../charts/interval-bar.tsx';
import { formatCount, formatInterval, formatLevel, formatShare, UNKNOWN } from '../../ui/format.ts';
import { estimateOf, formatAggregate, formatDay, type HubVersion, mainMetric } from './prepare.ts';

const USUAL_LEVEL = 0.95;

/** Heads of {@link VersionCells}. */
export function VersionHeads(): JSX.Element {
  return (
    <>
      <th className="number">Score of 100</th>
      <th>Metric</th>
      <th>95 % interval</th>
      <th>0 to 1</th>
      <th className="number">Items run</th>
      <th>Measured</th>
    </>
  );
}

/** What a list says of a version: its score, the interval of its metric, n, and when. */
export function VersionCells({ version }: { readonly version: HubVersion }): JSX.Element {
  const metric = mainMetric(version.metrics);
  const others = version.metrics.length - 1;
  return (
    <>
      <td className="number">{formatAggregate(version.eval_score)}</td>
      <td className={others > 0 ? undefined : 'nowrap'}>
        {metric === null ? UNKNOWN : `${metric.name} ${formatShare(metric.value)}`}{' '}
        {others > 0 ? <span className="muted">+{others} more</span> : null}
      </td>
      <td className="nowrap">
        {metric === null ? null : (
          <>
            {formatInterval(metric.interval.low, metric.interval.high)}
            {metric.interval.level === USUAL_LEVEL ? null : (
              <span className="muted"> at {formatLevel(metric.interval.level)}</span>
            )}
          </>
        )}
      </td>
      <td>
        {metric === null ? null : (
          <IntervalBar estimate={estimateOf(metric)} level={metric.interval.level} />
        )}
      </td>
      <td className="number nowrap">
        {formatCount(version.n)}{' '}
        <span className="muted">of {formatCount(version.datasetSize)}</span>
      </td>
      <td className="nowrap" title={version.generatedAt ?? undefined}>
        {version.generatedAt === null ? UNKNOWN : formatDay(version.generatedAt)}
      </td>
    </>
  );
}
