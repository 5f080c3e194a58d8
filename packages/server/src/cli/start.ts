import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { createServer, type RunningServer } from '../main.ts';

interface StartOptions {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly forceUnlock?: boolean;
  readonly announceJson?: boolean;
}

const PORTS_TO_TRY = 20;

function environmentOf(options: StartOptions): Record<string, string | undefined> {
  return {
    ...process.env,
    ...(options.port === undefined ? {} : { ASSAY_PORT: options.port }),
    ...(options.host === undefined ? {} : { ASSAY_HOST: options.host }),
    ...(options.dataDir === undefined ? {} : { ASSAY_DATA_DIR: options.dataDir }),
    ...(options.forceUnlock ? { ASSAY_FORCE_UNLOCK: '1' } : {}),
  };
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'server.port-taken';

/** A program that started the server reads the port from the announcement, so any will do. */
async function startOnFreePort(env: Record<string, string | undefined>): Promise<RunningServer> {
  const config = readConfig(env);
  for (let offset = 0; ; offset++) {
    try {
      return await createServer({ ...config, port: config.port === 0 ? 0 : config.port + offset });
    } catch (error) {
      if (!isPortTaken(error) || offset === PORTS_TO_TRY) throw error;
    }
  }
}

async function announceJson(server: RunningServer): Promise<void> {
  const adminKey = server.adminKey ?? (await server.createKey('local start'));
  const line = {
    ready: true,
    url: server.url,
    otlpUrl: server.otlpUrl,
    adminKey,
    dashboardUrl: `${server.url}/#key=${adminKey}`,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function announce(server: RunningServer, isKeyNew: boolean): void {
  const lines = [
    `Assay listens on ${server.url}`,
    ...(server.otlpUrl ? [`OpenTelemetry: ${server.otlpUrl}/v1/traces and /v1/logs`] : []),
    ...(isKeyNew && server.adminKey
      ? [
          '',
          `Admin key of tenant "default", shown this once: ${server.adminKey}`,
          `Dashboard: ${server.url}/#key=${server.adminKey}`,
        ]
      : [`Dashboard: ${server.url}`]),
    'Press Ctrl-C to stop.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function stopOnSignal(server: RunningServer): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`assay: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** `assay start`: serves until it is told to stop. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('start the server with the dashboard')
    .option('--port <number>', 'port of the interface (ASSAY_PORT)')
    .option('--host <address>', 'address to listen on (ASSAY_HOST)')
    .option('--data-dir <folder>', 'folder of the embedded store (ASSAY_DATA_DIR)')
    .option('--force-unlock', 'ignore a lock that another machine left on the store')
    .option(
      '--announce-json',
      'print one line of JSON when ready, for programs; takes the next free port',
    )
    .action(async (options: StartOptions) => {
      const env = environmentOf(options);
      const server = options.announceJson
        ? await startOnFreePort(env)
        : await createServer(readConfig(env));
      stopOnSignal(server);
      if (options.announceJson) await announceJson(server);
      else announce(server, server.adminKey !== null && !env['ASSAY_ADMIN_KEY']);
    });
}
