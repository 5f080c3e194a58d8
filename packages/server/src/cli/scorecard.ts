import type { Command } from 'commander';
import { addScorecardAttestCommands } from './scorecard-attest.ts';
import { addScorecardCarryForwardCommand } from './scorecard-carry-forward.ts';
import { addScorecardExportCommand } from './scorecard-export.ts';
import { addScorecardNewCommand } from './scorecard-new.ts';
import { addScorecardPublishCommand } from './scorecard-publish.ts';
import { addScorecardRenderCommand } from './scorecard-render.ts';
import { addScorecardValidateCommand } from './scorecard-validate.ts';
import { addScorecardVerifyCommand } from './scorecard-verify.ts';

/**
 * `assay scorecard`: the parent of the commands that make and check scorecards. Each command lives
 * in its own file `scorecard-*.ts` and is added here.
 */
export function addScorecardCommand(program: Command): void {
  const scorecard = program
    .command('scorecard')
    .description('make, show and check scorecards: 0 done, 2 usage, 3 not a card, 70 internal');
  addScorecardNewCommand(scorecard);
  addScorecardRenderCommand(scorecard);
  addScorecardValidateCommand(scorecard);
  addScorecardCarryForwardCommand(scorecard);
  addScorecardAttestCommands(scorecard);
  addScorecardVerifyCommand(scorecard);
  addScorecardExportCommand(scorecard);
  addScorecardPublishCommand(scorecard);
}
