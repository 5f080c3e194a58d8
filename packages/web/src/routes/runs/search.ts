/** Filters of the list of runs, as they stand in the address. */
export interface RunsSearch {
  readonly agent?: string;
  readonly taskType?: string;
  readonly success?: 'true' | 'false';
  readonly q?: string;
  readonly cursor?: string;
}

/** Keeps what is a filter and drops the rest. */
export function parseRunsSearch(search: Record<string, unknown>): RunsSearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const agent = text('agent');
  const taskType = text('taskType');
  const success = String(search['success'] ?? '');
  const q = text('q');
  const cursor = text('cursor');
  return {
    ...(agent ? { agent } : {}),
    ...(taskType ? { taskType } : {}),
    ...(success === 'true' || success === 'false' ? { success } : {}),
    ...(q ? { q } : {}),
    ...(cursor ? { cursor } : {}),
  };
}
