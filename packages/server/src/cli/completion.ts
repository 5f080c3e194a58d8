import { Argument, type Command } from 'commander';
import { commandTreeOf } from './command-tree.ts';
import { completionScriptOf, SHELLS, type Shell } from './completion-script.ts';

/** `assay completion SHELL`: a script that makes a shell complete the words of this command. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell that reads the script').choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(completionScriptOf(shell, commandTreeOf(program)));
    });
}
