import { AssayError, type ScoreItem, scoreItemSchema } from '@assay/protocol';
import type { Command } from 'commander';
import { mapInOrder } from '../engine/map-in-order.ts';
import { scoreAnswerOf } from '../engine/score-answer.ts';
import { readCalibrationFile } from './calibration-file.ts';
import { type ItemLine, readItemLines } from './item-lines.ts';
import { type LocalScorer, openLocalScorer } from './local-scorer.ts';
import { countFrom, numberUpTo } from './option-values.ts';
import { printable } from './printable.ts';
import { processIo, type ScoreIo } from './score-io.ts';
import { createScoreTable } from './score-table.ts';

/** Options of `assay score`. */
export interface ScoreOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
  /** 0..1 */
  readonly threshold?: number;
  readonly calibration?: string;
  readonly workers?: number;
}

const EXIT_FAULT = 1;
const EXIT_INTERRUPTED = 130;

/** Lets `assay score` itself score responses, beside the commands below it. */
export function addScoreResponses(score: Command): void {
  score
    .description('score responses from their text, or code changes, or with judges')
    .argument(
      '[file]',
      'JSON lines {id?, query, response, reasoning?, reference?, taskType?}; - for standard input',
      '-',
    )
    .enablePositionalOptions()
    .option('--json', 'print a line of JSON for each line, in order')
    .option('--debug', 'add where each score comes from; with --json')
    .option(
      '--threshold <number>',
      'mark scores below it (ASSAY_QUALITY_MIN_THRESHOLD)',
      numberUpTo(1),
    )
    .option('--calibration <file>', 'add probabilities, from a file of score calibrate')
    .option('--workers <number>', 'threads that score', countFrom(1))
    .action(async (file: string, options: ScoreOptions) => {
      process.exitCode = await runScoreResponses(file, options, processIo());
    });
}

/**
 * Runs `assay score` on a file of JSON lines and gives its exit code: 0, 1 when a line was no response,
 * 130 when interrupted. Lines are read, scored and printed one after the other, in order and in
 * flat memory; one that is no response is told with its number and the rest goes on.
 * @throws AssayError for what stops the whole run
 */
export async function runScoreResponses(
  file: string,
  options: ScoreOptions,
  io: ScoreIo,
): Promise<number> {
  const scorer = await openScorer(options, io);
  try {
    const bad = await scoreLines(file, scorer, options, io);
    if (io.signal.aborted) return EXIT_INTERRUPTED;
    if (bad === 0) return 0;
    io.err(`${bad} ${bad === 1 ? 'line is' : 'lines are'} no response and got no score\n`);
    return EXIT_FAULT;
  } finally {
    await scorer.close();
  }
}

async function openScorer(options: ScoreOptions, io: ScoreIo): Promise<LocalScorer> {
  const given = {
    env: io.env,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
  };
  const plain = openLocalScorer(given);
  if (options.calibration === undefined) return plain;
  const { scorer } = plain.settings;
  const calibrations = await readCalibrationFile(options.calibration, scorer);
  return openLocalScorer({ ...given, calibrations });
}

/** Scores the lines and returns how many were no response. */
async function scoreLines(
  file: string,
  scorer: LocalScorer,
  options: ScoreOptions,
  io: ScoreIo,
): Promise<number> {
  const { settings } = scorer;
  const isDebug = options.debug === true;
  const table = createScoreTable(settings.scorer);
  const lines = readItemLines<ScoreItem>(io.open(file), scoreItemSchema, io.signal);
  const work = async (line: ItemLine<ScoreItem>) =>
    line.kind === 'invalid' ? line : { ...line, outcome: await scorer.score(line.item) };
  let bad = 0;
  let index = 0;
  if (options.json !== true) await io.out(table.head);
  try {
    for await (const one of mapInOrder(lines, scorer.concurrency, work)) {
      if (one.kind === 'invalid') {
        bad += 1;
        const { line, code, path, message } = one;
        if (options.json === true) {
          await io.out(`${JSON.stringify({ line, kind: 'error', code, path, message })}\n`);
        } else io.err(`line ${line}: ${code} ${printable(message)}\n`);
        continue;
      }
      const { id } = one.item;
      const answer = scoreAnswerOf(one.outcome, { index, id, settings, isDebug });
      index += 1;
      if (options.json === true) {
        const { index: _index, ...json } = answer;
        const factors = factorsOf(one.outcome);
        await io.out(`${JSON.stringify({ line: one.line, ...json, ...factors })}\n`);
      } else await io.out(table.rowOf(id ?? `line ${one.line}`, answer));
    }
  } catch (error) {
    if (!io.signal.aborted) throw faultOfFile(error, file);
  }
  if (options.json !== true) await io.out(`\n${table.summary(bad).join('\n')}\n`);
  return bad;
}

/** Raw factors are always told: a score without them cannot be checked. */
function factorsOf(outcome: Awaited<ReturnType<LocalScorer['score']>>): object {
  if (outcome.kind === 'failed' || outcome.value.score.kind === 'unscored') return {};
  return { factors: outcome.value.score.factors };
}

function faultOfFile(error: unknown, file: string): unknown {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isMissing ? new AssayError('import.unreadable', { detail: file }) : error;
}
