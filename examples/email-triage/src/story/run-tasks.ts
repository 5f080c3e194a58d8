import { createHash } from 'node:crypto';
import type { Candidate, Desk, Evaluation } from './desk.ts';

/** A task of the stream: what is known before an agent runs. */
export interface StreamTask {
  readonly id: string;
  readonly kind: string;
  readonly features: Readonly<Record<string, string | number | boolean>>;
}

/** What came of one task. */
export interface TaskResult extends Candidate {
  readonly latencyMs: number;
  /** Fair reward, 0..1. */
  readonly score: number;
  readonly isRight: boolean;
  /** Wall clock time when the task was routed, ms since 1970. */
  readonly startedMs: number;
}

/** How a stream of tasks is run. */
export interface RunPlan<Task extends StreamTask> {
  readonly taskType: string;
  readonly tasks: readonly Task[];
  /** Who may be chosen now. */
  readonly candidates: () => readonly Candidate[];
  /** Runs an agent on a task and compares with the truth. */
  readonly execute: (task: Task, agent: Candidate) => { score: number; isRight: boolean };
  /** Runs before the task at an index is routed, when nothing is in flight. */
  readonly before: (index: number, soFar: readonly TaskResult[]) => Promise<void>;
  readonly onProgress: (done: number) => void;
}

/** Tasks routed at the same time, in stream order. */
const WINDOW = 8;
/** One task in so many, drawn by its id, is also run on every agent as a spot check. */
export const SPOT_CHECK_EVERY = 4;
/** Every fifth truth arrives this many tasks late. */
const LATE_EVERY = 5;
const LATE_BY = 50;

/** A number that looks random but is fixed by the id, 0..2^32-1. */
function hashOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0);
}

async function runOne<Task extends StreamTask>(
  desk: Desk,
  plan: RunPlan<Task>,
  task: Task,
): Promise<TaskResult> {
  const candidates = plan.candidates();
  const startedMs = Date.now();
  const words = { taskId: task.id, taskType: plan.taskType, taskKind: task.kind };
  const { agentId, agentVersion } = await desk.route({
    ...words,
    candidates,
    features: task.features,
  });
  const before = performance.now();
  const { score, isRight } = plan.execute(task, { agentId, agentVersion });
  const latencyMs = performance.now() - before;
  desk.recordExecution({ ...words, agentId, agentVersion, latencyMs });
  return { agentId, agentVersion, latencyMs, score, isRight, startedMs };
}

function spotCheck<Task extends StreamTask>(desk: Desk, plan: RunPlan<Task>, task: Task): void {
  for (const agent of plan.candidates()) {
    const before = performance.now();
    const { score, isRight } = plan.execute(task, agent);
    const latencyMs = performance.now() - before;
    const words = {
      taskId: `${task.id}-check-${agent.agentId}`,
      taskType: plan.taskType,
      taskKind: task.kind,
      ...agent,
    };
    desk.recordSpotCheck({ ...words, latencyMs }, { ...words, score, isRight });
  }
}

/** Truths that are known but not delivered yet. */
function createMailbox(desk: Desk): {
  readonly post: (due: number, evaluation: Evaluation) => void;
  readonly deliver: (index: number) => void;
} {
  const waiting: { due: number; evaluation: Evaluation }[] = [];
  return {
    post: (due, evaluation) => {
      waiting.push({ due, evaluation });
    },
    deliver: (index) => {
      let kept = 0;
      for (const item of waiting) {
        if (item.due <= index) desk.recordEvaluation(item.evaluation);
        else waiting[kept++] = item;
      }
      waiting.length = kept;
    },
  };
}

/**
 * Runs the stream through the loop in order: routes in small windows, runs the chosen agent,
 * records execution and evaluation. A fifth of the truth is delivered 50 tasks late, and one task
 * in four is also run on every agent as a spot check, so that an agent that the router no longer
 * picks is still watched and learned from.
 */
export async function runTasks<Task extends StreamTask>(
  desk: Desk,
  plan: RunPlan<Task>,
): Promise<TaskResult[]> {
  const results: TaskResult[] = [];
  const mailbox = createMailbox(desk);
  let delivered: Promise<void> = Promise.resolve();
  for (let start = 0; start < plan.tasks.length; start += WINDOW) {
    await plan.before(start, results);
    const window = plan.tasks.slice(start, start + WINDOW);
    const done = await Promise.all(window.map((task) => runOne(desk, plan, task)));
    for (const [offset, result] of done.entries()) {
      const task = window[offset];
      if (task === undefined) continue;
      const hash = hashOf(task.id);
      mailbox.post(hash % LATE_EVERY === 0 ? start + offset + LATE_BY : start, {
        taskId: task.id,
        taskType: plan.taskType,
        taskKind: task.kind,
        agentId: result.agentId,
        agentVersion: result.agentVersion,
        score: result.score,
        isRight: result.isRight,
      });
      if ((hash >>> 8) % SPOT_CHECK_EVERY === 0) spotCheck(desk, plan, task);
      results.push(result);
    }
    mailbox.deliver(start);
    // One window of delay at most: the next window is routed while this one is being stored.
    await delivered;
    delivered = desk.flush();
    plan.onProgress(results.length);
  }
  mailbox.deliver(Number.POSITIVE_INFINITY);
  await delivered;
  await desk.flush();
  return results;
}
