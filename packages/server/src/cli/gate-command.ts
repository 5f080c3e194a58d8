import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type GateOptions, runGateCommand } from './gate.ts';

const GATE_IO = {
  readFile: (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null),
  out: (text: string): void => {
    process.stdout.write(text);
  },
  err: (text: string): void => {
    process.stderr.write(text);
  },
};

/** `assay gate`: compares a scorecard with a baseline, alone, without a server. */
export function addGateCommand(program: Command): void {
  program
    .command('gate')
    .description(
      'decide whether a release may ship: 0 yes, 1 regression or floor missed, 2 usage, 3 not gateable, 4 inconclusive, 70 internal',
    )
    .option('--scorecard <file>', 'SCORECARD.md or the JSON of a scorecard')
    .option('--baseline-file <file>', 'the scorecard of the release to compare with')
    .option('--first-release', 'there is no baseline yet, and that is right')
    .option('--policy <file>', 'gate policy, YAML or JSON')
    .option('--min-aggregate <number>', 'floor of the aggregate, 0 to 100')
    .option('--trained-on <file>', 'ids of tasks the candidate was trained on, one a line')
    .option('--override-by <name>', 'lets a regression pass: who answers for it')
    .option('--override-reason <text>', 'lets a regression pass: why')
    .option('--json', 'print JSON')
    .action(async (options: GateOptions) => {
      process.exitCode = await runGateCommand(options, GATE_IO);
    });
}
