import type { Database } from '@assay/store';
import { agentIdOf, taskTypeIdOf } from '@assay/store';

/** Small numbers that stand for agents and task types in rows; they never change once given. */
export interface Dictionaries {
  /** Number of an agent version, from memory when it is known. */
  agent(tenantId: number, key: string, version: string): number | Promise<number>;
  /** Number of a task type and kind, from memory when it is known. */
  taskType(tenantId: number, key: string, taskKind: string): number | Promise<number>;
}

type Lookup = (tenantId: number, key: string, second: string) => number | Promise<number>;

/** Most entries held; beyond it the oldest go, which only costs a query. */
const MAX_ENTRIES = 100_000;

function cached(load: (tenantId: number, key: string, second: string) => Promise<number>): Lookup {
  const known = new Map<string, number>();
  const loading = new Map<string, Promise<number>>();
  return (tenantId, key, second) => {
    const name = `${tenantId}\0${key}\0${second}`;
    const found = known.get(name) ?? loading.get(name);
    if (found !== undefined) return found;
    const promise = load(tenantId, key, second)
      .then((id) => {
        if (known.size >= MAX_ENTRIES) known.delete(known.keys().next().value ?? '');
        known.set(name, id);
        return id;
      })
      .finally(() => loading.delete(name));
    loading.set(name, promise);
    return promise;
  };
}

/** Dictionaries of a store, cached in memory. */
export function createDictionaries(db: Database): Dictionaries {
  return {
    agent: cached((tenantId, key, version) => agentIdOf(db, tenantId, key, version)),
    taskType: cached((tenantId, key, taskKind) => taskTypeIdOf(db, tenantId, key, taskKind)),
  };
}
