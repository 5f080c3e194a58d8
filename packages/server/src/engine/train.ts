import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BatchCriteria,
  type BatchManifest,
  type BatchOutcome,
  buildBatch,
  DETECTOR_NAME,
  detectFindings,
  examplesOf,
  FACT_KINDS,
  type RecordedFact,
  type RowFormat,
  type TrainingType,
} from '@assay/loop';
import { AssayError, type BatchRequestBody, batchRequestSchema, readFact } from '@assay/protocol';
import { getState, listStates, putState, scanDocuments } from '@assay/store';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';

const BATCHES = 'batch';
const LINEAGE = 'batch-lineage';
const SALTS = 'batch-salt';
const PAGE = 5_000;
/** Facts that examples are joined from. */
const KINDS = [
  FACT_KINDS.decision,
  FACT_KINDS.execution,
  FACT_KINDS.evaluation,
  FACT_KINDS.turn,
  FACT_KINDS.task,
];
/** An evaluation or decision may lie outside the time range of its execution by this much. */
const JOIN_SLACK_MS = 86_400_000;

/** A batch as it is stored. */
export interface StoredBatch extends BatchManifest {
  /** ms since 1970. */
  readonly createdAtMs: number;
}

/** Which examples went out with a batch. The mark "exported" is this record, written once. */
interface BatchLineage {
  readonly trainingType: TrainingType;
  readonly format: RowFormat;
  readonly exampleIds: readonly string[];
  readonly taskIds: readonly string[];
}

/** Batches of one tenant are made one after the other, so that no example goes out twice. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Makes a batch of training data from the recorded facts, writes its files and marks its examples
 * as exported. Examples of earlier batches of the same training type and format are left out.
 *
 * Throws AssayError `request.invalid`; `batch.not-ready` when there is too little data and
 * `allowNotReady` was not given, or none at all.
 */
export async function createBatch(
  context: EngineContext,
  tenantId: number,
  body: unknown,
): Promise<StoredBatch> {
  const request = parseBody(batchRequestSchema, body);
  const key = `${context.dataDirectory}\0${tenantId}`;
  const before = queues.get(key) ?? Promise.resolve();
  const work = before.catch(() => undefined).then(() => makeBatch(context, tenantId, request));
  queues.set(key, work);
  try {
    return await work;
  } finally {
    if (queues.get(key) === work) queues.delete(key);
  }
}

/** Manifests of the tenant's batches, newest first. */
export async function listBatches(
  context: EngineContext,
  tenantId: number,
): Promise<readonly StoredBatch[]> {
  const states = await listStates(context.db, tenantId, BATCHES);
  return states
    .map(({ value }) => value as StoredBatch)
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
}

/**
 * Bytes of one file of a batch, `manifest.json` included. Throws AssayError `batch.not-found` for a
 * batch or file that is not there, `internal` when the bytes are no longer those of the manifest.
 */
export async function readBatchFile(
  context: EngineContext,
  tenantId: number,
  batchId: string,
  fileName: string,
): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string }> {
  const batch = await batchOf(context, tenantId, batchId);
  if (fileName === 'manifest.json') {
    const bytes = new TextEncoder().encode(`${JSON.stringify(batch, null, 2)}\n`);
    return { bytes, mediaType: 'application/json' };
  }
  // Only names of the manifest are opened: a name from a request never becomes a path.
  const file = batch.files.find((one) => one.name === fileName);
  if (file === undefined) {
    throw new AssayError('batch.not-found', { detail: `file ${fileName} of ${batchId}` });
  }
  const bytes = await readFile(join(directoryOf(context, tenantId, batch.id), file.name));
  if (context.hashBytes(bytes) !== file.sha256) {
    throw new AssayError('internal', { detail: `${file.name} of ${batchId} has changed on disk` });
  }
  return { bytes, mediaType: 'application/x-ndjson' };
}

/** Ids of the tasks that went into batches. Throws AssayError `batch.not-found`. */
export async function trainedTaskIds(
  context: EngineContext,
  tenantId: number,
  batchIds: readonly string[],
): Promise<readonly string[]> {
  const taskIds = new Set<string>();
  for (const batchId of batchIds) {
    await batchOf(context, tenantId, batchId);
    const state = await getState(context.db, tenantId, LINEAGE, batchId);
    for (const id of (state?.value as BatchLineage | undefined)?.taskIds ?? []) taskIds.add(id);
  }
  return [...taskIds];
}

async function makeBatch(
  context: EngineContext,
  tenantId: number,
  request: BatchRequestBody,
): Promise<StoredBatch> {
  const criteria = criteriaOf(request, context.now());
  const format = request.format ?? 'allow-list-jsonl';
  const facts = await readFacts(context, tenantId, criteria);
  const salt = await saltOf(context, tenantId);
  const outcome = buildBatch({
    criteria,
    format,
    examples: examplesOf(facts),
    alreadyExported: await exportedExamples(context, tenantId, criteria.trainingType, format),
    allowNotReady: request.allowNotReady ?? false,
    hash: context.hash,
    pseudonym: (text) => context.hash(`${salt}\0${text}`).slice(0, 32),
    detect: detectFindings,
    detectorName: DETECTOR_NAME,
    byteLength: (text) => Buffer.byteLength(text),
  });
  if (outcome.kind === 'not-ready') throw notReady(outcome);
  return keepBatch(context, tenantId, outcome);
}

