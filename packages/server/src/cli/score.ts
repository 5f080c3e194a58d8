import type { Command } from 'commander';
import { addScoreCalibrateCommand } from './score-calibrate.ts';
import { addScoreDiffCommand } from './score-diff.ts';
import { addScoreExecuteCommand } from './score-execute.ts';
import { addScoreJudgeCommand } from './score-judge.ts';
import { addScoreResponses } from './score-responses.ts';
import { addScoreWithCommand } from './score-with.ts';

/**
 * `assay score`: the parent of the commands that score something. Each command lives in its own
 * file `score-*.ts` and is added here.
 */
export function addScoreCommand(program: Command): void {
  const score = program.command('score');
  addScoreResponses(score);
  addScoreCalibrateCommand(score);
  addScoreDiffCommand(score);
  addScoreExecuteCommand(score);
  addScoreJudgeCommand(score);
  addScoreWithCommand(score);
}
