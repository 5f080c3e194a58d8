import type { ScoredCard } from '@assay/loop/gate/gate-verdict';
import { renderScorecard } from '@assay/loop/gate/render-markdown';
import type { Command } from 'commander';
import { CommandFault } from './command-fault.ts';
import { readScorecard } from './read-scorecard.ts';
import { runScorecardCommand, SCORECARD_IO, type ScorecardIo } from './scorecard-io.ts';

/** A card with its items when they lie beside it. Throws CommandFault 3 when there is none. */
export async function scorecardAt(path: string, io: ScorecardIo): Promise<ScoredCard> {
  const file = await readScorecard(path, io.readFile);
  if (file.kind !== 'card') throw new CommandFault(3, file.message);
  if (file.warning !== null) io.err(`assay scorecard: ${file.warning}\n`);
  return file.scored;
}

/** `assay scorecard render`: shows a card as SCORECARD.md. */
export function addScorecardRenderCommand(scorecard: Command): void {
  scorecard
    .command('render <card>')
    .description('print a scorecard.json as SCORECARD.md')
    .option('--out <file>', 'write it to a file')
    .action(async (path: string, options: { readonly out?: string }) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, async (io) => {
        const text = renderScorecard((await scorecardAt(path, io)).card);
        if (options.out === undefined) io.out(text);
        else await io.writeFile(options.out, text);
      });
    });
}