function criteriaOf(request: BatchRequestBody, nowMs: number): BatchCriteria {
  const { trainingType, from, to, taskTypes, agentIds, minQuality, requiredMetrics } = request;
  const fromMs = from ?? 0;
  const toMs = to ?? nowMs + 1;
  if (toMs <= fromMs) {
    throw new AssayError('request.invalid', { path: '$.to', detail: 'must be after from' });
  }
  return {
    trainingType,
    fromMs,
    toMs,
    ...(taskTypes === undefined ? {} : { taskTypes: [...new Set(taskTypes)].sort() }),
    ...(agentIds === undefined ? {} : { agentIds: [...new Set(agentIds)].sort() }),
    ...(minQuality === undefined ? {} : { minQuality }),
    ...(requiredMetrics === undefined ? {} : { requiredMetrics }),
  };
}

async function readFacts(
  context: EngineContext,
  tenantId: number,
  criteria: BatchCriteria,
): Promise<readonly RecordedFact[]> {
  const facts: RecordedFact[] = [];
  const range = {
    fromMs: Math.max(0, criteria.fromMs - JOIN_SLACK_MS),
    toMs: criteria.toMs + JOIN_SLACK_MS,
    kinds: KINDS,
    limit: PAGE,
  };
  let after: string | undefined;
  for (;;) {
    const page = await scanDocuments(context.db, tenantId, {
      ...range,
      ...(after === undefined ? {} : { after }),
    });
    for (const { id, line } of page) {
      const reading = readFact(JSON.parse(line));
      if (reading.fact !== undefined) facts.push({ id, fact: reading.fact });
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE || after === undefined) return facts;
  }
}

async function exportedExamples(
  context: EngineContext,
  tenantId: number,
  trainingType: TrainingType,
  format: RowFormat,
): Promise<ReadonlySet<string>> {
  const exported = new Set<string>();
  let after = '';
  for (;;) {
    const page = await listStates(context.db, tenantId, LINEAGE, { after, limit: 100 });
    for (const { value } of page) {
      const lineage = value as BatchLineage;
      if (lineage.trainingType !== trainingType || lineage.format !== format) continue;
      for (const id of lineage.exampleIds) exported.add(id);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < 100) return exported;
    after = last.key;
  }
}

/** Key of the tenant's pseudonyms: random, made once, never in a file. */
async function saltOf(context: EngineContext, tenantId: number): Promise<string> {
  const known = await getState(context.db, tenantId, SALTS, 'salt');
  if (known !== null) return String(known.value);
  const salt = context.hash(`${context.newId()}\0${context.newId()}\0${context.newId()}`);
  await putState(context.db, tenantId, SALTS, 'salt', salt, context.now());
  return salt;
}

/**
 * Files first, then the lineage, which is the mark, then the manifest. A crash in between leaves
 * files that nobody lists, or a mark without a manifest: no example can go out twice.
 */
async function keepBatch(
  context: EngineContext,
  tenantId: number,
  outcome: Extract<BatchOutcome, { kind: 'batch' }>,
): Promise<StoredBatch> {
  const { manifest, files, exampleIds, taskIds } = outcome;
  const { trainingType } = manifest.criteria;
  const directory = directoryOf(context, tenantId, manifest.id);
  await mkdir(directory, { recursive: true });
  for (const { name, content } of files) await writeDurably(join(directory, name), content);
  const nowMs = context.now();
  const stored: StoredBatch = { ...manifest, createdAtMs: nowMs };
  await writeDurably(join(directory, 'manifest.json'), `${JSON.stringify(stored, null, 2)}\n`);
  const lineage: BatchLineage = { trainingType, format: manifest.format, exampleIds, taskIds };
  await putState(context.db, tenantId, LINEAGE, manifest.id, lineage, nowMs);
  await putState(context.db, tenantId, BATCHES, manifest.id, stored, nowMs);
  return stored;
}

async function writeDurably(path: string, content: string): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

function directoryOf(context: EngineContext, tenantId: number, batchId: string): string {
  return join(context.dataDirectory, 'batches', String(tenantId), batchId);
}

async function batchOf(
  context: EngineContext,
  tenantId: number,
  batchId: string,
): Promise<StoredBatch> {
  const state = await getState(context.db, tenantId, BATCHES, batchId);
  if (state === null) throw new AssayError('batch.not-found', { detail: `batch ${batchId}` });
  return state.value as StoredBatch;
}

function notReady(outcome: Extract<BatchOutcome, { kind: 'not-ready' }>): AssayError {
  const steps = outcome.readiness.steps
    .filter((step) => step.progress < 1)
    .map((step) => `${step.name} ${step.have} of ${step.need}`);
  const rejected = Object.entries(outcome.rejectedByGate)
    .filter(([, count]) => count > 0)
    .map(([gate, count]) => `${gate} kept ${count} out`);
  return new AssayError('batch.not-ready', { detail: [...steps, ...rejected].join('; ') });
}
