import { createHash } from 'node:crypto';
import { brotliCompressSync, constants } from 'node:zlib';
import { blockId, recordId, refOf } from '@assay/loop';
import type { Database } from '../../src/database.ts';
import {
  agentIdOf,
  type IngestBatch,
  type IngestBlock,
  type IngestRow,
  taskTypeIdOf,
} from '../../src/record.ts';

/** One fact as the tests write it. */
export interface TestFact {
  readonly tenantId: number;
  readonly taskId: string;
  readonly timestampMs: number;
  readonly kind?: number;
  readonly agentId?: number;
  readonly typeId?: number;
  readonly success?: boolean | null;
  readonly latencyMs?: number | null;
  readonly tokens?: number | null;
  readonly quality?: number | null;
  readonly costUsd?: number | null;
  readonly sessionId?: string;
  readonly text?: string;
}

const DAY_MS = 86_400_000;
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Reference of a task or session id. */
export function ref(tenantId: number, text: string): string {
  return refOf(hash, tenantId, text);
}

/** Id of a fact. */
export function idOf(fact: TestFact): string {
  return recordId(hash, fact.tenantId, fact.timestampMs, `${fact.taskId}\0${fact.kind ?? 1}`);
}

/** The line that is stored for a fact. */
export function lineOf(fact: TestFact): string {
  return JSON.stringify({ taskId: fact.taskId, tenant: fact.tenantId, kind: fact.kind ?? 1 });
}

/** Groups facts by tenant and day, as the engine does; rows keep the order of arrival of groups. */
export function batchOf(facts: readonly TestFact[]): IngestBatch {
  const groups = new Map<string, TestFact[]>();
  for (const fact of facts) {
    const key = `${fact.tenantId}/${Math.floor(fact.timestampMs / DAY_MS)}`;
    groups.set(key, [...(groups.get(key) ?? []), fact]);
  }
  const parts = [...groups.values()].map(blockOf);
  return {
    rows: parts.flatMap((part) => part.rows),
    blocks: parts.map((part) => part.block),
    texts: facts.flatMap((fact) =>
      fact.text === undefined ? [] : [{ tenantId: fact.tenantId, id: idOf(fact), text: fact.text }],
    ),
  };
}

function blockOf(facts: readonly TestFact[]): {
  readonly rows: IngestRow[];
  readonly block: IngestBlock;
} {
  const ids = new Map(facts.map((fact) => [idOf(fact), fact]));
  const sorted = [...ids.keys()].sort();
  const id = blockId(hashBytes, sorted);
  const ordered = sorted.flatMap((key) => ids.get(key) ?? []);
  const lines = ordered.map((fact) => `${lineOf(fact)}\n`).join('');
  const body = brotliCompressSync(lines, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const tenantId = facts[0]?.tenantId ?? 0;
  const rows = facts.map((fact) => rowOf(fact, id, sorted.indexOf(idOf(fact))));
  return { rows, block: { tenantId, id, count: sorted.length, body } };
}

const UNKNOWN = { success: null, latencyMs: null, tokens: null, quality: null, costUsd: null };

function rowOf(fact: TestFact, block: string, index: number): IngestRow {
  const { tenantId, taskId, sessionId } = fact;
  return {
    kind: 1,
    agentId: 1,
    typeId: 1,
    flags: 0,
    ...UNKNOWN,
    ...fact,
    id: idOf(fact),
    blockId: block,
    index,
    taskRef: ref(tenantId, taskId),
    sessionRef: sessionId === undefined ? '0' : ref(tenantId, sessionId),
  };
}

/** Gives a tenant two agents (numbers 1 and 2) and two task types (1 and 2). */
export async function addDictionary(db: Database, tenantId: number): Promise<void> {
  await agentIdOf(db, tenantId, 'triage', '1');
  await agentIdOf(db, tenantId, 'triage', '2');
  await taskTypeIdOf(db, tenantId, 'email', '');
  await taskTypeIdOf(db, tenantId, 'email', 'invoice');
}

/** A sequence of numbers in [0, 1) that is the same in every run. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
