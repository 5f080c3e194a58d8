import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { hashFile, readFileText } from '../adapters/files/file-text.ts';
import { CommandFault } from './command-fault.ts';
import { type GateIo, runGateCommand } from './gate.ts';
import type { GateOptions } from './gate-options.ts';

const GATE_IO: GateIo = {
  readFile: readFileText,
  hashFile,
  openRef: async (ref, folder) =>
    (await import('../adapters/git/git-ref.ts')).openGitRef(ref, folder),
  writeFile: (path, text) =>
    writeFile(path, text).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandFault(2, `cannot write ${path}: ${why}`);
    }),
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
};

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** `assay gate`: compares a scorecard with a baseline, alone, without a server. */
export function addGateCommand(program: Command): void {
  program
    .command('gate')
    .description(
      'decide whether a release may ship: 0 yes, 1 regression or floor missed, 2 usage, 3 not gateable, 4 inconclusive, 70 internal',
    )
    .option('--scorecard <file>', 'SCORECARD.md or scorecard.json; its items are found beside it')
    .option('--baseline-file <file>', 'the scorecard of the release to compare with')
    .option(
      '--baseline-ref <ref>',
      'take the baseline from git: REF for the same path, REF:PATH for another',
    )
    .option('--first-release', 'there is no baseline yet, and that is right')
    .option('--policy <file>', 'gate policy, YAML or JSON')
    .option('--min-aggregate <number>', 'floor of the aggregate, 0 to 100')
    .option(
      '--min <metric=share>',
      'floor of a metric, 0 to 1, which the lower end of its interval must reach; again for more',
      collect,
    )
    .option('--expected-version <version>', 'the card must be of this version')
    .option(
      '--artifact <file>',
      'a file that is about to ship: the card must name these bytes; again for more',
      collect,
    )
    .option('--trained-on <file>', 'ids of tasks the candidate was trained on, one a line')
    .option('--allow-regression', 'let a regression pass, on the record; never a missed floor')
    .option('--reason <text>', 'with --allow-regression: why')
    .option('--by <name>', 'with --allow-regression: who answers for it')
    .option('--json', 'print JSON')
    .option('--junit <file>', 'write JUnit XML too')
    .option('--md <file>', 'write Markdown too, for a job summary or a comment')
    .option('--html <file>', 'write one HTML file too')
    .action(async (options: GateOptions) => {
      process.exitCode = await runGateCommand(options, GATE_IO);
    });
}
