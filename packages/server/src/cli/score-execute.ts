import {
  CHECK_OUTCOME_KINDS,
  type CheckOutcome,
  type CheckOutcomeKind,
  correctnessOf,
  summariseOutcomes,
} from '@assay/loop';
import { type ExecutionItem, executionItemSchema } from '@assay/protocol';
import type { Command } from 'commander';
import { createSandbox, type Sandbox } from '../adapters/sandbox/sandbox.ts';
import { scoreExecution } from '../engine/score-execution.ts';
import { countFrom } from './option-values.ts';
import { processIo, type ScoreIo } from './score-io.ts';
import { type RunMode, type RunResult, runItems } from './score-items.ts';

/** Options of `assay score execute`. */
export interface ScoreExecuteOptions {
  readonly concurrency: number;
  readonly wallMs?: number;
  readonly memoryMb?: number;
  readonly json?: boolean;
}

const MEBIBYTE = 1024 * 1024;

/** Adds `assay score execute [FILE]`. */
export function addScoreExecuteCommand(score: Command): void {
  score
    .command('execute')
    .description(
      'execute code in a sandbox and say whether it passes its tests; exit code 1 when a line is no item or could not be judged',
    )
    .argument(
      '[file]',
      'JSON lines {id, language, code, test | checks, entryPoint?, minimumAssertions?, reference?, limits?}; - for standard input',
      '-',
    )
    .option('--concurrency <count>', 'items at the same time', countFrom(1), 2)
    .option('--wall-ms <milliseconds>', 'time limit of items that name none', countFrom(10))
    .option('--memory-mb <mebibytes>', 'memory limit of items that name none', countFrom(16))
    .option('--json', 'print a line of JSON for each item, then one with the summary')
    .action(async (file: string, options: ScoreExecuteOptions) => {
      process.exitCode = await runScoreExecute(file, options, processIo());
    });
}

/** Runs `assay score execute` and gives its exit code. */
export async function runScoreExecute(
  file: string,
  options: ScoreExecuteOptions,
  io: ScoreIo,
): Promise<number> {
  const { concurrency, wallMs, memoryMb } = options;
  const sandbox = createSandbox({
    concurrency,
    limits: {
      ...(wallMs === undefined ? {} : { wallMs }),
      ...(memoryMb === undefined ? {} : { memoryBytes: memoryMb * MEBIBYTE }),
    },
  });
  try {
    return await runItems(file, executionItemSchema, options, io, executionMode(sandbox));
  } finally {
    sandbox.close();
  }
}

function executionMode(sandbox: Sandbox): RunMode<ExecutionItem> {
  const counts: Partial<Record<CheckOutcomeKind, number>> = {};
  return {
    score: async (item, signal): Promise<RunResult> => {
      const outcome = await scoreExecution(item, sandbox, signal);
      return {
        json: { outcome, correctness: correctnessOf(outcome) },
        columns: columnsOf(outcome),
        isFault: outcome.kind === 'infrastructure',
        keep: () => {
          counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
        },
      };
    },
    summary: () => {
      const summary = summariseOutcomes(counts);
      const { n, byKind, passRate } = summary;
      const kinds = CHECK_OUTCOME_KINDS.filter((kind) => byKind[kind] > 0);
      const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
      return {
        json: n === 0 ? { ...summary, passRate: null } : summary,
        lines: [
          `passed ${byKind.passed} of ${n}${n === 0 ? '' : `: ${percent(passRate.mean)} [${percent(passRate.low)}, ${percent(passRate.high)}]`}`,
          ...kinds.filter((kind) => kind !== 'passed').map((kind) => `${kind} ${byKind[kind]}`),
          ...(summary.unscored === 0
            ? []
            : [`${summary.unscored} could not be judged and count as not passed`]),
        ],
        scored: n - summary.unscored,
      };
    },
  };
}

function columnsOf(outcome: CheckOutcome): readonly string[] {
  const { kind, message, checksPassed, checksFailed, durationMs } = outcome;
  const counts = `${checksPassed}/${checksPassed + checksFailed}`;
  return [kind, counts, `${Math.round(durationMs)} ms`, ...(kind === 'passed' ? [] : [message])];
}
