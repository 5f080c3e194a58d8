import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { type Estimate, IntervalBar } from '../../charts/interval-bar.tsx';
import { formatCount, formatShare } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';

interface EvidenceItem {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly n: number;
  readonly quality: Estimate | null;
}

const byPlace = (a: EvidenceItem, b: EvidenceItem): number =>
  `${a.taskType}/${a.taskKind}`.localeCompare(`${b.taskType}/${b.taskKind}`) ||
  (b.quality?.mean ?? -1) - (a.quality?.mean ?? -1);

/** What the router knows: one line per agent version and kind of task. */
export function EvidencePanel(): JSX.Element {
  const query = useQuery({
    queryKey: ['evidence'],
    refetchInterval: 5_000,
    queryFn: () => assay().api.evidence<{ items: readonly EvidenceItem[] }>(),
  });
  return (
    <section className="panel">
      <h2>Evidence of the router</h2>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">No evidence yet: it grows with every evaluated run.</p>
          ) : (
            <table>
              <thead>
                <tr>
                  <th>Task</th>
                  <th>Agent</th>
                  <th className="number">n</th>
                  <th className="number">Mean reward</th>
                  <th>95 % interval</th>
                </tr>
              </thead>
              <tbody>
                {[...items].sort(byPlace).map((item) => (
                  <tr
                    key={`${item.taskType}/${item.taskKind}/${item.agentId}@${item.agentVersion}`}
                  >
                    <td>
                      {item.taskType} <span className="muted">{item.taskKind}</span>
                    </td>
                    <td>
                      {item.agentId} <span className="muted">{item.agentVersion}</span>
                    </td>
                    <td className="number">{formatCount(item.quality?.n ?? 0)}</td>
                    <td className="number">
                      {item.quality ? formatShare(item.quality.mean) : 'unscored'}
                    </td>
                    <td>
                      <IntervalBar estimate={item.quality} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </section>
  );
}
