import { isDeepStrictEqual } from 'node:util';
import {
  type DerivedExecution,
  executionsOfRoots,
  groupBy,
  identityOf,
  keepAgent,
  recordId,
  type SpanLog,
} from '@assay/loop';
import type { RecordAnswer } from '@assay/protocol';
import {
  type CostChange,
  isShared,
  markSettled,
  readDocuments,
  reviseRun,
  rollUp,
  spansOfTasks,
  type TaskPlace,
} from '@assay/store';
import type { EngineContext } from './context.ts';
import { type CostCorrection, changeOfCorrection } from './cost-correction.ts';
import type { OpenWindow } from './open-window.ts';
import { factOfLine, prepareFact } from './pending-fact.ts';
import { lineOf, type RawLine } from './raw-lines.ts';

/** What the settling of traces needs. */
export interface SettleParts {
  readonly context: EngineContext;
  readonly window: OpenWindow;
  /** Records facts, with everything that follows from them. */
  record(tenantId: number, lines: readonly RawLine[], refused?: number): Promise<RecordAnswer>;
  /** Called when a run has been revised, on a store that no other process uses. */
  readonly onCorrected: (tenantId: number, correction: CostCorrection) => void;
}

/** Most spans of a trace that are read; the execution of a longer one counts its first. */
export const MAX_SPANS_PER_TRACE = 10_000;
/** Roots of one trace that are looked at. */
const MAX_ROOTS = 50;
/** Losing a race costs one round. A trace that loses them all stays unsettled for the next sweep. */
const MAX_ROUNDS = 5;
const BLOCKS_PER_TRANSACTION = 200;

interface Stored {
  /** What the root of the stored execution says now. */
  readonly derived: DerivedExecution;
  /** What is stored. */
  readonly first: DerivedExecution;
  readonly line: string;
}

/** A stored line as a span; null when it is something else. */
export function spanOfLine(line: string): SpanLog | null {
  const fact = factOfLine(line);
  return fact?.kind === 'span' ? fact : null;
}

/** The execution that is stored for one of the roots. Once there is one, its root stays the root. */
async function findStored(
  context: EngineContext,
  tenantId: number,
  derived: readonly DerivedExecution[],
): Promise<Stored | null> {
  const ids = derived.map((one) =>
    recordId(context.hash, tenantId, one.timestamp, identityOf(one)),
  );
  const lines = await readDocuments(context.db, tenantId, ids);
  for (const [index, one] of derived.entries()) {
    const line = lines.get(ids[index] ?? '');
    const first = line === undefined ? null : factOfLine(line);
    if (line !== undefined && first?.kind === 'execution') return { derived: one, first, line };
  }
  return null;
}

/** Stores what an execution turned out to be. False when it must be derived again. */
async function revise(
  parts: SettleParts,
  { tenantId, taskRef: spansRef }: TaskPlace,
  line: RawLine,
  spanCount: number,
): Promise<boolean> {
  const { context, window } = parts;
  const { db } = context;
  const run = prepareFact(context, window, tenantId, line);
  // The time window has moved past the run: it stays what it is.
  if ('code' in run) return true;
  const { id, narrow, sessionRef, text } = run;
  const { agentKey: agentId, agentVersion, taskType, taskKind, tokens, costUsd } = narrow;
  const correctionOf = (cost: CostChange): CostCorrection => {
    return { id, agentId, agentVersion, taskType, taskKind, ...cost };
  };
  const end = await reviseRun(db, tenantId, {
    id,
    tokens,
    costUsd,
    sessionRef,
    line: run.bytes.toString('utf8'),
    text,
    spansRef,
    spanCount,
    maxSpans: MAX_SPANS_PER_TRACE,
    changeOf: (cost) => changeOfCorrection(correctionOf(cost)),
    nowMs: context.now(),
  });
  // Where there are other processes, this one hears of it as they do.
  if (end.kind === 'revised' && !isShared(db)) {
    parts.onCorrected(tenantId, correctionOf(end.cost));
  }
  if (end.kind === 'unrolled') {
    while ((await rollUp(db, tenantId, BLOCKS_PER_TRANSACTION, context.now())) > 0);
  }
  return end.kind === 'revised' || end.kind === 'gone';
}

/** Makes the stored execution of one trace what its spans say. False when it must be tried again. */
async function countTrace(
  parts: SettleParts,
  place: TaskPlace,
  spans: readonly SpanLog[],
  spanCount: number,
): Promise<boolean> {
  const derived = executionsOfRoots(spans).slice(0, MAX_ROOTS);
  const [execution] = derived;
  if (execution === undefined) return true;
  const stored = await findStored(parts.context, place.tenantId, derived);
  if (stored === null) {
    const { duplicates } = await parts.record(place.tenantId, [lineOf(execution)]);
    // Another process was faster. It may have seen fewer spans.
    return duplicates === 0;
  }
  // Somebody who knew more of the run than its spans say has recorded it.
  if (stored.first.derivedFrom !== 'spans') return true;
  const line = lineOf(keepAgent(stored.derived, stored.first));
  const isSame = isDeepStrictEqual(JSON.parse(line.bytes.toString()), JSON.parse(stored.line));
  return isSame || revise(parts, place, line, spanCount);
}

/**
 * Compares the spans under a task reference with the execution of their trace: records it when there
 * is none, revises it when the spans say something else, and takes the marks off the spans.
 *
 * Any number of processes may do this at once and at any time: an execution is recorded once by its
 * id, and revised only by one who has seen all spans.
 *
 * @throws AssayError, or what the store throws: the spans stay marked and are found again
 */
export async function settleTrace(parts: SettleParts, place: TaskPlace): Promise<void> {
  const { tenantId, taskRef } = place;
  const { db } = parts.context;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = await spansOfTasks(db, tenantId, [taskRef], MAX_SPANS_PER_TRACE);
    const spans = found.map(({ line }) => spanOfLine(line)).filter((span) => span !== null);
    let isSettled = true;
    // Several traces only if they share 64 bits of a hash.
    for (const trace of groupBy(spans, (span) => span.traceId).values()) {
      isSettled = (await countTrace(parts, place, trace, found.length)) && isSettled;
    }
    if (!isSettled) continue;
    const isCut = found.length === MAX_SPANS_PER_TRACE;
    const ids = found.map((span) => span.id);
    return await markSettled(db, place, isCut ? null : ids);
  }
}
