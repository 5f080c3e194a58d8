import type { LabelledScore, ScoreCalibration } from '@assay/loop';
import {
  AssayError,
  type CalibrationRequest,
  calibrationRequestSchema,
  calibrationRollbackSchema,
} from '@assay/protocol';
import { getState, putState } from '@assay/store';
import { allStates } from './all-states.ts';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';
import { labelledScores } from './score-labels.ts';
import { CALIBRATIONS, type CalibrationStacks, type StoredCalibration } from './score-settings.ts';
import type { Scoring } from './scoring.ts';

/** A calibration as it is listed. */
export interface ListedCalibration extends StoredCalibration {
  readonly isActive: boolean;
}

function isInUse(stacks: CalibrationStacks, taskType: string, id: string): boolean {
  return Object.hasOwn(stacks, taskType) && stacks[taskType]?.at(-1) === id;
}

function withTop(
  stacks: CalibrationStacks,
  taskType: string,
  change: (stack: readonly string[]) => readonly string[],
): CalibrationStacks {
  const stack = Object.hasOwn(stacks, taskType) ? (stacks[taskType] ?? []) : [];
  return { ...stacks, [taskType]: change(stack) };
}

/** Why a calibration cannot be used with a version of the score; null = it can. */
function obstacleOf(calibration: ScoreCalibration, scorer: string): string | null {
  if (calibration.kind === 'uncalibrated') return calibration.reason;
  if (calibration.scorerVersion === scorer) return null;
  return `it was fitted to scores of ${calibration.scorerVersion}, now ${scorer} is in use`;
}

function byType(labelled: readonly LabelledScore[], wanted: string | undefined) {
  const types = new Map<string, LabelledScore[]>();
  for (const one of labelled) {
    const taskType = one.taskType ?? '';
    if (wanted !== undefined && taskType !== wanted) continue;
    const group = types.get(taskType);
    if (group === undefined) types.set(taskType, [one]);
    else group.push(one);
  }
  if (wanted !== undefined && types.size === 0) types.set(wanted, []);
  return [...types].sort(([p], [q]) => (p < q ? -1 : 1));
}

async function fit(
  scoring: Scoring,
  labelled: readonly LabelledScore[],
  request: CalibrationRequest,
  scorerVersion: string,
): Promise<ScoreCalibration> {
  const options = { scorerVersion, method: request.method };
  const work = { kind: 'calibrations' as const, items: [{ labelled, options }] };
  const [outcome] = await scoring.pool.run(work);
  if (outcome?.kind === 'done') return outcome.value;
  throw new AssayError('score.too-hard', { detail: outcome?.reason ?? 'no calibration' });
}

/**
 * Calibrates scores against labels, one calibration per task type, and keeps the results: also
 * those that say how many labels are missing.
 * @throws AssayError `request.invalid`, `score.busy`
 */
export async function fitCalibrations(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  body: unknown,
): Promise<{ readonly items: readonly ListedCalibration[] }> {
  const request = parseBody(calibrationRequestSchema, body);
  const { settings, calibrations } = await scoring.settings.of(tenantId);
  const { scorer } = settings;
  const { sources, days } = request;
  const labelled = await labelledScores(context, tenantId, { scorer, sources, days });
  const items: ListedCalibration[] = [];
  let stacks = calibrations;
  for (const [taskType, group] of byType(labelled, request.taskType)) {
    const stored: StoredCalibration = {
      id: context.newId(),
      taskType,
      sources,
      createdAtMs: context.now(),
      calibration: await fit(scoring, group, request, scorer),
    };
    await putState(context.db, tenantId, CALIBRATIONS, stored.id, stored, stored.createdAtMs);
    const isActive = request.activate && stored.calibration.kind === 'calibrated';
    if (isActive) stacks = withTop(stacks, taskType, (stack) => [...stack, stored.id]);
    items.push({ ...stored, isActive });
  }
  if (stacks !== calibrations) await scoring.settings.saveCalibrations(tenantId, stacks);
  return { items };
}

/** Calibrations of a tenant, newest first. */
export async function listCalibrations(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
): Promise<readonly ListedCalibration[]> {
  const { calibrations } = await scoring.settings.of(tenantId);
  const states = await allStates(context, tenantId, CALIBRATIONS);
  return states
    .map(({ value }) => value as StoredCalibration)
    .map((one) => ({ ...one, isActive: isInUse(calibrations, one.taskType, one.id) }))
    .sort((p, q) => q.createdAtMs - p.createdAtMs);
}

/**
 * Puts a calibration into use for its task type.
 * @throws AssayError `score.calibration-not-found`, `score.not-calibrated`
 */
export async function activateCalibration(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  calibrationId: string,
): Promise<ListedCalibration> {
  const state = await getState(context.db, tenantId, CALIBRATIONS, calibrationId);
  if (state === null) throw new AssayError('score.calibration-not-found');
  const stored = state.value as StoredCalibration;
  const { settings, calibrations } = await scoring.settings.of(tenantId);
  const obstacle = obstacleOf(stored.calibration, settings.scorer);
  if (obstacle !== null) throw new AssayError('score.not-calibrated', { detail: obstacle });
  if (!isInUse(calibrations, stored.taskType, stored.id)) {
    const stacks = withTop(calibrations, stored.taskType, (stack) => [...stack, stored.id]);
    await scoring.settings.saveCalibrations(tenantId, stacks);
  }
  return { ...stored, isActive: true };
}

/**
 * Takes the calibration of a task type out of use; the one before counts again, or none.
 * @throws AssayError `request.invalid`, `score.calibration-not-found` when none is in use
 */
export async function rollBackCalibration(
  scoring: Scoring,
  tenantId: number,
  body: unknown,
): Promise<{ readonly taskType: string; readonly activeId: string | null }> {
  const { taskType } = parseBody(calibrationRollbackSchema, body);
  const { calibrations } = await scoring.settings.of(tenantId);
  const stacks = withTop(calibrations, taskType, (stack) => {
    if (stack.length === 0) throw new AssayError('score.calibration-not-found');
    return stack.slice(0, -1);
  });
  await scoring.settings.saveCalibrations(tenantId, stacks);
  return { taskType, activeId: stacks[taskType]?.at(-1) ?? null };
}
