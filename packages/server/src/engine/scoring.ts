import { DEFAULT_ANSWER_SHARE, recordedResponseOf, refOf, scoreFactOf } from '@assay/loop';
import type { RecordAnswer } from '@assay/protocol';
import { judgedTasks } from '@assay/store';
import type { Sandbox } from '../adapters/sandbox/sandbox.ts';
import type {
  ItemOutcome,
  LineScore,
  ScoringSettings,
} from '../adapters/scoring/scoring-messages.ts';
import { createScoringPool, type ScoringPool } from '../adapters/scoring/scoring-pool.ts';
import type { EngineContext } from './context.ts';
import { factOfLine } from './pending-fact.ts';
import { lineOf, type RawLine } from './raw-lines.ts';
import type { StoredFact } from './record.ts';
import {
  createScoreQueue,
  type GroupOutcome,
  type QueuedResponse,
  type ScoreQueue,
} from './score-queue.ts';
import {
  createScoreSettings,
  type ScoreSettingsOf,
  type ScoringDefaults,
} from './score-settings.ts';

/** A score that was made in the background, without content. */
export interface ScoreNote {
  readonly tenantId: number;
  readonly taskId: string;
  readonly scorer: string;
  readonly composite: number | null;
  readonly gate: number | null;
  readonly factors: Readonly<Record<string, number | null>>;
  readonly flags: readonly string[];
  readonly reason: string | null;
}

/** How a server scores. What is absent takes the defaults. */
export interface ScoringParts {
  readonly pool?: ScoringPool;
  readonly defaults?: ScoringDefaults;
  /** Executes code; null or absent = the server executes none. */
  readonly sandbox?: Sandbox | null;
  /** Called with every score that was made in the background; null = nobody listens. */
  readonly onScored?: ((note: ScoreNote) => void) | null;
  readonly maxQueueItems?: number;
}

/** Scoring of responses: on request, and in the background as they are recorded. */
export interface Scoring {
  readonly settings: ScoreSettingsOf;
  readonly pool: ScoringPool;
  readonly queue: ScoreQueue;
  readonly sandbox: Sandbox | null;
  /** Reads the settings of a tenant before its first fact. */
  prepare(tenantId: number): Promise<void> | undefined;
  /** Takes a fact that was just stored, if it is to be scored. */
  offer(stored: StoredFact): void;
  /**
   * Scores recorded responses of one tenant and records the scores.
   * @throws AssayError `score.busy`, `ingest.busy`, `store.unavailable`: the same again is harmless
   */
  scoreLines(tenantId: number, group: readonly QueuedResponse[]): Promise<ScoredGroup>;
  /** Duty of every second: settings of tenants that record. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** What came of a group: scores that were new, and those that were there already. */
export interface ScoredGroup extends GroupOutcome {
  readonly known: number;
}

/** Settings of a server that was told nothing. */
export const DEFAULT_SCORING: ScoringDefaults = {
  isBackground: false,
  isBiasCorrected: true,
  isEvidence: false,
  minThreshold: 0.1,
  answerShare: DEFAULT_ANSWER_SHARE,
  factorsDigest: null,
};

interface Outside {
  readonly context: EngineContext;
  readonly record: (tenantId: number, lines: readonly RawLine[]) => Promise<RecordAnswer>;
  readonly pause: (ms: number) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

function noteOf(tenantId: number, scorer: string, { fact, score }: LineScore): ScoreNote {
  const isScored = score.kind === 'scored';
  return {
    tenantId,
    taskId: fact.taskId,
    scorer,
    composite: isScored ? score.composite : null,
    gate: isScored ? score.gate : null,
    factors: isScored ? score.factors : {},
    flags: isScored ? score.flags : [],
    reason: isScored ? null : score.reason,
  };
}

/** The record of a response whose scoring failed: it must not be tried for ever. */
function failedScore(
  context: EngineContext,
  queued: QueuedResponse,
  settings: ScoringSettings,
  reason: string,
): LineScore | null {
  const fact = factOfLine(Buffer.from(queued.line).toString('utf8'));
  const recorded = fact === null ? null : recordedResponseOf(fact);
  if (recorded === null) return null;
  const score = { kind: 'unscored' as const, reason };
  const notes = {
    scorer: settings.scorer,
    minThreshold: settings.minThreshold,
    promptRef: refOf(context.hash, queued.tenantId, recorded.input.query),
    probability: null,
    isEvidence: false,
    corrected: null,
  };
  return {
    fact: scoreFactOf(recorded.execution, score, notes),
    score,
    probability: null,
    corrected: null,
  };
}

/** Scoring over the recorder of an engine. No thread is started before there is something to score. */
export function createScoring(outside: Outside, parts: ScoringParts): Scoring {
  const { context } = outside;
  const pool = parts.pool ?? createScoringPool({ threads: 1, factorsModule: null });
  const settings = createScoreSettings(context, parts.defaults ?? DEFAULT_SCORING);
  const active = new Set<number>();

  async function scoreLines(
    tenantId: number,
    group: readonly QueuedResponse[],
  ): Promise<ScoredGroup> {
    const { settings: own } = await settings.of(tenantId);
    const refs = own.isEvidence ? group.map((one) => one.taskRef) : [];
    const judged = await judgedTasks(context.db, tenantId, refs);
    const items = group.map(({ line, taskRef }) => ({
      tenantId,
      line,
      isJudged: judged.has(taskRef),
    }));
    const outcomes = await pool.run({ kind: 'lines', items, settings: own });
    const scores = outcomes.flatMap((outcome: ItemOutcome<LineScore | null>, at) => {
      const queued = group[at];
      if (outcome.kind === 'done') return outcome.value ?? [];
      return (queued && failedScore(context, queued, own, outcome.reason)) ?? [];
    });
    const answer = await outside.record(
      tenantId,
      scores.map(({ fact }) => lineOf(fact)),
    );
    if (parts.onScored) for (const one of scores) parts.onScored(noteOf(tenantId, own.scorer, one));
    const unscored = scores.filter(({ score }) => score.kind === 'unscored').length;
    return { scored: scores.length - unscored, unscored, known: answer.duplicates };
  }

  const queue = createScoreQueue({
    work: scoreLines,
    pause: outside.pause,
    onFault: outside.onFault,
    ...(parts.maxQueueItems === undefined ? {} : { maxItems: parts.maxQueueItems }),
  });

  return {
    settings,
    pool,
    queue,
    sandbox: parts.sandbox ?? null,
    prepare(tenantId) {
      active.add(tenantId);
      if (settings.known(tenantId) !== null) return undefined;
      return settings.of(tenantId).then(() => undefined);
    },
    offer(stored) {
      if (!stored.hasResponse || settings.known(stored.tenantId)?.isBackground !== true) return;
      queue.offer(stored);
    },
    scoreLines,
    async refresh() {
      const tenantIds = [...active];
      active.clear();
      for (const tenantId of tenantIds) await settings.of(tenantId);
    },
    async close() {
      const closing = queue.close();
      parts.sandbox?.close();
      await pool.close();
      await closing;
    },
  };
}
