import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A server in a process of its own. */
export interface SpawnedServer {
  readonly url: string;
  readonly adminKey: string;
  readonly pid: number;
  /** Ends the process and waits for it. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts the built `assay start` on free ports and waits until it listens. */
export async function spawnServer(env: Readonly<Record<string, string>>): Promise<SpawnedServer> {
  const child = spawn(
    process.execPath,
    ['packages/server/dist/cli/main.js', 'start', '--announce-json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ASSAY_PORT: '0',
        ASSAY_OTLP_PORT: '0',
        ASSAY_LOG_LEVEL: 'error',
        ASSAY_RATE_LIMIT: '0',
        ...env,
      },
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const announced = await new Promise<{ url: string; adminKey: string }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":')) resolve(JSON.parse(line));
    });
  });
  return {
    ...announced,
    pid: child.pid ?? 0,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await exited;
    },
  };
}
