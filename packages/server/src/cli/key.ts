import { type Command, Option } from 'commander';
import { type ConnectionOptions, callServer, connectionOf } from './connection.ts';

interface KeyLine {
  readonly keyId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly createdAt: string | number;
  readonly revokedAt: string | number | null;
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** `assay key create|list|revoke`: the keys of a tenant. */
export function addKeyCommand(program: Command): void {
  const key = program.command('key').description('make, list and revoke API keys');
  const withConnection = (command: Command): Command =>
    command
      .option('--url <url>', 'server (ASSAY_URL)')
      .option('--key <key>', 'admin key (ASSAY_API_KEY)')
      .option('--json', 'print JSON');

  withConnection(key.command('create <name>').description('make a key; it is shown once'))
    .addOption(
      new Option('--role <role>', 'what the key may do')
        .choices(['reader', 'writer', 'admin'])
        .default('writer'),
    )
    .action(async (name: string, options: ConnectionOptions & { role: string; json?: boolean }) => {
      const body = {
        text: JSON.stringify({ name, roles: [options.role] }),
        type: 'application/json',
      };
      const made = await callServer<{ key: string; keyId: string }>(
        connectionOf(options),
        'POST',
        '/v1/keys',
        body,
      );
      print(options.json ? JSON.stringify(made) : made.key);
    });

  withConnection(key.command('list').description('list the keys, without their secrets')).action(
    async (options: ConnectionOptions & { json?: boolean }) => {
      const answer = await callServer<{ items: readonly KeyLine[] }>(
        connectionOf(options),
        'GET',
        '/v1/keys',
      );
      if (options.json) return print(JSON.stringify(answer.items));
      for (const line of answer.items) {
        print(
          `${line.keyId}  ${line.roles.join(',').padEnd(8)} ${line.revokedAt === null ? 'active ' : 'revoked'} ${line.name}`,
        );
      }
    },
  );

  withConnection(key.command('revoke <keyId>').description('make a key useless at once')).action(
    async (keyId: string, options: ConnectionOptions & { json?: boolean }) => {
      const answer = await callServer<object>(
        connectionOf(options),
        'DELETE',
        `/v1/keys/${encodeURIComponent(keyId)}`,
      );
      print(options.json ? JSON.stringify(answer) : `revoked ${keyId}`);
    },
  );
}
