#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { AssayError } from '@assay/protocol';
import { Command } from 'commander';
import { addDoctorCommand } from './doctor.ts';
import { addGateCommand } from './gate-command.ts';
import { addImportCommand } from './import.ts';
import { addKeyCommand } from './key.ts';
import { addStartCommand } from './start.ts';

const EXIT_FAULT = 1;

function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0';
}

const program = new Command('assay')
  .description(
    'Record, score, learn, route, gate and train: one loop for teams who run several agents.',
  )
  .version(ownVersion())
  .showHelpAfterError();
addStartCommand(program);
addImportCommand(program);
addKeyCommand(program);
addGateCommand(program);
addDoctorCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = error instanceof AssayError || (error instanceof Error && 'code' in error);
  const text =
    error instanceof Error
      ? isExpected
        ? error.message
        : (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`assay: ${text}\n`);
  process.exitCode = EXIT_FAULT;
}
