import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { formatCount } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { Marks } from './marks.tsx';
import type { HubAgent } from './prepare.ts';
import { VersionCells, VersionHeads } from './version-cells.tsx';

function Catalogue({ items }: { readonly items: readonly HubAgent[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>Agent</th>
          <th>Latest</th>
          <VersionHeads />
          <th className="number">Versions</th>
          <th>Marks</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.agentId}>
            <td>
              <Link to="/scorecards/$agentId" params={{ agentId: item.agentId }}>
                {item.agentId}
              </Link>{' '}
              {item.name === item.agentId ? null : <span className="muted">{item.name}</span>}
            </td>
            <td className="mono">
              <Link
                to="/scorecards/$agentId/$version"
                params={{ agentId: item.agentId, version: item.version }}
                aria-label={`Card of ${item.agentId} ${item.version}`}
              >
                {item.version}
              </Link>
            </td>
            <VersionCells version={item} />
            <td className="number">{formatCount(item.versions)}</td>
            <td>
              <Marks inheritedFrom={item.inheritedFrom} isAttested={item.isAttested} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The hub: every agent with the scorecard of its latest published version. */
export function ScorecardsPage(): JSX.Element {
  const query = useQuery({
    queryKey: ['hub-agents'],
    queryFn: () => assay().api.hubAgents<{ items: readonly HubAgent[] }>(),
  });
  return (
    <>
      <h1>Scorecards</h1>
      <section className="panel">
        <h2>Published agents, latest version</h2>
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="muted">
                No scorecards yet. Publish one with{' '}
                <code>assay scorecard publish scorecard.json</code>. A published version never
                changes.
              </p>
            ) : (
              <Catalogue items={items} />
            )
          }
        </Loaded>
      </section>
    </>
  );
}
