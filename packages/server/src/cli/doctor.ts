import type { Command } from 'commander';
import { type ConnectionOptions, callServer, connectionOf } from './connection.ts';

interface Check {
  readonly name: string;
  readonly isRight: boolean;
  readonly detail: string;
}

async function check(name: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { name, isRight: true, detail: await work() };
  } catch (error) {
    return { name, isRight: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

async function examine(options: ConnectionOptions): Promise<Check[]> {
  const connection = connectionOf(options);
  return [
    await check('node', async () => {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
      if (major < 20 || (major === 20 && minor < 19))
        throw new Error(`${process.versions.node} is too old: 20.19 is needed`);
      return process.versions.node;
    }),
    await check('server', async () => {
      const ready = await callServer<{
        store?: { dialect?: string; isDurable?: boolean; warnings?: readonly string[] };
      }>(connection, 'GET', '/readyz');
      const warnings = ready.store?.warnings ?? [];
      if (warnings.length > 0) throw new Error(warnings.join('; '));
      return `${connection.url}, store ${ready.store?.dialect ?? 'unknown'}, ${ready.store?.isDurable ? 'durable' : 'NOT durable'}`;
    }),
    await check('key', async () => {
      await callServer(connection, 'GET', '/v1/agents');
      return 'accepted';
    }),
  ];
}

/** `assay doctor`: says what is wrong with an installation. Exit code 1 when something is. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check that the server can be reached, is durable and accepts the key')
    .option('--url <url>', 'server (ASSAY_URL)')
    .option('--key <key>', 'API key (ASSAY_API_KEY)')
    .option('--json', 'print JSON')
    .action(async (options: ConnectionOptions & { json?: boolean }) => {
      const checks = await examine(options);
      if (options.json) process.stdout.write(`${JSON.stringify(checks)}\n`);
      else
        for (const one of checks)
          process.stdout.write(`${one.isRight ? 'ok  ' : 'BAD '} ${one.name}: ${one.detail}\n`);
      if (checks.some((one) => !one.isRight)) process.exitCode = 1;
    });
}
