import type { UseQueryResult } from '@tanstack/react-query';
import type { JSX, ReactNode } from 'react';

/** Shows loading and failure the same way everywhere, and the content when it is there. */
export function Loaded<T>({
  query,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly children: (value: T) => ReactNode;
}): JSX.Element {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) {
    return (
      <div className="notice" role="alert">
        {query.error instanceof Error ? query.error.message : 'The server did not answer.'}{' '}
        <button type="button" onClick={() => void query.refetch()}>
          Try again
        </button>
      </div>
    );
  }
  return <p className="muted">Loading…</p>;
}
