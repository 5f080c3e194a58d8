import {
  canCompleteTrace,
  executionOfTrace,
  type Fact,
  groupBy,
  isTraceWhole,
  refOf,
  type SpanLog,
} from '@assay/loop';
import type { RecordAnswer } from '@assay/protocol';
import { spansOfTasks, type TaskPlace, unsettledTasks } from '@assay/store';
import type { EngineContext } from './context.ts';
import { lineOf, type RawLine } from './raw-lines.ts';
import { MAX_SPANS_PER_TRACE, type SettleParts, settleTrace, spanOfLine } from './settle-trace.ts';

/** The facts of an export as lines, and the task references whose traces must be looked at later. */
interface ArrivedTraces {
  readonly lines: readonly RawLine[];
  readonly waiting: readonly string[];
}

/** Derives the executions of traces: at once from what is whole, else when a trace falls silent. */
export interface Traces {
  /**
   * Records the facts of an export, spans first.
   * @param refused items that were refused before they became facts
   * @throws AssayError as the recorder does
   */
  readonly recordExport: (
    tenantId: number,
    facts: readonly Fact[],
    refused: number,
  ) => Promise<RecordAnswer>;
  /** Settles the traces that have been silent long enough. Call it often, never twice at once. */
  readonly settleDue: () => Promise<void>;
  /** Settles all that wait. What fails is found again by any process. */
  close(): Promise<void>;
}

interface Waiting extends TaskPlace {
  readonly sinceMs: number;
  readonly dueMs: number;
}

/** Traces in memory. Those beyond are found by the sweep: their spans are marked in the store. */
const MAX_WAITING = 10_000;
/** A trace that never falls silent is looked at after this many quiet periods. */
const MAX_QUIETS = 15;
const SWEEP_MS = 60_000;
const SWEEP_LIMIT = 1_000;
const AT_ONCE = 16;

const traceIdOf = (span: SpanLog): string => span.traceId;

/** Reads the earlier spans of traces, in one query; null when there are too many to say. */
async function earlierSpans(
  context: EngineContext,
  tenantId: number,
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, SpanLog[]> | null> {
  const refs = traceIds.map((traceId) => refOf(context.hash, tenantId, traceId));
  const found = await spansOfTasks(context.db, tenantId, refs, MAX_SPANS_PER_TRACE);
  if (found.length === MAX_SPANS_PER_TRACE) return null;
  return groupBy(
    found.map(({ line }) => spanOfLine(line)).filter((span) => span !== null),
    traceIdOf,
  );
}

/** The spans of one export by their traces, and the executions that they make without any other. */
interface Arriving {
  readonly spans: ReadonlyMap<string, readonly SpanLog[]>;
  readonly executions: ReadonlyMap<string, Fact>;
}

/** Executions of the traces that are whole now. A trace that is whole may still be no execution. */
async function wholeTraces(
  context: EngineContext,
  tenantId: number,
  { spans, executions }: Arriving,
): Promise<ReadonlyMap<string, Fact | null>> {
  const whole = new Map<string, Fact | null>();
  const likely = [...spans].filter(([, arriving]) => canCompleteTrace(arriving));
  const traceIds = likely.map(([traceId]) => traceId);
  const known = await earlierSpans(context, tenantId, traceIds);
  if (known === null) return whole;
  for (const [traceId, arriving] of likely) {
    const earlier = known.get(traceId) ?? [];
    if (!isTraceWhole({ earlier, arriving })) continue;
    const execution =
      earlier.length === 0 ? executions.get(traceId) : executionOfTrace([...earlier, ...arriving]);
    whole.set(traceId, execution ?? null);
  }
  return whole;
}

/**
 * Splits the facts of an export: spans of traces that are not whole are marked, and the executions
 * that were read from a part of a trace give way to those of the whole.
 */
async function arrive(
  context: EngineContext,
  tenantId: number,
  facts: readonly Fact[],
): Promise<ArrivedTraces> {
  const ofKind = <K extends Fact['kind']>(kind: K): Extract<Fact, { kind: K }>[] =>
    facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
  const spans = ofKind('span');
  const byTrace = groupBy(spans, traceIdOf);
  const executions = new Map(ofKind('execution').map((one) => [one.traceId ?? '', one]));
  const whole = await wholeTraces(context, tenantId, { spans: byTrace, executions });
  const derived = [...whole.values()].filter((execution) => execution !== null);
  const others = facts.filter((fact) => fact.kind !== 'span' && fact.kind !== 'execution');
  return {
    lines: [
      ...spans.map((span) => ({ ...lineOf(span), isUnsettled: !whole.has(span.traceId) })),
      ...[...derived, ...others].map(lineOf),
    ],
    waiting: [...byTrace.keys()]
      .filter((traceId) => !whole.has(traceId))
      .map((traceId) => refOf(context.hash, tenantId, traceId)),
  };
}

/** Traces that wait for a quiet period, in this process. */
export function createTraces(parts: SettleParts & { readonly quietMs: number }): Traces {
  const { context, quietMs } = parts;
  const waiting = new Map<string, Waiting>();
  let sweepAtMs = 0;

  function wait(tenantId: number, taskRefs: readonly string[]): void {
    const nowMs = context.now();
    for (const taskRef of taskRefs) {
      const key = `${tenantId}/${taskRef}`;
      const known = waiting.get(key);
      if (known === undefined && waiting.size >= MAX_WAITING) {
        sweepAtMs = Math.min(sweepAtMs, nowMs + quietMs);
        continue;
      }
      const sinceMs = known?.sinceMs ?? nowMs;
      const dueMs = Math.min(nowMs + quietMs, sinceMs + MAX_QUIETS * quietMs);
      waiting.set(key, { tenantId, taskRef, sinceMs, dueMs });
    }
  }

  /** Finds what a process that died, or a memory that was full, has left. */
  async function sweep(): Promise<void> {
    const nowMs = context.now();
    if (nowMs < sweepAtMs) return;
    const found = await unsettledTasks(context.db, SWEEP_LIMIT);
    sweepAtMs = nowMs + (found.length === SWEEP_LIMIT ? quietMs : SWEEP_MS);
    for (const { tenantId, taskRef } of found) {
      if (!waiting.has(`${tenantId}/${taskRef}`)) wait(tenantId, [taskRef]);
    }
  }

  async function settle(due: readonly (readonly [string, Waiting])[]): Promise<void> {
    for (let at = 0; at < due.length; at += AT_ONCE) {
      const settling = due.slice(at, at + AT_ONCE).map(([key, place]) => {
        // Before, so that a span which comes meanwhile waits anew.
        waiting.delete(key);
        return settleTrace(parts, place);
      });
      const failed = (await Promise.allSettled(settling)).find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  }

  return {
    async recordExport(tenantId, facts, refused) {
      const arrived = await arrive(context, tenantId, facts);
      const answer = await parts.record(tenantId, arrived.lines, refused);
      wait(tenantId, arrived.waiting);
      return answer;
    },
    async settleDue() {
      await sweep();
      const nowMs = context.now();
      await settle([...waiting].filter(([, { dueMs }]) => dueMs <= nowMs));
    },
    close: () => settle([...waiting]),
  };
}
