import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent, JSX } from 'react';
import { assay } from '../../assay.ts';
import { formatCount, formatMs, formatShare, formatTime, formatUsd } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { StatusPill } from '../../ui/status-pill.tsx';
import { parseRunsSearch, type RunsSearch } from './search.ts';

/** One line of `/v1/runs`. */
interface RunItem {
  readonly taskId: string;
  readonly timestamp: number | string;
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly success: boolean | null;
  readonly quality: number | null;
  readonly latencyMs: number | null;
  readonly tokens: number | null;
  readonly costUsd: number | null;
}

interface RunPageAnswer {
  readonly items: readonly RunItem[];
  readonly nextCursor: string | null;
}

const PAGE = 50;
const statusOf = (success: boolean | null): string =>
  success === null ? 'unknown' : success ? 'succeeded' : 'failed';

function Filters({ search }: { readonly search: RunsSearch }): JSX.Element {
  const navigate = useNavigate();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    void navigate({ to: '/runs', search: parseRunsSearch(form) });
  };
  return (
    <form className="filters" onSubmit={onSubmit} key={JSON.stringify(search)}>
      <label>
        Agent <input name="agent" defaultValue={search.agent ?? ''} />
      </label>
      <label>
        Task type <input name="taskType" defaultValue={search.taskType ?? ''} />
      </label>
      <label>
        Outcome
        <select name="success" defaultValue={search.success ?? ''}>
          <option value="">any</option>
          <option value="true">succeeded</option>
          <option value="false">failed</option>
        </select>
      </label>
      <label>
        Words{' '}
        <input
          name="q"
          type="search"
          defaultValue={search.q ?? ''}
          placeholder="in tasks and content"
        />
      </label>
      <button className="primary" type="submit">
        Show
      </button>
    </form>
  );
}

function RunTable({ items }: { readonly items: readonly RunItem[] }): JSX.Element {
  const now = Date.now();
  if (items.length === 0) return <p className="muted">No runs match.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th>Time</th>
          <th>Task</th>
          <th>Type</th>
          <th>Agent</th>
          <th>Outcome</th>
          <th className="number">Quality</th>
          <th className="number">Latency</th>
          <th className="number">Tokens</th>
          <th className="number">Cost</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={`${item.taskId}/${item.timestamp}`}>
            <td className="mono">{formatTime(item.timestamp, now)}</td>
            <td className="mono">
              <Link to="/runs/$taskId" params={{ taskId: item.taskId }}>
                {item.taskId}
              </Link>
            </td>
            <td>
              {item.taskType} <span className="muted">{item.taskKind}</span>
            </td>
            <td>
              {item.agentId} <span className="muted">{item.agentVersion}</span>
            </td>
            <td>
              <StatusPill status={statusOf(item.success)} />
            </td>
            <td className="number">
              {item.quality === null ? (
                <span className="muted">unscored</span>
              ) : (
                formatShare(item.quality)
              )}
            </td>
            <td className="number">{formatMs(item.latencyMs)}</td>
            <td className="number">{formatCount(item.tokens)}</td>
            <td className="number">{formatUsd(item.costUsd)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const withoutCursor = ({ cursor: _cursor, ...rest }: RunsSearch): RunsSearch => rest;

/** The list of runs, newest first, with filters and pages by key. */
export function RunsPage(): JSX.Element {
  const search = useSearch({ from: '/runs' });
  const query = useQuery({
    queryKey: ['runs', search],
    queryFn: () => assay().api.get<RunPageAnswer>('/v1/runs', { ...search, limit: PAGE }),
  });
  return (
    <>
      <h1>Runs</h1>
      <Filters search={search} />
      <section className="panel">
        <Loaded query={query}>
          {(page) => (
            <>
              <RunTable items={page.items} />
              <p>
                {search.cursor && (
                  <Link to="/runs" search={withoutCursor(search)}>
                    Newest
                  </Link>
                )}{' '}
                {page.nextCursor && (
                  <Link to="/runs" search={{ ...search, cursor: page.nextCursor }}>
                    Older
                  </Link>
                )}
              </p>
            </>
          )}
        </Loaded>
      </section>
    </>
  );
}
