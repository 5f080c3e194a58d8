import type { RetentionSettings } from '@assay/protocol';
import type { Command } from 'commander';
import { readArchive } from '../engine/archive-file.ts';
import type { RetentionReport } from '../engine/retention.ts';
import { type Connection, type ConnectionOptions, callServer, connectionOf } from './connection.ts';
import { countFrom } from './option-values.ts';

type Options = ConnectionOptions & { readonly json?: boolean };
type SetOptions = Options & {
  readonly hot?: number;
  readonly warm?: number;
  readonly archive?: number;
  readonly delete?: number;
};

const PATH = '/v1/retention';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function textOf({ hotDays, warmDays, archiveDays, deleteDays }: RetentionSettings): string {
  return `hot ${hotDays} days, warm ${warmDays}, archive ${archiveDays}, figures ${deleteDays}`;
}

async function show(options: Options): Promise<void> {
  const report = await callServer<RetentionReport>(connectionOf(options), 'GET', PATH);
  if (options.json) return print(JSON.stringify(report));
  print(textOf(report.settings));
  for (const { tier, count, facts, bytes } of report.tiers) {
    const what = tier === 'cold' ? 'files' : 'days';
    print(`${tier.padEnd(5)} ${count} ${what}, ${facts} facts, ${bytes} bytes`);
  }
  for (const part of report.archive) {
    const state = part.deletedAt !== null ? 'deleted' : part.movedAt === null ? 'open' : 'kept';
    print(`${part.from.slice(0, 10)} ${state.padEnd(7)} ${part.facts} facts  ${part.file}`);
  }
}

async function change(connection: Connection, options: SetOptions): Promise<void> {
  const { settings } = await callServer<RetentionReport>(connection, 'GET', PATH);
  const wanted: RetentionSettings = {
    hotDays: options.hot ?? settings.hotDays,
    warmDays: options.warm ?? settings.warmDays,
    archiveDays: options.archive ?? settings.archiveDays,
    deleteDays: options.delete ?? settings.deleteDays,
  };
  const body = { text: JSON.stringify(wanted), type: 'application/json' };
  const answer = await callServer<RetentionSettings & { readonly detail?: string }>(
    connection,
    'PUT',
    PATH,
    body,
  );
  if (answer.hotDays === undefined) throw new Error(answer.detail ?? 'the server refused');
  print(options.json ? JSON.stringify(answer) : textOf(answer));
}

async function read(file: string): Promise<void> {
  for await (const lines of readArchive(file)) for (const line of lines) print(line);
}

/** `assay retention show|set|read`: how long facts are kept, and what has moved. */
export function addRetentionCommand(program: Command): void {
  const retention = program
    .command('retention')
    .description('show and change how long facts are kept; read archives');
  const withConnection = (command: Command): Command =>
    command
      .option('--url <url>', 'server (ASSAY_URL)')
      .option('--key <key>', 'API key (ASSAY_API_KEY)')
      .option('--json', 'print JSON');
  withConnection(
    retention.command('show').description('show the tiers and every file of the archive'),
  ).action((options: Options) => show(options));
  withConnection(
    retention.command('set').description('change how long facts are kept (an admin key)'),
  )
    .option('--hot <days>', 'days as written', countFrom(1))
    .option('--warm <days>', 'days in the store', countFrom(1))
    .option('--archive <days>', 'days until the file is deleted', countFrom(1))
    .option('--delete <days>', 'days until the figures are deleted', countFrom(1))
    .action((options: SetOptions) => change(connectionOf(options), options));
  retention
    .command('read <file>')
    .description('print the documents of an archive file, one JSON value per line')
    .action((file: string) => read(file));
}
