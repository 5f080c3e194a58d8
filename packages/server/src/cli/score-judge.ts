import { readFile } from 'node:fs/promises';
import { DEFAULT_RUBRIC, type JudgeRubric } from '@assay/loop';
import { AssayError, judgeItemSchema, judgePairItemSchema, readRubric } from '@assay/protocol';
import type { Command } from 'commander';
import { parse as parseYaml } from 'yaml';
import type { ModelPort } from '../adapters/models/model-port.ts';
import { pairMode, rubricMode } from './judge-modes.ts';
import {
  addModelOptions,
  addRecordOptions,
  type ModelOptions,
  openModel,
  type RecordOptions,
} from './model-options.ts';
import { processIo, type ScoreIo } from './score-io.ts';
import { runItems } from './score-items.ts';

/** Options of `assay score judge`. */
export interface JudgeOptions extends ModelOptions, RecordOptions {
  readonly rubric?: string;
  readonly pairwise?: boolean;
  readonly json?: boolean;
}

/** `assay score judge`: has a model grade answers, or compare pairs of them. */
export function addScoreJudgeCommand(score: Command): void {
  const command = score
    .command('judge')
    .description(
      'have a model grade answers by a rubric, or compare two answers in both orders; exit code 1 when the endpoint failed, a line was no item or nothing was scored, 130 when interrupted',
    )
    .argument(
      '[file]',
      'JSON lines {id, query, response}, or {id, query, response_a, response_b} with --pairwise; - for standard input',
      '-',
    )
    .option('--rubric <file>', 'criteria, weights and scale, YAML or JSON')
    .option('--pairwise', 'compare response_a with response_b');
  addRecordOptions(addModelOptions(command))
    .option('--json', 'print a line of JSON for each item, then one with the summary')
    .action(async (file: string, options: JudgeOptions) => {
      process.exitCode = await runScoreJudge(file, options, processIo());
    });
}

/**
 * Runs `assay score judge` and gives its exit code.
 * @throws AssayError for what stops the whole run: no endpoint, no key, a rubric that is none
 */
export async function runScoreJudge(
  file: string,
  options: JudgeOptions,
  io: ScoreIo,
): Promise<number> {
  const rubric = await rubricOf(options.rubric);
  const { model, close } = await openModel(options, io);
  const asked = withTemperature(model, options.temperature);
  try {
    return options.pairwise === true
      ? await runItems(file, judgePairItemSchema, options, io, pairMode(asked, rubric))
      : await runItems(file, judgeItemSchema, options, io, rubricMode(asked, rubric));
  } finally {
    await close();
  }
}

async function rubricOf(path: string | undefined): Promise<JudgeRubric> {
  if (path === undefined) return DEFAULT_RUBRIC;
  try {
    const text = await readFile(path, 'utf8');
    return readRubric(parseYaml(text.replace(/^\ufeff/, ''), { maxAliasCount: 50 }));
  } catch (error) {
    if (error instanceof AssayError) throw error;
    const detail = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new AssayError('judge.rubric-invalid', { detail });
  }
}

function withTemperature(model: ModelPort, temperature: number | null): ModelPort {
  return {
    id: model.id,
    complete: (request, signal) => model.complete({ ...request, temperature }, signal),
  };
}
