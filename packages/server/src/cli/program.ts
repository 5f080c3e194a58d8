import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCompletionCommand } from './completion.ts';
import { addDoctorCommand } from './doctor.ts';
import { addGateCommand } from './gate-command.ts';
import { addImportCommand } from './import.ts';
import { addKeyCommand } from './key.ts';
import { addScoreCommand } from './score.ts';
import { addStartCommand } from './start.ts';

function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0';
}

/**
 * The `assay` command with all that is below it. Nothing runs before it parses; usage that makes no
 * sense is thrown as a `CommanderError` and does not end the process.
 */
export function createProgram(): Command {
  const program = new Command('assay')
    .description(
      'Record, score, learn, route, gate and train: one loop for teams who run several agents.',
    )
    .version(ownVersion())
    .showHelpAfterError()
    // An option after the name of a command belongs to that command.
    .enablePositionalOptions()
    .exitOverride();
  addStartCommand(program);
  addImportCommand(program);
  addKeyCommand(program);
  addGateCommand(program);
  addScoreCommand(program);
  addDoctorCommand(program);
  addCompletionCommand(program);
  return program;
}
