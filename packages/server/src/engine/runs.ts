import type { Fact, Run } from '@assay/loop';
import { FACT_KINDS, joinRun, refOf } from '@assay/loop';
import type { RunsQuery } from '@assay/protocol';
import { AssayError } from '@assay/protocol';
import type { FactFilter, FactRow } from '@assay/store';
import { factsOfTask, listFacts, readDocuments } from '@assay/store';
import type { EngineContext } from './context.ts';
import { factOfLine, taskIdOf } from './pending-fact.ts';

/** One run in a list. */
export type RunLine = Omit<FactRow, 'kind' | 'timestampMs' | 'taskRef' | 'sessionRef'> & {
  readonly taskId: string | null;
  readonly sessionId: string | null;
  /** ISO 8601. */
  readonly timestamp: string;
};

/** A page of a list; `nextCursor` is null at its end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** The runs of a session, oldest first. */
export interface Session {
  readonly sessionId: string;
  readonly items: readonly RunLine[];
  /** False when there are more runs than are listed. */
  readonly isComplete: boolean;
}

const RUN_KINDS: readonly number[] = [FACT_KINDS.execution, FACT_KINDS.task];
const MAX_FACTS_PER_RUN = 10_000;
const MAX_RUNS_PER_SESSION = 500;
const MAX_TRACES_PER_RUN = 10;
/** An evaluation that came later than this after the run is only shown with the run itself. */
const EVALUATION_WAIT_MS = 86_400_000;

/** Scores of separate evaluations, by task: the last one counts. */
async function scoresOf(
  context: EngineContext,
  tenantId: number,
  rows: readonly FactRow[],
): Promise<ReadonlyMap<string, number>> {
  const scores = new Map<string, number>();
  const unscored = rows.filter((row) => row.quality === null);
  const first = unscored.at(-1);
  const last = unscored[0];
  if (first === undefined || last === undefined) return scores;
  const evaluations = await listFacts(context.db, tenantId, {
    kinds: [FACT_KINDS.evaluation],
    fromMs: first.timestampMs,
    toMs: last.timestampMs + EVALUATION_WAIT_MS,
    limit: 2_000,
  });
  for (const one of [...evaluations].reverse()) {
    if (one.quality !== null) scores.set(one.taskRef, one.quality);
  }
  return scores;
}

async function pageOf(
  context: EngineContext,
  tenantId: number,
  filter: FactFilter,
): Promise<Page<RunLine>> {
  const found = await listFacts(context.db, tenantId, { ...filter, limit: filter.limit + 1 });
  const rows = found.slice(0, filter.limit);
  const ids = rows.map((row) => row.id);
  const lines = await readDocuments(context.db, tenantId, ids);
  const scores = await scoresOf(context, tenantId, rows);
  const items = rows.map(
    ({ kind: _kind, timestampMs, taskRef, sessionRef: _ref, ...row }): RunLine => {
      const fact = factOfLine(lines.get(row.id) ?? '');
      return {
        ...row,
        quality: row.quality ?? scores.get(taskRef) ?? null,
        timestamp: new Date(timestampMs).toISOString(),
        taskId: fact === null ? null : taskIdOf(fact),
        sessionId: fact === null || fact.kind === 'feedback' ? null : (fact.sessionId ?? null),
      };
    },
  );
  return { items, nextCursor: found.length > filter.limit ? (ids.at(-1) ?? null) : null };
}

/** Lists runs, newest first. */
export function listRuns(
  context: EngineContext,
  tenantId: number,
  query: RunsQuery,
): Promise<Page<RunLine>> {
  const { session, q } = query;
  const wanted = {
    agentKey: query.agent,
    agentVersion: query.version,
    taskType: query.taskType,
    taskKind: query.taskKind,
    fromMs: query.from,
    toMs: query.to,
    success: query.success,
    search: q?.trim() === '' ? undefined : q,
    before: query.cursor,
    sessionRef: session === undefined ? undefined : refOf(context.hash, tenantId, session),
  };
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  const filter: FactFilter = {
    kinds: RUN_KINDS,
    limit: query.limit,
    ...(Object.fromEntries(given) as Partial<FactFilter>),
  };
  return pageOf(context, tenantId, filter);
}

async function factsNamed(
  context: EngineContext,
  tenantId: number,
  taskId: string,
): Promise<Fact[]> {
  const ref = refOf(context.hash, tenantId, taskId);
  const found = await factsOfTask(context.db, tenantId, ref, MAX_FACTS_PER_RUN);
  return found.flatMap(({ line }) => {
    const fact = factOfLine(line);
    // Two texts may share a reference, however unlikely.
    return fact !== null && taskIdOf(fact) === taskId ? [fact] : [];
  });
}

function traceOf(fact: Fact): string | null {
  return fact.kind === 'feedback' ? null : (fact.traceId ?? null);
}

/**
 * One run with everything joined. Spans are recorded under their trace: those of the traces that
 * the facts name are joined too.
 * @throws AssayError `run.not-found`
 */
export async function getRun(
  context: EngineContext,
  tenantId: number,
  taskId: string,
): Promise<Run> {
  const facts = await factsNamed(context, tenantId, taskId);
  if (facts.length === 0) throw new AssayError('run.not-found', { detail: `task ${taskId}` });
  const traces = new Set(facts.map(traceOf).filter((one) => one !== null && one !== taskId));
  for (const trace of [...traces].slice(0, MAX_TRACES_PER_RUN)) {
    for (const fact of await factsNamed(context, tenantId, trace ?? '')) {
      if (fact.kind === 'span') facts.push({ ...fact, taskId });
    }
  }
  return joinRun(facts);
}

/**
 * A session with its runs, oldest first.
 * @throws AssayError `session.not-found`
 */
export async function getSession(
  context: EngineContext,
  tenantId: number,
  sessionId: string,
): Promise<Session> {
  const sessionRef = refOf(context.hash, tenantId, sessionId);
  const limit = MAX_RUNS_PER_SESSION;
  const page = await pageOf(context, tenantId, { kinds: RUN_KINDS, sessionRef, limit });
  const items = page.items.filter((one) => one.sessionId === sessionId).reverse();
  if (items.length === 0) throw new AssayError('session.not-found', { detail: sessionId });
  return { sessionId, items, isComplete: page.nextCursor === null };
}
