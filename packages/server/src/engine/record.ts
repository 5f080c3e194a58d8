import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fact } from '@assay/loop';
import type { RecordAnswer, RecordResult } from '@assay/protocol';
import { AssayError } from '@assay/protocol';
import type { EngineContext } from './context.ts';
import type { Dictionaries } from './dictionaries.ts';
import type { GroupCommit } from './group-commit.ts';
import { createGroupCommit } from './group-commit.ts';
import type { OpenWindow } from './open-window.ts';
import type { OwnBlocks } from './own-blocks.ts';
import type { FactOutcome, PendingFact } from './pending-fact.ts';
import { prepareFact } from './pending-fact.ts';
import type { RawLine } from './raw-lines.ts';
import { lineOf } from './raw-lines.ts';
import type { Pause } from './write-facts.ts';
import { createFactWriter } from './write-facts.ts';

/** A fact that has just been committed for the first time; `readStoredFact` gives the whole. */
export type StoredFact = Pick<
  PendingFact,
  | 'tenantId'
  | 'id'
  | 'kind'
  | 'taskId'
  | 'taskRef'
  | 'timestampMs'
  | 'narrow'
  | 'bytes'
  | 'hasResponse'
>;

/** Figures of the recorder since its start. */
export interface RecordFigures {
  accepted: number;
  duplicates: number;
  rejected: number;
  flushes: number;
  flushSeconds: number;
  /** Time from the newest commit group's start to its end, ms. */
  lastFlushMs: number;
}

/** Records facts. */
export interface Recorder {
  /**
   * Records lines and answers for each after its commit.
   * @param refused items that were refused before they became lines; they only count as rejected
   * @throws AssayError `ingest.busy`, `store.unavailable`, `server.closing`: send it all again
   */
  record(tenantId: number, lines: readonly RawLine[], refused?: number): Promise<RecordAnswer>;
  /** Records one fact that Assay itself made. */
  recordFact(tenantId: number, fact: Fact): Promise<RecordResult>;
  /**
   * Takes a fact that Assay itself made into the queue and does not wait for its commit.
   * @returns why it cannot be recorded, or null: queued. A commit that fails goes to `onLost`
   * @throws AssayError `ingest.busy`, `store.unavailable`, `server.closing`
   */
  queueFact(tenantId: number, fact: Fact): Promise<RecordResult | null>;
  readonly figures: RecordFigures;
  depth(): number;
  close(): Promise<void>;
}

/** Lines that are parsed before other requests get their turn. */
const LINES_PER_TURN = 64;

interface Collected {
  readonly results: RecordResult[];
  readonly pending: PendingFact[];
  readonly done: Promise<void>;
}

/** What a recorder is made of. */
export interface RecorderParts {
  readonly context: EngineContext;
  readonly dictionaries: Dictionaries;
  readonly window: OpenWindow;
  readonly pause: Pause;
  /** Called for each new fact after its commit and before its answer. */
  readonly onStored: (stored: StoredFact) => void;
  /** Called when a fact that nobody waits for could not be stored. */
  readonly onLost: (error: unknown) => void;
  readonly ownBlocks: OwnBlocks;
  readonly maxQueueItems?: number;
  readonly maxQueueBytes?: number;
}

function rejectedResult(index: number, error: AssayError): RecordResult {
  return {
    index,
    status: 'rejected',
    code: error.code,
    path: error.path ?? '$',
    message: error.detail ?? error.message,
  };
}

/** Reads the lines; those that are good become pending facts whose settling fills `results`. */
async function collect(
  parts: RecorderParts,
  tenantId: number,
  lines: readonly RawLine[],
): Promise<Collected> {
  const results: RecordResult[] = new Array(lines.length);
  const pending: PendingFact[] = [];
  let resolve: () => void = () => undefined;
  let reject: (error: AssayError) => void = () => undefined;
  const done = new Promise<void>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });
  let open = 0;
  let failure: AssayError | null = null;
  const settleAt = (index: number, made: StoredFact) => (outcome: FactOutcome) => {
    if (outcome === 'accepted' || outcome === 'duplicate') {
      if (outcome === 'accepted') parts.onStored(made);
      results[index] = { index, status: outcome, id: made.id };
    } else {
      results[index] = rejectedResult(index, outcome);
      if (outcome.code !== 'fact.refused') failure = outcome;
    }
    open -= 1;
    if (open > 0) return;
    if (failure === null) resolve();
    else reject(failure);
  };
  for (let index = 0; index < lines.length; index++) {
    if (index > 0 && index % LINES_PER_TURN === 0) await nextTurn();
    const line = lines[index];
    if (line === undefined) continue;
    const made = prepareFact(parts.context, parts.window, tenantId, line);
    if ('code' in made) {
      results[index] = { index, status: 'rejected', ...made };
      continue;
    }
    open += 1;
    pending.push(Object.assign(made, { settle: settleAt(index, made) }));
  }
  if (open === 0) resolve();
  return { results, pending, done };
}

