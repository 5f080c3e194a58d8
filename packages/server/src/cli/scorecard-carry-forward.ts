import { dirname } from 'node:path';
import { carryForward } from '@assay/loop/gate/carry-forward';
import type { Command } from 'commander';
import { CommandFault } from './command-fault.ts';
import { collect, runScorecardCommand, SCORECARD_IO, type ScorecardIo } from './scorecard-io.ts';
import { scorecardAt } from './scorecard-render.ts';
import { declaredDigest, subjectFiles } from './subject-files.ts';
import { writeScorecard } from './write-scorecard.ts';

/** Options of `assay scorecard carry-forward`. */
export interface CarryForwardOptions {
  readonly version?: string;
  readonly declared?: readonly string[];
  readonly artifact?: readonly string[];
  readonly acceptUndeclared?: boolean;
  /** Folder that the files are written to; that of the card when absent. */
  readonly out?: string;
}

/** Carries a card to a later patch. Throws CommandFault 2 for usage, 3 when it is refused. */
export async function carryScorecard(
  path: string,
  options: CarryForwardOptions,
  io: ScorecardIo,
): Promise<void> {
  if (options.version === undefined) throw new CommandFault(2, '--version is required');
  const { card, items } = await scorecardAt(path, io);
  const carried = carryForward(card, {
    version: options.version,
    declaredDigest: await declaredDigest(options.declared ?? [], io),
    subject: await subjectFiles(options.artifact ?? [], io),
    acceptUndeclared: options.acceptUndeclared ?? false,
  });
  if (carried.kind === 'refused') throw new CommandFault(3, carried.reason);
  const scored = items === undefined ? { card: carried.card } : { card: carried.card, items };
  await writeScorecard(options.out ?? dirname(path), scored, io);
}

/** `assay scorecard carry-forward`: the card of a patch that changes no answer. */
export function addScorecardCarryForwardCommand(scorecard: Command): void {
  scorecard
    .command('carry-forward <card>')
    .description('carry a card to a later patch that changes no answer, marked as inherited')
    .option('--version <version>', 'the later patch, X.Y.Z')
    .option('--declared <file>', 'a file that can change the answers; again for more', collect)
    .option('--artifact <file>', 'a file that ships; again for more', collect)
    .option('--accept-undeclared', 'carry a card that does not record which files matter')
    .option('--out <folder>', 'where the files are written; the folder of the card when absent')
    .action(async (path: string, options: CarryForwardOptions) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, (io) =>
        carryScorecard(path, options, io),
      );
    });
}
