import { writeFile } from 'node:fs/promises';
import type { LabelledScore, ScoreCalibration } from '@assay/loop';
import { AssayError, type CalibrationFile, type LabelLine, labelLineSchema } from '@assay/protocol';
import type { Command } from 'commander';
import { mapInOrder } from '../engine/map-in-order.ts';
import { type ItemLine, readItemLines } from './item-lines.ts';
import { type LocalScorer, openLocalScorer } from './local-scorer.ts';
import { countFrom } from './option-values.ts';
import { printable } from './printable.ts';
import { processIo, type ScoreIo } from './score-io.ts';

/** Options of `assay score calibrate`. */
export interface CalibrateOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly workers?: number;
}

const EXIT_FAULT = 1;
const EXIT_INTERRUPTED = 130;

/** Adds `assay score calibrate LABELS`. */
export function addScoreCalibrateCommand(score: Command): void {
  score
    .command('calibrate')
    .description(
      'turn scores into probabilities by labels, and say how well they rank answers not seen',
    )
    .argument(
      '<labels>',
      'JSON lines {label, query, response, reasoning?, taskType?} or {label, score, group?, taskType?}; - for standard input',
    )
    .option('--out <file>', 'write the calibrations, for score --calibration')
    .option('--workers <number>', 'threads that score', countFrom(1))
    .option('--json', 'print JSON')
    .action(async (file: string, options: CalibrateOptions) => {
      process.exitCode = await runScoreCalibrate(file, options, processIo());
    });
}

/**
 * Runs `assay score calibrate` and gives its exit code: 0 when there is a calibration for every task
 * type of the labels, 1 when one is missing or a line was no label, 130 when interrupted.
 * @throws AssayError for what stops the whole run
 */
export async function runScoreCalibrate(
  file: string,
  options: CalibrateOptions,
  io: ScoreIo,
): Promise<number> {
  const { workers } = options;
  const scorer = openLocalScorer({ env: io.env, ...(workers === undefined ? {} : { workers }) });
  try {
    const { labelled, faults } = await readLabels(file, scorer, io);
    if (io.signal.aborted) return EXIT_INTERRUPTED;
    const items = await fit(labelled, scorer);
    const content: CalibrationFile = { kind: 'assay-score-calibrations', items };
    const text = `${JSON.stringify(content, null, 2)}\n`;
    if (options.out !== undefined) await writeFile(options.out, text);
    await io.out(options.json === true ? text : tableOf(items, labelled.length));
    const isWhole = items.length > 0 && items.every((one) => one.calibration.kind === 'calibrated');
    return isWhole && faults === 0 ? 0 : EXIT_FAULT;
  } finally {
    await scorer.close();
  }
}

interface ReadLabels {
  readonly labelled: readonly LabelledScore[];
  /** Lines that are no label, and responses that got no score. */
  readonly faults: number;
}

async function readLabels(file: string, scorer: LocalScorer, io: ScoreIo): Promise<ReadLabels> {
  const lines = readItemLines<LabelLine>(io.open(file), labelLineSchema, io.signal);
  const labelled: LabelledScore[] = [];
  let faults = 0;
  const tell = (line: number, message: string): void => {
    faults += 1;
    io.err(`line ${line}: ${printable(message)}\n`);
  };
  const work = async (line: ItemLine<LabelLine>) =>
    line.kind === 'invalid' ? line : { ...line, score: await scoreOf(line.item, scorer) };
  try {
    for await (const one of mapInOrder(lines, scorer.concurrency, work)) {
      if (one.kind === 'invalid') tell(one.line, `${one.code} ${one.message}`);
      else if (typeof one.score === 'string') tell(one.line, one.score);
      else labelled.push(labelledOf(one.item, one.line, one.score));
    }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) throw new AssayError('import.unreadable', { detail: file });
    if (!io.signal.aborted) throw error;
  }
  return { labelled, faults };
}

/** The composite of a line, given or computed; text = why there is none. */
async function scoreOf(item: LabelLine, scorer: LocalScorer): Promise<number | string> {
  if (item.score !== undefined) return item.score;
  const outcome = await scorer.score(item);
  if (outcome.kind === 'failed') return outcome.reason;
  const { score } = outcome.value;
  return score.kind === 'scored' ? score.composite : `unscored: ${score.reason}`;
}

function labelledOf(item: LabelLine, line: number, score: number): LabelledScore {
  const id = item.id ?? `line ${line}`;
  const { label, taskType } = item;
  const group = item.group ?? item.query ?? id;
  return { id, group, score, label, ...(taskType === undefined ? {} : { taskType }) };
}

async function fit(
  labelled: readonly LabelledScore[],
  { pool, settings }: LocalScorer,
): Promise<CalibrationFile['items']> {
  const types = [...new Set(labelled.map((one) => one.taskType ?? ''))].sort();
  const options = { scorerVersion: settings.scorer };
  const items = types.map((taskType) => ({
    labelled: labelled.filter((one) => (one.taskType ?? '') === taskType),
    options,
  }));
  const outcomes = await pool.run({ kind: 'calibrations', items });
  return outcomes.map((outcome, at) => {
    if (outcome.kind === 'done') return { taskType: types[at] ?? '', calibration: outcome.value };
    throw new AssayError('internal', { detail: outcome.reason });
  });
}

function tableOf(items: CalibrationFile['items'], n: number): string {
  if (items.length === 0) return 'no labels\n';
  const lines = items.map(({ taskType, calibration }) => {
    const name = taskType === '' ? '(no task type)' : printable(taskType);
    return `${name}: ${textOf(calibration)}`;
  });
  return `${n} labels\n${lines.join('\n')}\n`;
}

function textOf(calibration: ScoreCalibration): string {
  if (calibration.kind === 'uncalibrated') {
    const missing = Math.max(0, calibration.needed - calibration.n);
    const more = missing > 0 ? `needs ${missing} more labels` : calibration.reason;
    return `uncalibrated: ${more} (has ${calibration.n})`;
  }
  const { heldOut, method, n } = calibration;
  const { low, high } = heldOut.ci;
  const worth = heldOut.brier < heldOut.baselineBrier ? 'better than' : 'NOT better than';
  return [
    `${method} on ${n} labels; ranks pairs that it has not seen right ${heldOut.pairAccuracy.toFixed(3)}`,
    `[${low.toFixed(3)}, ${high.toFixed(3)}] of the time (${heldOut.pairs} pairs, ${heldOut.n} answers; 0.5 is chance);`,
    `Brier ${heldOut.brier.toFixed(4)}, ${worth} always saying the mean (${heldOut.baselineBrier.toFixed(4)})`,
  ].join(' ');
}
