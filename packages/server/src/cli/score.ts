import type { Command } from 'commander';

/**
 * `assay score`: the parent of the commands that score something. Each command lives in its own
 * file `score-*.ts` and is added here.
 */
export function addScoreCommand(program: Command): void {
  program.command('score').description('score responses and code changes');
}
