import type { Fact } from '@assay/loop';
import type { RecordAnswer, RouteRequest } from '@assay/protocol';
import { isShared, listTenants } from '@assay/store';
import type { EngineContext } from './context.ts';
import { createDictionaries } from './dictionaries.ts';
import { createFollower } from './follow-changes.ts';
import { refreshLearning, saveDrift } from './learn.ts';
import { createLearner, type Learner } from './learner.ts';
import type { OpenWindow } from './open-window.ts';
import { createOpenWindow } from './open-window.ts';
import { createOwnBlocks, NO_OWN_BLOCKS, type OwnBlocks } from './own-blocks.ts';
import type { RawLine } from './raw-lines.ts';
import { createReceivedCounts } from './received-counts.ts';
import type { Recorder } from './record.ts';
import { createRecorder } from './record.ts';
import type { RouteAnswer } from './route.ts';
import { routeTask } from './route.ts';
import type { Scoring, ScoringParts } from './scoring.ts';
import { createScoring } from './scoring.ts';
import type { StreamHub } from './streams.ts';
import { createStreamHub } from './streams.ts';
import type { TenantMemories, TenantMemory } from './tenant-memory.ts';
import { createTenantMemories } from './tenant-memory.ts';
import type { Tenants } from './tenants.ts';
import { createTenants } from './tenants.ts';
import { createTraces } from './traces.ts';

/** What an engine is made of. */
export interface EngineParts {
  readonly context: EngineContext;
  /** How far back facts are taken, days. */
  readonly recordWindowDays: number;
  /** A new secret for a key, at least 32 random bytes as text. */
  readonly newSecret: () => string;
  readonly pause: (ms: number) => Promise<void>;
  readonly onFault: (error: unknown) => void;
  readonly maxQueueItems?: number;
  readonly scoring?: ScoringParts;
  /** Silence after which the execution of a trace is derived, ms; 2,000 when absent. */
  readonly traceQuietMs?: number;
}

/** The use cases of Assay over one store. */
export interface Engine {
  readonly context: EngineContext;
  readonly tenants: Tenants;
  readonly memories: TenantMemories;
  readonly recorder: Recorder;
  readonly streams: StreamHub;
  readonly window: OpenWindow;
  readonly scoring: Scoring;
  memory(tenantId: number): Promise<TenantMemory>;
  /** As {@link Recorder.record}; evidence, streams and collection health follow. */
  record(tenantId: number, lines: readonly RawLine[], refused?: number): Promise<RecordAnswer>;
  /** Records what an exporter sent, spans first; executions of traces follow. */
  recordExport(tenantId: number, facts: readonly Fact[], refused: number): Promise<RecordAnswer>;
  route(tenantId: number, request: RouteRequest): Promise<RouteAnswer>;
  /** Duty of several times a second, not while it runs: executions of traces that fell silent. */
  settleTraces(): Promise<void>;
  /**
   * Duty of several times a second, not while it runs: what other processes have recorded,
   * probabilities, counts of what was received.
   */
  refresh(): Promise<void>;
  /** Finishes what was acknowledged to be in work. */
  close(): Promise<void>;
}

const DEFAULT_TRACE_QUIET_MS = 2_000;

/** Tells listeners, once a second at most, that the evidence of their tenant has grown. */
function createEvidenceNotes(memories: TenantMemories, streams: StreamHub): () => void {
  const told = new Map<number, number>();
  return () => {
    for (const { tenantId, evidence } of memories.all()) {
      if (!streams.hasListeners(tenantId) || told.get(tenantId) === evidence.sequence) continue;
      told.set(tenantId, evidence.sequence);
      streams.publish(tenantId, { event: 'evidence', data: { sequence: evidence.sequence } });
    }
  };
}

/** The recorder and the scoring of what it records, which records its scores again. */
function createRecording(
  parts: EngineParts,
  window: OpenWindow,
  learner: Learner,
  ownBlocks: OwnBlocks,
): { readonly recorder: Recorder; readonly scoring: Scoring } {
  const { context } = parts;
  const scoring = createScoring(
    {
      context,
      record: (tenantId, lines) => recorder.record(tenantId, lines),
      pause: parts.pause,
      onFault: parts.onFault,
    },
    parts.scoring ?? {},
  );
  const recorder = createRecorder({
    context,
    dictionaries: createDictionaries(context.db),
    window,
    pause: parts.pause,
    onStored(stored) {
      scoring.offer(stored);
      learner.onStored(stored);
    },
    ownBlocks,
    onLost: parts.onFault,
    ...(parts.maxQueueItems === undefined ? {} : { maxQueueItems: parts.maxQueueItems }),
  });
  return { recorder, scoring };
}

/** What learns from facts of this process and, where there are others, follows theirs. */
function createLearning(
  { context, onFault }: EngineParts,
  memories: TenantMemories,
  streams: StreamHub,
): {
  readonly learner: Learner;
  readonly ownBlocks: OwnBlocks;
  readonly follow: () => Promise<void>;
} {
  const isFollowing = isShared(context.db);
  const ownBlocks = isFollowing ? createOwnBlocks() : NO_OWN_BLOCKS;
  const learner = createLearner({ context, memories, streams, ownBlocks, onFault });
  const learn = learner.learnForeign;
  const follow = createFollower({ context, memories, ownBlocks, learn, onFault });
  return { learner, ownBlocks, follow: isFollowing ? follow : () => Promise.resolve() };
}

/** Opens an engine: loads the evidence of every tenant and makes the partitions of these days. */
export async function createEngine(parts: EngineParts): Promise<Engine> {
  const { context } = parts;
  const memories = createTenantMemories(context);
  const streams = createStreamHub();
  const window = createOpenWindow(context.db, context.now, parts.recordWindowDays);
  await window.ensureAhead();
  const received = createReceivedCounts(context);
  const noteEvidence = createEvidenceNotes(memories, streams);

  const { learner, ownBlocks, follow } = createLearning(parts, memories, streams);
  const { recorder, scoring } = createRecording(parts, window, learner, ownBlocks);
  for (const { tenantId } of await listTenants(context.db)) await memories.of(tenantId);

  async function record(
    tenantId: number,
    lines: readonly RawLine[],
    refused = 0,
  ): Promise<RecordAnswer> {
    // Evidence is read from the store first: a fact must not be counted there and here.
    await memories.of(tenantId);
    await scoring.prepare(tenantId);
    const answer = await recorder.record(tenantId, lines, refused);
    received.add(tenantId, { ...answer, rejected: answer.rejected + refused });
    return answer;
  }

  const traces = createTraces({
    context,
    window,
    record,
    quietMs: parts.traceQuietMs ?? DEFAULT_TRACE_QUIET_MS,
    onCorrected: learner.learnCorrection,
  });

  async function refresh(): Promise<void> {
    await follow().catch(parts.onFault);
    await window.keepFresh().catch(parts.onFault);
    refreshLearning(memories, context.now());
    noteEvidence();
    await received.save();
    await scoring.refresh();
  }

  return {
    context,
    tenants: createTenants(context, parts.newSecret),
    memories,
    recorder,
    streams,
    window,
    scoring,
    memory: (tenantId) => memories.of(tenantId),
    record,
    recordExport: traces.recordExport,
    settleTraces: traces.settleDue,
    async route(tenantId, request) {
      return routeTask(context, await memories.of(tenantId), recorder, request);
    },
    refresh,
    async close() {
      await traces.close().catch(parts.onFault);
      await scoring.close();
      await recorder.close();
      await received.save();
      await saveDrift(context, memories);
    },
  };
}
