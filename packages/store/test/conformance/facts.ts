import { createHash } from 'node:crypto';
import { brotliCompressSync, constants } from 'node:zlib';
import { blockId, recordId, refOf } from '@assay/loop';
import type { Database } from '../../src/database.ts';
import { agentIdOf, type IngestBatch, taskTypeIdOf } from '../../src/record.ts';

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

/** Groups facts by tenant and day, as the engine does. `order` keeps the arrival order of rows. */
export function batchOf(facts: readonly TestFact[]): IngestBatch {
  const groups = new Map<string, TestFact[]>();
  for (const fact of facts) {
    const key = `${fact.tenantId}/${Math.floor(fact.timestampMs / DAY_MS)}`;
    groups.set(key, [...(groups.get(key) ?? []), fact]);
  }
  const rows: IngestBatch['rows'][number][] = [];
  const blocks: IngestBatch['blocks'][number][] = [];
  const texts: IngestBatch['texts'][number][] = [];
  for (const group of groups.values()) {
    const sorted = group
      .map((fact) => ({ fact, id: idOf(fact) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const block = blockId(
      hashBytes,
      sorted.map((entry) => entry.id),
    );
    const lines = sorted.map((entry) => `${lineOf(entry.fact)}\n`).join('');
    blocks.push({
      tenantId: group[0]?.tenantId ?? 0,
      id: block,
      count: sorted.length,
      body: brotliCompressSync(lines, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    });
    for (const [index, { fact, id }] of sorted.entries()) {
      rows.push({
        id,
        tenantId: fact.tenantId,
        timestampMs: fact.timestampMs,
        blockId: block,
        index,
        agentId: fact.agentId ?? 1,
        typeId: fact.typeId ?? 1,
        kind: fact.kind ?? 1,
        success: fact.success ?? null,
        latencyMs: fact.latencyMs ?? null,
        tokens: fact.tokens ?? null,
        quality: fact.quality ?? null,
        costUsd: fact.costUsd ?? null,
        taskRef: ref(fact.tenantId, fact.taskId),
        sessionRef: fact.sessionId === undefined ? '0' : ref(fact.tenantId, fact.sessionId),
        flags: 0,
      });
      if (fact.text !== undefined) texts.push({ tenantId: fact.tenantId, id, text: fact.text });
    }
  }
  return { rows, blocks, texts };
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
