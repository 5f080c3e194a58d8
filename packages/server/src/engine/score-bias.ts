import {
  type AnchoredScore,
  type BiasCorrection,
  type BiasReport,
  biasCorrection,
  defaultBiasPolicy,
} from '@assay/loop';
import {
  AssayError,
  type CorrectionRequest,
  correctionRequestSchema,
  type ScoresQuery,
} from '@assay/protocol';
import { anchoredScores } from '@assay/store';
import { rangeOf } from './aggregates.ts';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';
import type { Scoring } from './scoring.ts';

/** What is known of the bias of the scores of a tenant. */
export interface BiasAnswer extends BiasReport {
  readonly scorer: string;
  /** Correction in force; null = none. */
  readonly correction: BiasCorrection | null;
  /** False when the server or the tenant has switched corrections off. */
  readonly isBiasCorrected: boolean;
  /** Scores that were looked at: the newest ones of the range. */
  readonly isComplete: boolean;
}

/** Scores that are looked at. */
const MAX_SCORES = 20_000;
const DAYS = 90;

/**
 * Measures whether reasoning responses are scored differently from equally good direct ones, on the
 * recorded scores of a range whose tasks somebody else has judged. The last 90 days by default.
 * @throws AssayError `score.busy`
 */
export async function biasOf(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  query: ScoresQuery,
): Promise<BiasAnswer> {
  const { settings, corrections, isBiasCorrected } = await scoring.settings.of(tenantId);
  const scorer = query.scorer ?? settings.scorer;
  const rows = await anchoredScores(context.db, tenantId, {
    ...rangeOf(context, query, DAYS),
    scorer,
    limit: MAX_SCORES,
    ...(query.taskType === undefined ? {} : { taskType: query.taskType }),
  });
  const items = rows
    .filter((row) => query.agent === undefined || row.agentId === query.agent)
    .map(
      (row): AnchoredScore => ({
        id: row.id,
        group: row.promptRef === '0' ? row.taskRef : row.promptRef,
        modelType: row.isReasoning ? 'reasoning' : 'direct',
        model: `${row.agentId}@${row.agentVersion}`,
        score: row.composite,
        truth: row.truth,
      }),
    );
  const policy = defaultBiasPolicy(scorer);
  const [outcome] = await scoring.pool.run({ kind: 'bias', items: [{ items, policy }] });
  if (outcome?.kind !== 'done') {
    throw new AssayError('score.too-hard', { detail: outcome?.reason ?? 'no report' });
  }
  const isComplete = rows.length < MAX_SCORES;
  const correction = corrections.at(-1) ?? null;
  return { ...outcome.value, scorer, correction, isBiasCorrected, isComplete };
}

/** What became of a request to correct. */
export interface CorrectionAnswer {
  readonly correction: BiasCorrection | null;
  readonly isChanged: boolean;
  /** The measurement behind it; null after `undo`. */
  readonly report: BiasReport | null;
}

async function undo(scoring: Scoring, tenantId: number): Promise<CorrectionAnswer> {
  const { corrections } = await scoring.settings.of(tenantId);
  if (corrections.length === 0) return { correction: null, isChanged: false, report: null };
  const left = corrections.slice(0, -1);
  await scoring.settings.saveCorrections(tenantId, left);
  return { correction: left.at(-1) ?? null, isChanged: true, report: null };
}

async function make(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  { from, to }: CorrectionRequest,
): Promise<CorrectionAnswer> {
  const report = await biasOf(context, scoring, tenantId, { from, to });
  const { corrections } = await scoring.settings.of(tenantId);
  const before = corrections.at(-1) ?? null;
  const correction = biasCorrection(report, before);
  const isChanged = correction?.version !== before?.version;
  if (isChanged) {
    await scoring.settings.saveCorrections(tenantId, [...corrections, correction]);
  }
  return { correction, isChanged, report };
}

/**
 * Corrects a bias if a measurement warrants it, ends a correction that is no longer warranted, or
 * goes back one step. Raw scores are never changed.
 * @throws AssayError `request.invalid`, `score.busy`
 */
export function correctBias(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  body: unknown,
): Promise<CorrectionAnswer> {
  const request = parseBody(correctionRequestSchema, body);
  return request.action === 'undo'
    ? undo(scoring, tenantId)
    : make(context, scoring, tenantId, request);
}

/** Corrections of a tenant, newest first; null stands for a time without one. */
export async function listCorrections(
  scoring: Scoring,
  tenantId: number,
): Promise<readonly { readonly correction: BiasCorrection | null; readonly isInForce: boolean }[]> {
  const { corrections } = await scoring.settings.of(tenantId);
  return corrections
    .map((correction, at) => ({ correction, isInForce: at === corrections.length - 1 }))
    .reverse();
}
