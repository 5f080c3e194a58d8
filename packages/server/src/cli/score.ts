import type { Command } from 'commander';
import { addScoreDiffCommand } from './score-diff.ts';
import { addScoreJudgeCommand } from './score-judge.ts';
import { addScoreWithCommand } from './score-with.ts';

/**
 * `assay score`: the parent of the commands that score something. Each command lives in its own
 * file `score-*.ts` and is added here.
 */
export function addScoreCommand(program: Command): void {
  const score = program.command('score').description('score responses and code changes');
  addScoreDiffCommand(score);
  addScoreJudgeCommand(score);
  addScoreWithCommand(score);
}
