import { Argument, type Command } from 'commander';
import { IMPORT_FORMATS, type ImportFormat, readImport } from '../adapters/imports/read-import.ts';
import { type ConnectionOptions, callServer, connectionOf } from './connection.ts';

interface Answer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly results: readonly {
    readonly code?: string;
    readonly path?: string;
    readonly message?: string;
  }[];
}

interface Totals {
  accepted: number;
  duplicates: number;
  rejected: number;
}

const BATCH = 1_000;
const SHOWN_FAULTS = 20;

interface ImportOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** Sends the facts of one file in batches; a fault in one record does not stop the rest. */
async function importFile(
  format: ImportFormat,
  file: string,
  options: ImportOptions,
  totals: Totals,
): Promise<void> {
  const connection = connectionOf(options);
  let lines: string[] = [];
  let shown = 0;
  const complain = (text: string): void => {
    totals.rejected += 1;
    if (shown++ < SHOWN_FAULTS) process.stderr.write(`${file}: ${text}\n`);
  };
  const send = async (): Promise<void> => {
    if (lines.length === 0) return;
    const body = { text: lines.join('\n'), type: 'application/x-ndjson' };
    lines = [];
    const answer = await callServer<Answer>(connection, 'POST', '/v1/records', body);
    totals.accepted += answer.accepted;
    totals.duplicates += answer.duplicates;
    for (const fault of answer.results) {
      if (fault.code) complain(`${fault.code} at ${fault.path ?? '$'}: ${fault.message ?? ''}`);
    }
    if (process.stderr.isTTY)
      process.stderr.write(`\r${totals.accepted + totals.duplicates} facts`);
  };
  for await (const entry of readImport(format, file)) {
    if (entry.error) complain(`${entry.error.code} at ${entry.error.path}: ${entry.error.message}`);
    else lines.push(JSON.stringify(entry.fact));
    if (lines.length >= BATCH) await send();
  }
  await send();
  if (process.stderr.isTTY) process.stderr.write('\n');
}

/** `assay import FORMAT FILE…`: brings facts in from files. Doing it twice changes nothing. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('import facts from files; doing it twice changes nothing')
    .addArgument(new Argument('<format>', 'what the files hold').choices(IMPORT_FORMATS))
    .addArgument(new Argument('<files...>', 'the files'))
    .option('--url <url>', 'server (ASSAY_URL)')
    .option('--key <key>', 'API key (ASSAY_API_KEY)')
    .option('--json', 'print JSON')
    .action(async (format: ImportFormat, files: readonly string[], options: ImportOptions) => {
      const totals: Totals = { accepted: 0, duplicates: 0, rejected: 0 };
      for (const file of files) await importFile(format, file, options, totals);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(totals)}\n`
          : `${totals.accepted} new, ${totals.duplicates} already there, ${totals.rejected} rejected\n`,
      );
      if (totals.rejected > 0) process.exitCode = 1;
    });
}
