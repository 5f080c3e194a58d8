import type { Evidence } from '@assay/loop';
import type { Database } from '@assay/store';
import { numbers } from '../../store/test/conformance/facts.ts';
import { lineOf, type RawLine } from '../src/engine/raw-lines.ts';

/** Time of the newest task, ms since 1970. */
export const TASKS_END_MS: number = Date.UTC(2026, 10, 1, 12);

/** The line of a whole task, the same for the same number. */
export function task(i: number, over: Record<string, unknown> = {}): RawLine {
  const random = numbers(i + 1);
  random();
  return lineOf({
    kind: 'task',
    taskId: `task-${i}`,
    timestamp: TASKS_END_MS - i * 977,
    execution: {
      agentId: i % 2 === 0 ? 'atlas' : 'birch',
      agentVersion: '1',
      taskType: 'mail',
      taskKind: i % 3 === 0 ? 'invoice' : 'question',
      success: random() < 0.5,
      latencyMs: Math.round(100 + 900 * random()),
      ...(i % 5 === 0 ? {} : { qualityScore: Math.round(64 * random()) / 64 }),
      ...(i % 4 === 0 ? {} : { costUsd: 0.25 }),
      ...over,
    },
  });
}

/** Every sum of every cell and total. Scores and costs here are exact in four bytes. */
export function sumsOf(evidence: Evidence): unknown {
  return [...evidence.cells, ...evidence.totals]
    .map(([key, { updatedAtMs: _at, tick: _tick, ...sums }]) => [key, sums] as const)
    .sort(([p], [q]) => (p < q ? -1 : 1));
}

/** A store on which statements that record facts go through `around`. */
export function aroundIngest(
  db: Database,
  around: (
    ingest: Database['tenantBatch'],
    ...batch: Parameters<Database['tenantBatch']>
  ) => ReturnType<Database['tenantBatch']>,
): Database {
  return new Proxy(db, {
    get(target, name, receiver) {
      if (name !== 'tenantBatch') return Reflect.get(target, name, receiver);
      const ingest: Database['tenantBatch'] = (...batch) => target.tenantBatch(...batch);
      return (...batch: Parameters<Database['tenantBatch']>) =>
        batch[1].some(({ text }) => text.includes('insert into task '))
          ? around(ingest, ...batch)
          : ingest(...batch);
    },
  });
}
