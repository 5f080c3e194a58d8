import type { DriftFinding } from '@assay/loop';
import type { RecordAnswer, RouteRequest } from '@assay/protocol';
import { listTenants, putState } from '@assay/store';
import type { EngineContext } from './context.ts';
import { createDictionaries } from './dictionaries.ts';
import { learnFact, refreshLearning, saveDrift } from './learn.ts';
import type { OpenWindow } from './open-window.ts';
import { createOpenWindow } from './open-window.ts';
import { readStoredFact } from './pending-fact.ts';
import type { RawLine } from './raw-lines.ts';
import { createReceivedCounts } from './received-counts.ts';
import type { Recorder, StoredFact } from './record.ts';
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
  route(tenantId: number, request: RouteRequest): Promise<RouteAnswer>;
  /** Duty of every second: probabilities, drift, counts of what was received. */
  refresh(): Promise<void>;
  /** Finishes what was acknowledged to be in work. */
  close(): Promise<void>;
}

/** What a listener of the live stream sees of a fact: names and figures, no content. */
function factEvent({ id, kind, taskId, timestampMs, narrow }: StoredFact): unknown {
  return {
    id,
    kind,
    taskId,
    agentId: narrow.agentKey === '' ? null : narrow.agentKey,
    taskType: narrow.taskType === '' ? undefined : narrow.taskType,
    timestamp: new Date(timestampMs).toISOString(),
  };
}

function createOnStored(
  memories: TenantMemories,
  streams: StreamHub,
  scoring: Scoring,
  onDrift: (tenantId: number, findings: readonly DriftFinding[]) => void,
): (stored: StoredFact) => void {
  return (stored) => {
    const { tenantId } = stored;
    scoring.offer(stored);
    const memory = memories.loaded(tenantId);
    if (memory !== null) {
      const findings = learnFact(memory, stored);
      if (findings.length > 0) onDrift(tenantId, findings);
    }
    if (!streams.hasListeners(tenantId)) return;
    streams.publish(tenantId, { event: 'fact', data: factEvent(stored) });
    if (stored.kind === 'decision') {
      const decision = { id: stored.id, ...readStoredFact(stored) };
      streams.publish(tenantId, { event: 'decision', data: decision });
    }
  };
}

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

/** Keeps drift findings and tells listeners of them. */
function createOnDrift(
  context: EngineContext,
  streams: StreamHub,
  onFault: (error: unknown) => void,
): (tenantId: number, findings: readonly DriftFinding[]) => void {
  return (tenantId, findings) => {
    for (const finding of findings) {
      streams.publish(tenantId, { event: 'drift', data: finding });
      const key = `${new Date(finding.detectedMs).toISOString()}@${context.newId()}`;
      putState(context.db, tenantId, 'drift-finding', key, finding, context.now()).catch(onFault);
    }
  };
}

/** The recorder and the scoring of what it records, which records its scores again. */
function createRecording(
  parts: EngineParts,
  window: OpenWindow,
  memories: TenantMemories,
  streams: StreamHub,
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
    onStored: createOnStored(
      memories,
      streams,
      scoring,
      createOnDrift(context, streams, parts.onFault),
    ),
    onLost: parts.onFault,
    ...(parts.maxQueueItems === undefined ? {} : { maxQueueItems: parts.maxQueueItems }),
  });
  return { recorder, scoring };
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

  const { recorder, scoring } = createRecording(parts, window, memories, streams);
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

  async function refresh(): Promise<void> {
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
    async route(tenantId, request) {
      return routeTask(context, await memories.of(tenantId), recorder, request);
    },
    refresh,
    async close() {
      await scoring.close();
      await recorder.close();
      await received.save();
      await saveDrift(context, memories);
    },
  };
}
