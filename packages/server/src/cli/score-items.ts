import { fnv1a } from '@assay/loop';
import { AssayError } from '@assay/protocol';
import { mapInOrder } from '../engine/map-in-order.ts';
import { type ItemLine, type ItemSchema, readItemLines } from './item-lines.ts';
import { printable } from './printable.ts';
import type { ScoreIo } from './score-io.ts';
import { lineOfItem } from './score-text.ts';

/** What came of one item. */
export interface RunResult {
  /** Fields of its line of JSON, beside the id. */
  readonly json: object;
  /** The same for people. */
  readonly columns: readonly string[];
  /** There is no score for a reason that lies outside the verdict: the endpoint, the criteria. */
  readonly isFault: boolean;
  /** Adds it to the summary; called in the order of the items. */
  keep(): void;
}

/** What came of all items. */
export interface RunSummary {
  readonly json: object;
  readonly lines: readonly string[];
  readonly scored: number;
}

/** A way to score items of one kind. */
export interface RunMode<Item> {
  /** Throws what stops the whole run. */
  score(item: Item, signal: AbortSignal): Promise<RunResult>;
  summary(): RunSummary;
}

/**
 * The cluster of an item: its own, or its query as a short hash, so that texts are not kept. Two
 * queries of one hash count as one cluster, which is only too careful.
 */
export function clusterOf(item: { readonly cluster?: string; readonly query: string }): string {
  return item.cluster ?? `${fnv1a(item.query)}.${item.query.length}`;
}

/** Options of every run. */
export interface RunOptions {
  readonly concurrency: number;
  readonly json?: boolean;
}

const EXIT_FAULT = 1;
const EXIT_INTERRUPTED = 130;
const SHOWN_FAULTS = 20;

/**
 * Scores the items of a file of JSON lines, several at a time, and prints each in its order as soon
 * as it is there, then the summary; also after an interrupt, of what was done until then. Gives the
 * exit code: 1 when a line was no item, an item met a fault or nothing was scored; 130 when
 * interrupted.
 */
export async function runItems<Item extends { readonly id: string }>(
  file: string,
  schema: ItemSchema<Item>,
  options: RunOptions,
  io: ScoreIo,
  mode: RunMode<Item>,
): Promise<number> {
  const counts = { done: 0, faults: 0, invalid: 0 };
  const lines = readItemLines(io.open(file), schema, io.signal);
  const work = async (line: ItemLine<Item>) =>
    line.kind === 'invalid'
      ? line
      : { kind: 'done' as const, id: line.item.id, result: await mode.score(line.item, io.signal) };
  try {
    for await (const one of mapInOrder(lines, options.concurrency, work)) {
      if (one.kind === 'invalid') tellInvalid(one, counts, io);
      else await tellDone(one, counts, options, io);
    }
  } catch (error) {
    if (!io.signal.aborted) throw faultOfFile(error, file);
  }
  if (io.isWatched && counts.done > 0) io.err('\n');
  const scored = await printSummary(mode.summary(), counts.invalid, options, io);
  if (io.signal.aborted) return EXIT_INTERRUPTED;
  return counts.invalid > 0 || counts.faults > 0 || scored === 0 ? EXIT_FAULT : 0;
}

interface Counts {
  done: number;
  faults: number;
  invalid: number;
}

function tellInvalid(
  { line, message }: { readonly line: number; readonly message: string },
  counts: Counts,
  io: ScoreIo,
): void {
  counts.invalid += 1;
  if (counts.invalid <= SHOWN_FAULTS) io.err(`line ${line}: ${printable(message)}\n`);
}

async function tellDone(
  { id, result }: { readonly id: string; readonly result: RunResult },
  counts: Counts,
  options: RunOptions,
  io: ScoreIo,
): Promise<void> {
  result.keep();
  counts.done += 1;
  if (result.isFault) counts.faults += 1;
  await io.out(
    options.json === true
      ? `${JSON.stringify({ id, ...result.json })}\n`
      : lineOfItem(id, ...result.columns),
  );
  if (io.isWatched) io.err(`\r${counts.done} done`);
}

async function printSummary(
  summary: RunSummary,
  invalid: number,
  options: RunOptions,
  io: ScoreIo,
): Promise<number> {
  const isInterrupted = io.signal.aborted;
  if (options.json === true) {
    const json = { summary: { ...summary.json, invalidLines: invalid, isInterrupted } };
    await io.out(`${JSON.stringify(json)}\n`);
    return summary.scored;
  }
  const lines = [
    ...(isInterrupted ? ['interrupted; this is what was done'] : []),
    ...summary.lines,
    ...(invalid === 0 ? [] : [`lines that are no items ${invalid}`]),
  ];
  await io.out(`\n${lines.map(printable).join('\n')}\n`);
  return summary.scored;
}

function faultOfFile(error: unknown, file: string): unknown {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isMissing ? new AssayError('import.unreadable', { detail: file }) : error;
}
