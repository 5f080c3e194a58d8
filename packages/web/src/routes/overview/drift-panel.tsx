import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { formatShare, formatTime } from '../../ui/format.ts';

interface Side {
  readonly mean: number;
  readonly n: number;
}

interface DriftItem {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly from: Side;
  readonly to: Side;
  readonly sinceMs: number;
  readonly pValue: number;
}

/** Agents whose reward changed. Nothing is shown when nothing was noticed. */
export function DriftPanel(): JSX.Element | null {
  const query = useQuery({
    queryKey: ['drift'],
    refetchInterval: 5_000,
    queryFn: () => assay().api.drift<{ items: readonly DriftItem[] }>(),
  });
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section className="panel" aria-label="Drift">
      <h2>Noticed: reward changed</h2>
      <table>
        <thead>
          <tr>
            <th>Agent</th>
            <th>Task</th>
            <th className="number">before</th>
            <th className="number">now</th>
            <th>since</th>
            <th className="number">p</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr
              key={`${item.agentId}@${item.agentVersion}/${item.taskType}/${item.taskKind}/${item.sinceMs}`}
            >
              <td>
                {item.agentId} <span className="muted">{item.agentVersion}</span>
              </td>
              <td>
                {item.taskType} <span className="muted">{item.taskKind}</span>
              </td>
              <td className="number">
                {formatShare(item.from.mean)} <span className="muted">n {item.from.n}</span>
              </td>
              <td className={`number ${item.to.mean < item.from.mean ? 'bad' : 'good'}`}>
                {formatShare(item.to.mean)} <span className="muted">n {item.to.n}</span>
              </td>
              <td className="mono">{formatTime(item.sinceMs, Date.now())}</td>
              <td className="number">
                {item.pValue < 0.0001 ? '< 0.0001' : item.pValue.toPrecision(2)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
