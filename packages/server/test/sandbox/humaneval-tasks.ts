import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { CheckOutcomeKind } from '@assay/loop';
import type { Sandbox } from '../../src/adapters/sandbox/sandbox.ts';
import { byTest } from './checks.ts';

/** What is used of a task of HumanEval-X. */
export interface HumanEvalTask {
  readonly task_id: string;
  readonly declaration: string;
  readonly canonical_solution: string;
  readonly test: string;
}

const FILE = '../shared/data/tasks/tasks-humaneval-x-js.jsonl.gz';

/** The tasks; none when the data is not there. */
export function humanEvalTasks(): readonly HumanEvalTask[] {
  if (!existsSync(FILE)) return [];
  const lines = gunzipSync(readFileSync(FILE)).toString('utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as HumanEvalTask);
}

/** Kind of the outcome per task, for the body that is given. */
export async function kindsOf(
  sandbox: Sandbox,
  tasks: readonly HumanEvalTask[],
  bodyOf: (task: HumanEvalTask) => string,
): Promise<ReadonlyMap<string, CheckOutcomeKind>> {
  const entries = tasks.map(async (task) => {
    const code = task.declaration + bodyOf(task);
    const { kind } = await byTest(sandbox, 'javascript', code, task.test);
    return [task.task_id, kind] as const;
  });
  return new Map(await Promise.all(entries));
}
