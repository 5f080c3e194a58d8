import { FACT_KINDS, type Fact, joinRun, type Run, refOf } from '@assay/loop';
import { AssayError, type RunsQuery, readFact } from '@assay/protocol';
import { type FactFilter, type FactRow, factsOfTask, listFacts, readDocuments } from '@assay/store';
import type { EngineContext } from './context.ts';

/** One line of the list of runs. */
export interface RunLine extends Omit<FactRow, 'kind' | 'timestampMs' | 'taskRef' | 'sessionRef'> {
  readonly taskId: string;
  readonly timestamp: string;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

const RUN_KINDS = [FACT_KINDS.execution, FACT_KINDS.task];
const MAX_FACTS_PER_RUN = 5_000;
const MAX_RUNS_PER_SESSION = 500;

function factOf(line: string): Fact | null {
  const read = readFact(JSON.parse(line));
  return read.fact ?? null;
}

const taskIdOf = (line: string | undefined): string => {
  const fact = line === undefined ? null : factOf(line);
  return fact && 'taskId' in fact ? fact.taskId : '';
};

async function linesOf(context: EngineContext, tenantId: number, filter: FactFilter): Promise<Page<RunLine>> {
  const rows = await listFacts(context.db, tenantId, { ...filter, limit: filter.limit + 1 });
  const page = rows.slice(0, filter.limit);
  const documents = await readDocuments(context.db, tenantId, page.map((row) => row.id));
  const items = page.map(({ kind: _kind, timestampMs, taskRef: _task, sessionRef: _session, ...row }) => ({
    ...row,
    taskId: taskIdOf(documents.get(row.id)),
    timestamp: new Date(timestampMs).toISOString(),
  }));
  return { items, nextCursor: rows.length > filter.limit ? (page.at(-1)?.id ?? null) : null };
}

/** Executions that match, newest first. */
export function listRuns(context: EngineContext, tenantId: number, query: RunsQuery): Promise<Page<RunLine>> {
  return linesOf(context, tenantId, {
    kinds: RUN_KINDS,
    limit: query.limit,
    ...(query.agent === undefined ? {} : { agentKey: query.agent }),
    ...(query.version === undefined ? {} : { agentVersion: query.version }),
    ...(query.taskType === undefined ? {} : { taskType: query.taskType }),
    ...(query.taskKind === undefined ? {} : { taskKind: query.taskKind }),
    ...(query.from === undefined ? {} : { fromMs: query.from }),
    ...(query.to === undefined ? {} : { toMs: query.to }),
    ...(query.success === undefined ? {} : { success: query.success }),
    ...(query.session === undefined ? {} : { sessionRef: refOf(context.hash, tenantId, query.session) }),
    ...(query.q === undefined || query.q.trim() === '' ? {} : { search: query.q }),
    ...(query.cursor === undefined ? {} : { before: query.cursor }),
  });
}

async function factsNamed(context: EngineContext, tenantId: number, taskId: string): Promise<Fact[]> {
  const ref = refOf(context.hash, tenantId, taskId);
  const stored = await factsOfTask(context.db, tenantId, ref, MAX_FACTS_PER_RUN);
  return stored
    .map(({ line }) => factOf(line))
    .filter((fact) => fact !== null)
    .filter((fact) => !('taskId' in fact) || fact.taskId === taskId);
}

/**
 * One task with everything joined, the spans of its traces included.
 * @throws AssayError `run.not-found`
 */
export async function getRun(context: EngineContext, tenantId: number, taskId: string): Promise<Run> {
  const facts = await factsNamed(context, tenantId, taskId);
  if (facts.length === 0) throw new AssayError('run.not-found');
  const traces = new Set(
    facts.flatMap((fact) => ('traceId' in fact && fact.traceId && fact.traceId !== taskId ? [fact.traceId] : [])),
  );
  for (const traceId of traces) facts.push(...(await factsNamed(context, tenantId, traceId)));
  return joinRun(facts.map((fact) => (fact.kind === 'span' ? { ...fact, taskId } : fact)));
}

/**
 * The runs of a session, oldest first, with their sums.
 * @throws AssayError `session.not-found`
 */
export async function getSession(
  context: EngineContext,
  tenantId: number,
  sessionId: string,
): Promise<{ readonly sessionId: string; readonly items: readonly RunLine[]; readonly isComplete: boolean }> {
  const sessionRef = refOf(context.hash, tenantId, sessionId);
  const page = await linesOf(context, tenantId, { kinds: RUN_KINDS, sessionRef, limit: MAX_RUNS_PER_SESSION });
  if (page.items.length === 0) throw new AssayError('session.not-found');
  return { sessionId, items: [...page.items].reverse(), isComplete: page.nextCursor === null };
}
