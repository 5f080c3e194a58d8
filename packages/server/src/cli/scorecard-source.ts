import type { ScorecardItem } from '@assay/loop/gate/scorecard';
import {
  EVALUATION_FORMATS,
  type EvaluationFormat,
  invalidEvaluation,
} from '../adapters/evaluations/evaluation-format.ts';
import { guessFormat, readEvaluation } from '../adapters/evaluations/read-evaluation.ts';
import { itemsOfRuns, type RecordedRun } from '../adapters/evaluations/recorded-runs.ts';
import { CommandFault } from './command-fault.ts';
import { connectionOf } from './connection.ts';
import { MOST_ITEM_BYTES } from './read-scorecard.ts';
import type { ScorecardIo } from './scorecard-io.ts';

/** Options that say where the items of a card come from. */
export interface SourceOptions {
  /** File of results. */
  readonly items?: string;
  readonly format?: string;
  /** Provider of a promptfoo file, or scorer of an Inspect log. */
  readonly column?: string;
  /** Server whose recorded runs are read. */
  readonly server?: string;
  readonly key?: string;
  /** Time of the oldest and of the newest run to read, ISO 8601. */
  readonly from?: string;
  readonly to?: string;
}

/** Whose runs are read from a server. */
export interface RunsOf {
  readonly agent: string;
  readonly version: string;
}

const MOST_RUNS = 100_000;

/**
 * Items of a card, from a file or from the runs that a server recorded. Throws CommandFault 2 for
 * options that make no sense, AssayError `scorecard.invalid` for results that make no items.
 */
export async function readSource(
  options: SourceOptions,
  runsOf: RunsOf,
  io: ScorecardIo,
): Promise<readonly ScorecardItem[]> {
  if ((options.items === undefined) === (options.server === undefined)) {
    throw new CommandFault(2, 'give one of --items and --server');
  }
  return options.items === undefined
    ? itemsOfRuns(await readRuns(options, runsOf, io))
    : readFile(options.items, options, io);
}

async function readFile(
  path: string,
  options: SourceOptions,
  io: ScorecardIo,
): Promise<readonly ScorecardItem[]> {
  const file = await io.readFile(path, MOST_ITEM_BYTES);
  if (file.kind === 'absent') throw new CommandFault(2, `there is no file ${path}`);
  if (file.kind === 'too-large') throw new CommandFault(2, `${path} is too large`);
  const format = formatOf(options.format) ?? guessFormat(path, file.text);
  return readEvaluation(format, file.text, options.column);
}

function formatOf(name: string | undefined): EvaluationFormat | undefined {
  const format = EVALUATION_FORMATS.find((one) => one === name);
  if (name === undefined || format !== undefined) return format;
  throw new CommandFault(2, `--format is one of ${EVALUATION_FORMATS.join(', ')}`);
}

async function readRuns(
  options: SourceOptions,
  { agent, version }: RunsOf,
  io: ScorecardIo,
): Promise<readonly RecordedRun[]> {
  const { server, key } = options;
  const connection = connectionOf({
    ...(server === undefined ? {} : { url: server }),
    ...(key === undefined ? {} : { key }),
  });
  const query = new URLSearchParams({ agent, version, limit: '200' });
  for (const name of ['from', 'to'] as const) {
    const time = options[name];
    if (time === undefined) continue;
    if (Number.isNaN(Date.parse(time))) throw new CommandFault(2, `--${name} is not a time`);
    query.set(name, String(Date.parse(time)));
  }
  const runs: RecordedRun[] = [];
  for (;;) {
    const page = await io.callServer<RunsPage>(connection, 'GET', `/v1/runs?${query}`);
    runs.push(...page.items);
    if (page.nextCursor === null) break;
    if (runs.length >= MOST_RUNS) {
      throw invalidEvaluation(`more than ${MOST_RUNS} runs: narrow them with --from and --to`);
    }
    query.set('cursor', page.nextCursor);
  }
  if (runs.length > 0) return runs;
  throw invalidEvaluation(`the server has no runs of ${agent} ${version}`);
}

interface RunsPage {
  readonly items: readonly RecordedRun[];
  readonly nextCursor: string | null;
}
