import { checkRecompute } from '@assay/loop/gate/check-recompute';
import type { Command } from 'commander';
import { CommandFault } from './command-fault.ts';
import { runScorecardCommand, SCORECARD_IO, type ScorecardIo } from './scorecard-io.ts';
import { scorecardAt } from './scorecard-render.ts';

/**
 * Checks that a card can be read and that every number on it follows from the others and, when its
 * items are known, from these. Throws CommandFault 3 with everything that is wrong.
 */
export async function validateScorecard(path: string, io: ScorecardIo): Promise<void> {
  const scored = await scorecardAt(path, io);
  const reasons = checkRecompute(scored, path);
  if (reasons.length > 0) {
    throw new CommandFault(3, reasons.map(({ message }) => message).join('; '));
  }
  const { agent, aggregate } = scored.card;
  const how = scored.items === undefined ? 'from its metrics' : `from ${scored.items.length} items`;
  io.out(`${path}: ${agent.name} ${agent.version}, ${aggregate.value} recomputed ${how}\n`);
}

/** `assay scorecard validate`: checks cards. */
export function addScorecardValidateCommand(scorecard: Command): void {
  scorecard
    .command('validate <cards...>')
    .description('check that cards can be read and that their numbers can be recomputed')
    .action(async (paths: readonly string[]) => {
      const codes: number[] = [];
      for (const path of paths) {
        codes.push(await runScorecardCommand(SCORECARD_IO, (io) => validateScorecard(path, io)));
      }
      process.exitCode = Math.max(...codes);
    });
}
