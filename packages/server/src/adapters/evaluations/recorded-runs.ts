import type { ScorecardItem } from '@assay/loop/gate/scorecard';
import { checkedItem } from './evaluation-format.ts';

/** The part of a run in a list of the server that an item is made of. */
export interface RecordedRun {
  readonly taskId: string | null;
  readonly taskType?: string | null;
  /** Score of the run, or of its last evaluation, 0..1; null = not evaluated. */
  readonly quality: number | null;
  readonly success?: boolean | null;
  readonly latencyMs?: number | null;
  readonly costUsd?: number | null;
}

/**
 * Items of recorded runs, newest first: the newest run of a task counts. A run without success
 * counts as failed, a run that nobody evaluated as unscored. Throws AssayError `scorecard.invalid`.
 */
export function itemsOfRuns(runs: readonly RecordedRun[]): readonly ScorecardItem[] {
  const items = new Map<string, ScorecardItem>();
  for (const { taskId, taskType, quality, success, latencyMs, costUsd } of runs) {
    if (taskId === null || items.has(taskId)) continue;
    const isFailed = success === false && quality === null;
    const item = {
      id: taskId,
      taskId,
      score: quality,
      ...(isFailed ? { status: 'failed' } : {}),
      ...(typeof taskType === 'string' ? { category: taskType } : {}),
      ...(typeof latencyMs === 'number' ? { latencyMs } : {}),
      ...(typeof costUsd === 'number' ? { costUsd } : {}),
    };
    items.set(taskId, checkedItem(item, `run of task ${taskId}`));
  }
  return [...items.values()];
}
