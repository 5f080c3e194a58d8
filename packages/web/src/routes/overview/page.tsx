import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { IntervalBar } from '../../charts/interval-bar.tsx';
import { TimeBars } from '../../charts/time-bars.tsx';
import { formatCount, formatInterval, formatMs, formatShare, formatUsd } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { DriftPanel } from './drift-panel.tsx';
import { EvidencePanel } from './evidence-panel.tsx';
import {
  type AggregateItem,
  prepareAgents,
  prepareHours,
  qualityOf,
  successOf,
} from './prepare.ts';

const HOURS = 24;
const HOUR_MS = 3_600_000;

interface Items {
  readonly items: readonly AggregateItem[];
}

function useAggregates(by: string): ReturnType<typeof useQuery<Items>> {
  return useQuery({
    queryKey: ['aggregates', by],
    refetchInterval: 5_000,
    queryFn: () =>
      assay().api.aggregates<Items>({
        by,
        from: new Date(Date.now() - HOURS * HOUR_MS).toISOString(),
      }),
  });
}

function Card({
  label,
  value,
  detail,
}: {
  readonly label: string;
  readonly value: string;
  readonly detail?: string;
}): JSX.Element {
  return (
    <div className="card">
      <div className="label">{label}</div>
      <div className="value">{value}</div>
      <div className="detail">{detail ?? ''}</div>
    </div>
  );
}

function Totals({ item }: { readonly item: AggregateItem | undefined }): JSX.Element {
  if (!item || item.n === 0) {
    return (
      <div className="notice">
        No runs in the last {HOURS} hours. Send facts with the client, over HTTP or with
        OpenTelemetry.
      </div>
    );
  }
  const success = successOf(item);
  const quality = qualityOf(item);
  return (
    <div className="cards">
      <Card label={`Runs, last ${HOURS} h`} value={formatCount(item.n)} />
      <Card
        label="Success"
        value={success ? formatShare(success.mean) : 'unknown'}
        detail={
          success
            ? `${formatInterval(success.low, success.high)} · n ${formatCount(success.n)}`
            : 'nobody said'
        }
      />
      <Card
        label="Quality"
        value={quality ? formatShare(quality.mean) : 'unscored'}
        detail={
          quality
            ? `${formatInterval(quality.low, quality.high)} · n ${formatCount(quality.n)}`
            : 'no evaluation yet'
        }
      />
      <Card
        label="Latency p50"
        value={formatMs(item.latencyP50Ms)}
        detail={`p95 ${formatMs(item.latencyP95Ms)} · p99 ${formatMs(item.latencyP99Ms)}`}
      />
      <Card
        label="Cost"
        value={item.costN === 0 ? 'unknown' : formatUsd(item.costUsd)}
        detail={`known for ${formatCount(item.costN)} of ${formatCount(item.n)}`}
      />
      <Card
        label="Tokens"
        value={item.tokensN === 0 ? 'unknown' : formatCount(item.tokens)}
        detail={`known for ${formatCount(item.tokensN)} of ${formatCount(item.n)}`}
      />
    </div>
  );
}

function AgentTable({ items }: { readonly items: readonly AggregateItem[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>Agent</th>
          <th className="number">Runs</th>
          <th className="number">Success</th>
          <th className="number">Quality</th>
          <th>95 % interval of quality</th>
          <th className="number">p50</th>
          <th className="number">p95</th>
        </tr>
      </thead>
      <tbody>
        {prepareAgents(items).map((item) => {
          const quality = qualityOf(item);
          return (
            <tr key={`${item.agentId}@${item.agentVersion}`}>
              <td>
                <Link to="/runs" search={item.agentId ? { agent: item.agentId } : {}}>
                  {item.agentId || 'unknown'}
                </Link>{' '}
                <span className="muted">{item.agentVersion}</span>
              </td>
              <td className="number">{formatCount(item.n)}</td>
              <td className="number">{formatShare(successOf(item)?.mean)}</td>
              <td className="number">{quality ? formatShare(quality.mean) : 'unscored'}</td>
              <td>
                <IntervalBar estimate={quality} />
              </td>
              <td className="number">{formatMs(item.latencyP50Ms)}</td>
              <td className="number">{formatMs(item.latencyP95Ms)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The first page: what happened in the last day, who did it, what was noticed. */
export function OverviewPage(): JSX.Element {
  const total = useAggregates('');
  const hours = useAggregates('hour');
  const agents = useAggregates('agent,version');
  return (
    <>
      <h1>Overview</h1>
      <Loaded query={total}>{({ items }) => <Totals item={items[0]} />}</Loaded>
      <DriftPanel />
      <section className="panel">
        <h2>Runs per hour</h2>
        <Loaded query={hours}>
          {({ items }) => (
            <TimeBars
              bars={prepareHours(items, Date.now(), HOURS)}
              caption={`Runs per hour over the last ${HOURS} hours`}
            />
          )}
        </Loaded>
      </section>
      <section className="panel">
        <h2>Agents</h2>
        <Loaded query={agents}>{({ items }) => <AgentTable items={items} />}</Loaded>
      </section>
      <EvidencePanel />
    </>
  );
}
