import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { ScoreLine } from '../../charts/score-line.tsx';
import { Loaded } from '../../ui/state.tsx';
import { Marks } from './marks.tsx';
import { formatDay, type HubVersion, historyOf } from './prepare.ts';
import { VersionCells, VersionHeads } from './version-cells.tsx';

function History({ items }: { readonly items: readonly HubVersion[] }): JSX.Element | null {
  const { metric, points } = historyOf(items);
  if (points.length < 2) return null;
  return (
    <section className="panel">
      <h2>{metric} by version, oldest first, 0 to 1</h2>
      <div className="chart">
        <ScoreLine
          points={points}
          caption={`${metric} of ${points.length} versions from 0 to 1, each with its interval`}
        />
      </div>
      <p className="muted">
        Versions may have been measured on different data sets; the gate says whether two can be
        compared.
        {points.every(({ isCounted }) => isCounted)
          ? ''
          : ' Fainter: not measured, inherited from an earlier version.'}
      </p>
    </section>
  );
}

function VersionTable({
  agentId,
  items,
}: {
  readonly agentId: string;
  readonly items: readonly HubVersion[];
}): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>Version</th>
          <VersionHeads />
          <th>Published</th>
          <th>Marks</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.version}>
            <td className="mono">
              <Link
                to="/scorecards/$agentId/$version"
                params={{ agentId, version: item.version }}
                aria-label={`Card of ${agentId} ${item.version}`}
              >
                {item.version}
              </Link>
            </td>
            <VersionCells version={item} />
            <td className="nowrap" title={item.publishedAt}>
              {formatDay(item.publishedAt)}
            </td>
            <td>
              <Marks inheritedFrom={item.inheritedFrom} isAttested={item.isAttested} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One agent of the hub: its published versions, newest first. */
export function AgentPage(): JSX.Element {
  const { agentId } = useParams({ from: '/scorecards/$agentId' });
  const query = useQuery({
    queryKey: ['hub-agent', agentId],
    queryFn: () => assay().api.hubAgent<{ items: readonly HubVersion[] }>(agentId),
  });
  return (
    <>
      <nav className="trail" aria-label="Above this page">
        <Link to="/scorecards">Scorecards</Link>
      </nav>
      <h1>{agentId}</h1>
      <Loaded query={query}>
        {({ items }) => (
          <>
            <section className="panel">
              <h2>Published versions, newest first</h2>
              <VersionTable agentId={agentId} items={items} />
            </section>
            <History items={items} />
          </>
        )}
      </Loaded>
    </>
  );
}
