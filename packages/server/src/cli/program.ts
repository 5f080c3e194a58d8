import { readFileSync } from 'node:fs';
import { Command } from 'commander';

function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0';
}

type AddCommand = (program: Command) => void;

/** Every command with what loads it, in the order in which the help lists them. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  start: async () => (await import('./start.ts')).addStartCommand,
  import: async () => (await import('./import.ts')).addImportCommand,
  key: async () => (await import('./key.ts')).addKeyCommand,
  gate: async () => (await import('./gate-command.ts')).addGateCommand,
  score: async () => (await import('./score.ts')).addScoreCommand,
  scorecard: async () => (await import('./scorecard.ts')).addScorecardCommand,
  retention: async () => (await import('./retention.ts')).addRetentionCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  completion: async () => (await import('./completion.ts')).addCompletionCommand,
};

/** Commands that look at all the others. */
const NEEDS_ALL: readonly string[] = ['completion'];

/**
 * The `assay` command with all that is below it. Nothing runs before it parses; usage that makes no
 * sense is thrown as a `CommanderError` and does not end the process. When the first of the words to
 * parse is a command, only that command is loaded: loading all takes several times as long as a gate.
 */
export async function createProgram(words: readonly string[] = []): Promise<Command> {
  const program = new Command('assay')
    .description(
      'Record, score, learn, route, gate and train: one loop for teams who run several agents.',
    )
    .version(ownVersion())
    .showHelpAfterError()
    // An option after the name of a command belongs to that command.
    .enablePositionalOptions()
    .exitOverride();
  const [first = ''] = words;
  const isOne = Object.hasOwn(COMMANDS, first) && !NEEDS_ALL.includes(first);
  for (const name of isOne ? [first] : Object.keys(COMMANDS)) {
    const add = await COMMANDS[name]?.();
    add?.(program);
  }
  return program;
}
