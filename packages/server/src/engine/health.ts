import type { JobSlot } from '@assay/store';
import { listSlots } from '@assay/store';
import type { Engine } from './engine.ts';

/** Whether the server can do its work. */
export interface Health {
  readonly status: 'ready' | 'unavailable';
  readonly store: {
    readonly dialect: string;
    readonly version: string;
    readonly isDurable: boolean;
    readonly warnings: readonly string[];
  };
}

/** One figure for monitoring. */
export interface Figure {
  /** Snake case with the unit at the end. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** Asks the store for a sign of life. */
export async function checkHealth(engine: Engine): Promise<Health> {
  const { db } = engine.context;
  const { dialect, version, isDurable, warnings } = db.health;
  const store = { dialect, version, isDurable, warnings };
  try {
    await db.query('select 1 as one');
    return { status: 'ready', store };
  } catch {
    return { status: 'unavailable', store };
  }
}

/** Latest planned jobs, newest first. */
export function jobHistory(engine: Engine): Promise<JobSlot[]> {
  return listSlots(engine.context.db, { limit: 200 });
}

function figure(name: string, type: Figure['type'], help: string, value: number): Figure {
  return { name, type, help, samples: [{ value }] };
}

/** Figures of the process, without anything that belongs to a tenant. */
export function metricsOf(engine: Engine): Figure[] {
  const { figures } = engine.recorder;
  const memory = process.memoryUsage();
  return [
    {
      name: 'facts_total',
      type: 'counter',
      help: 'Facts received by what became of them.',
      samples: [
        { labels: { status: 'accepted' }, value: figures.accepted },
        { labels: { status: 'duplicate' }, value: figures.duplicates },
        { labels: { status: 'rejected' }, value: figures.rejected },
      ],
    },
    figure('ingest_queue_facts', 'gauge', 'Facts that wait for a commit.', engine.recorder.depth()),
    figure('ingest_flushes_total', 'counter', 'Commits of facts.', figures.flushes),
    figure('ingest_flush_seconds_total', 'counter', 'Time in commits.', figures.flushSeconds),
    {
      name: 'scores_total',
      type: 'counter',
      help: 'Recorded responses offered for scoring by what became of them.',
      samples: Object.entries(engine.scoring.queue.figures).map(([status, value]) => ({
        labels: { status },
        value,
      })),
    },
    figure(
      'score_queue_responses',
      'gauge',
      'Recorded responses that wait for a score.',
      engine.scoring.queue.depth(),
    ),
    figure('stream_listeners', 'gauge', 'Listeners of live streams.', engine.streams.listeners()),
    figure(
      'store_durable',
      'gauge',
      '1 when an acknowledged fact is on disk.',
      engine.context.db.health.isDurable ? 1 : 0,
    ),
    figure('process_resident_bytes', 'gauge', 'Memory of the process.', memory.rss),
    figure('process_heap_bytes', 'gauge', 'JavaScript heap in use.', memory.heapUsed),
    figure('process_uptime_seconds', 'gauge', 'Time since the start.', process.uptime()),
  ];
}
