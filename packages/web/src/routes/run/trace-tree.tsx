import type { JSX } from 'react';
import { formatMs } from '../../ui/format.ts';
import type { TraceRow } from './prepare.ts';

/** The spans of a run as a tree with their place in time. */
export function TraceTree({ rows }: { readonly rows: readonly TraceRow[] }): JSX.Element {
  return (
    <ul className="trace" aria-label="Trace">
      {rows.map((row) => (
        <li key={row.id}>
          <div className="row">
            <span>
              {row.name} <span className="muted">{row.spanClass}</span>
            </span>
            <span className="track">
              <span
                className={row.isFailed ? 'bar failed' : 'bar'}
                style={{ left: `${row.left * 100}%`, width: `${row.width * 100}%` }}
              />
            </span>
            <span className="muted">{formatMs(row.latencyMs)}</span>
          </div>
          {row.children.length > 0 && <TraceTree rows={row.children} />}
        </li>
      ))}
    </ul>
  );
}
