import { type CodeComparison, compareCode } from '@assay/loop';
import type { Command } from 'commander';
import { readFolderChange } from '../adapters/source/folder-change.ts';
import { readGitChange } from '../adapters/source/git-change.ts';
import { openCodeParser } from '../adapters/syntax/parse-code.ts';
import { describeComparison } from './describe-comparison.ts';

/** Options of `assay score diff`. */
export interface ScoreDiffOptions {
  /** BEFORE and AFTER are revisions. */
  readonly git?: boolean;
  /** Folder of the repository. */
  readonly repo?: string;
  /** Limits the comparison to files under these paths. */
  readonly path?: readonly string[];
  /** 0..1 */
  readonly scaffoldingWeight?: string;
  readonly json?: boolean;
}

/** Where the command writes. */
export interface ScoreDiffIo {
  /** Writes text to the standard output. */
  out(text: string): void;
  /** Writes text to the standard error output. */
  err(text: string): void;
}

const EXIT_USAGE = 2;

/**
 * Runs `assay score diff` and gives its exit code: 0 compared, 2 when there is nothing that can be
 * compared. Reads files or git; starts no server.
 */
export async function runScoreDiff(
  before: string,
  after: string,
  options: ScoreDiffOptions,
  io: ScoreDiffIo,
): Promise<number> {
  const refuse = (reason: string): number => {
    io.err(`assay score diff: ${reason}\n`);
    return EXIT_USAGE;
  };
  const weight = Number(options.scaffoldingWeight ?? 1);
  if (options.scaffoldingWeight?.trim() === '' || !(weight >= 0 && weight <= 1)) {
    return refuse(`--scaffolding-weight ${options.scaffoldingWeight} is not within 0..1`);
  }
  if (options.repo !== undefined && options.git !== true) {
    return refuse('--repo goes with --git, which takes BEFORE and AFTER as revisions');
  }
  const only = options.path ?? [];
  const change =
    options.git === true
      ? await readGitChange(options.repo ?? '.', before, after, only)
      : await readFolderChange(before, after, only);
  if (change.kind === 'refused') return refuse(change.reason);
  const parse = await openCodeParser([...change.before, ...change.after].map((file) => file.path));
  const comparison: CodeComparison = compareCode(change.before, change.after, parse, {
    isWholeChange: change.isWhole,
    scaffoldingWeight: weight,
  });
  io.out(
    options.json === true
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : describeComparison(comparison),
  );
  return 0;
}

/** Adds `assay score diff BEFORE AFTER`. */
export function addScoreDiffCommand(score: Command): void {
  score
    .command('diff')
    .description('say how large a code change is, and how much of it is scaffolding')
    .argument('<before>', 'file, folder or, with --git, revision before the change')
    .argument('<after>', 'file, folder or, with --git, revision after the change')
    .option('--git', 'BEFORE and AFTER are revisions of a git repository')
    .option('--repo <folder>', 'the repository, with --git; the current folder when not given')
    .option('--path <path...>', 'only files under these paths')
    .option('--scaffolding-weight <number>', 'how much scaffolding counts, 0 to 1', '1')
    .option('--json', 'print JSON')
    .action(async (before: string, after: string, options: ScoreDiffOptions) => {
      process.exitCode = await runScoreDiff(before, after, options, {
        out: (text) => process.stdout.write(text),
        err: (text) => process.stderr.write(text),
      });
    });
}