/** Fills in the dictionary numbers; only unknown names wait for the store. */
async function number(dictionaries: Dictionaries, pending: readonly PendingFact[]): Promise<void> {
  const waits: Promise<void>[] = [];
  for (const item of pending) {
    const { narrow, tenantId } = item;
    const agent = dictionaries.agent(tenantId, narrow.agentKey, narrow.agentVersion);
    if (typeof agent === 'number') item.agentId = agent;
    else {
      const fill = (id: number): void => {
        item.agentId = id;
      };
      waits.push(agent.then(fill));
    }
    const type = dictionaries.taskType(tenantId, narrow.taskType, narrow.taskKind);
    if (typeof type === 'number') item.typeId = type;
    else {
      const fill = (id: number): void => {
        item.typeId = id;
      };
      waits.push(type.then(fill));
    }
  }
  if (waits.length === 0) return;
  try {
    await Promise.all(waits);
  } catch (cause) {
    throw new AssayError('store.unavailable', { cause });
  }
}

function answerOf(results: readonly RecordResult[]): RecordAnswer {
  let accepted = 0;
  let duplicates = 0;
  for (const result of results) {
    if (result.status === 'accepted') accepted += 1;
    else if (result.status === 'duplicate') duplicates += 1;
  }
  return { accepted, duplicates, rejected: results.length - accepted - duplicates, results };
}

function createQueue(parts: RecorderParts, figures: RecordFigures): GroupCommit<PendingFact> {
  const write = createFactWriter(parts.context, parts.window, parts.pause, parts.ownBlocks);
  return createGroupCommit<PendingFact>({
    sizeOf: (item) => item.bytes.length,
    ...(parts.maxQueueItems === undefined ? {} : { maxItems: parts.maxQueueItems }),
    ...(parts.maxQueueBytes === undefined ? {} : { maxBytes: parts.maxQueueBytes }),
    async flush(items) {
      const startMs = performance.now();
      await write(items);
      figures.flushes += 1;
      figures.lastFlushMs = performance.now() - startMs;
      figures.flushSeconds += figures.lastFlushMs / 1000;
    },
  });
}

/** A recorder with its own group commit. */
export function createRecorder(parts: RecorderParts): Recorder {
  const figures: RecordFigures = {
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    flushes: 0,
    flushSeconds: 0,
    lastFlushMs: 0,
  };
  const queue = createQueue(parts, figures);

  async function enqueue(tenantId: number, lines: readonly RawLine[]): Promise<Collected> {
    const collected = await collect(parts, tenantId, lines);
    if (collected.pending.length > 0) {
      await number(parts.dictionaries, collected.pending);
      queue.push(collected.pending);
    }
    return collected;
  }

  async function answer(collected: Collected, refused = 0): Promise<RecordAnswer> {
    await collected.done;
    const answer = answerOf(collected.results);
    figures.accepted += answer.accepted;
    figures.duplicates += answer.duplicates;
    figures.rejected += answer.rejected + refused;
    return answer;
  }

  return {
    record: async (tenantId, lines, refused) => answer(await enqueue(tenantId, lines), refused),
    async recordFact(tenantId, fact) {
      const { results } = await answer(await enqueue(tenantId, [lineOf(fact)]));
      const result = results[0];
      if (result === undefined) throw new AssayError('internal');
      return result;
    },
    async queueFact(tenantId, fact) {
      const collected = await enqueue(tenantId, [lineOf(fact)]);
      if (collected.pending.length === 0) return collected.results[0] ?? null;
      answer(collected).catch(parts.onLost);
      return null;
    },
    figures,
    depth: () => queue.depth(),
    close: () => queue.close(),
  };
}
