import { type LabelledScore, refOf } from '@assay/loop';
import { type LabelSource, type ScoreLabel, scoreLabelsSchema } from '@assay/protocol';
import { anchoredScores, putStates, scoresOfTasks } from '@assay/store';
import { allStates } from './all-states.ts';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';
import type { Scoring } from './scoring.ts';

/** What became of labels. */
export interface LabelsAnswer {
  readonly kept: number;
  /** Positions of labels that were not kept, because their task has no score. */
  readonly withoutScore: readonly number[];
}

/** A label as it is stored. */
interface StoredLabel {
  readonly score: number;
  readonly scorer: string;
  readonly label: number;
  readonly group: string;
  readonly taskType: string;
  readonly modelType: 'direct' | 'reasoning' | null;
  /** Set when the score is read from the record. */
  readonly taskRef: string | null;
}

const COLLECTION = 'score-label';
const PAGE = 1_000;
/** Labels that a calibration is fitted to at most: the first ones by id. */
const MAX_LABELS = 100_000;
/** Recorded scores that are looked at for what others said of them: the newest ones. */
const MAX_ANCHORED = 50_000;
const DAY_MS = 86_400_000;

/**
 * Keeps labels. A label of the same task or id takes the place of the one before.
 * @throws AssayError `request.invalid`
 */
export async function addScoreLabels(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  body: unknown,
): Promise<LabelsAnswer> {
  const { labels } = parseBody(scoreLabelsSchema, body);
  const { scorer } = (await scoring.settings.of(tenantId)).settings;
  const refs = labels.map(({ taskId, score }) =>
    taskId === undefined || score !== undefined ? null : refOf(context.hash, tenantId, taskId),
  );
  const wanted = [...new Set(refs.filter((ref) => ref !== null))];
  const scores = await scoresOfTasks(context.db, tenantId, scorer, wanted);
  const entries: { key: string; value: StoredLabel }[] = [];
  const withoutScore: number[] = [];
  labels.forEach((label, index) => {
    const ref = refs[index] ?? null;
    const recorded = ref === null ? null : (scores.get(ref) ?? null);
    const score = label.score ?? recorded?.composite;
    if (score === undefined) {
      withoutScore.push(index);
      return;
    }
    const modelType = recorded && (recorded.isReasoning ? 'reasoning' : 'direct');
    const value: StoredLabel = {
      score,
      scorer: label.scorer ?? scorer,
      label: label.label,
      group: label.group ?? recorded?.promptRef ?? keyOf(label),
      taskType: label.taskType ?? recorded?.taskType ?? '',
      modelType: label.modelType ?? modelType,
      taskRef: ref,
    };
    entries.push({ key: keyOf(label), value });
  });
  await putStates(context.db, tenantId, COLLECTION, entries, context.now());
  return { kept: entries.length, withoutScore };
}

function keyOf({ taskId, id }: ScoreLabel): string {
  return taskId === undefined ? `id:${id ?? ''}` : `task:${taskId}`;
}

async function storedLabels(
  context: EngineContext,
  tenantId: number,
): Promise<{ key: string; value: StoredLabel }[]> {
  const all = await allStates(context, tenantId, COLLECTION, MAX_LABELS);
  return all.map(({ key, value }) => ({ key, value: value as StoredLabel }));
}

/** Number of labels by task type and version of the score. */
export async function countScoreLabels(
  context: EngineContext,
  tenantId: number,
): Promise<readonly { taskType: string; scorer: string; n: number }[]> {
  const counts = new Map<string, { taskType: string; scorer: string; n: number }>();
  for (const { value } of await storedLabels(context, tenantId)) {
    const { taskType, scorer } = value;
    const name = `${taskType}\0${scorer}`;
    const known = counts.get(name) ?? { taskType, scorer, n: 0 };
    counts.set(name, { ...known, n: known.n + 1 });
  }
  return [...counts.values()].sort((p, q) => (p.taskType < q.taskType ? -1 : 1));
}

/** Scores of kept labels; those of tasks are read again, so that they follow the scorer in use. */
async function keptLabels(
  context: EngineContext,
  tenantId: number,
  scorer: string,
): Promise<LabelledScore[]> {
  const stored = await storedLabels(context, tenantId);
  const refs = stored.flatMap(({ value }) => value.taskRef ?? []);
  const scores = new Map<string, number>();
  for (let start = 0; start < refs.length; start += PAGE) {
    const part = refs.slice(start, start + PAGE);
    const found = await scoresOfTasks(context.db, tenantId, scorer, part);
    for (const [ref, { composite }] of found) scores.set(ref, composite);
  }
  return stored.flatMap(({ key, value }) => {
    const own = value.scorer === scorer ? value.score : undefined;
    const score = value.taskRef === null ? own : scores.get(value.taskRef);
    if (score === undefined) return [];
    const { label, group, taskType } = value;
    return [{ id: value.taskRef ?? key, group, score, label, taskType }];
  });
}

/** What a calibration is fitted to. */
export interface LabelQuery {
  readonly scorer: string;
  readonly sources: readonly LabelSource[];
  /** How far back the record is read, days. */
  readonly days: number;
}

/** Labelled scores from the wanted sources. A kept label of a task counts before its record. */
export async function labelledScores(
  context: EngineContext,
  tenantId: number,
  { scorer, sources, days }: LabelQuery,
): Promise<LabelledScore[]> {
  const labels = sources.includes('labels') ? await keptLabels(context, tenantId, scorer) : [];
  const isRead = sources.includes('ratings') || sources.includes('evaluations');
  if (!isRead) return labels;
  const toMs = context.now() + 1;
  const range = { fromMs: toMs - days * DAY_MS, toMs, scorer, limit: MAX_ANCHORED };
  const known = new Set(labels.map(({ id }) => id));
  const recorded = await anchoredScores(context.db, tenantId, range);
  const found = recorded.flatMap((row): LabelledScore[] => {
    const { taskRef, truth, truthKind, composite, promptRef, taskType } = row;
    const source: LabelSource = truthKind === RATING ? 'ratings' : 'evaluations';
    if (truth === null || known.has(taskRef) || !sources.includes(source)) return [];
    const group = promptRef === '0' ? taskRef : promptRef;
    return [{ id: taskRef, group, score: composite, label: truth, taskType }];
  });
  return [...labels, ...found];
}

/** Number of the kind of fact that a rating is. */
const RATING = 4;
