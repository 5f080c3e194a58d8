// `npm start`: everything that a first look needs. Installs and builds what is missing, opens the
// embedded store, starts the server with the dashboard, runs the example orchestrator against it
// and keeps serving. With --once it ends after the summary.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const once = process.argv.includes('--once');
const passedOn = process.argv.slice(2);

function startServer() {
  const server = spawn(
    process.execPath,
    [join(root, 'packages/server/dist/cli/main.js'), 'start', '--announce-json'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ASSAY_LOG_LEVEL: process.env.ASSAY_LOG_LEVEL ?? 'warn' },
    },
  );
  const ready = new Promise((resolve, reject) => {
    let text = '';
    server.stdout.on('data', (chunk) => {
      text += chunk;
      for (const line of text.split('\n').slice(0, -1)) {
        if (line.startsWith('{"ready":')) resolve(JSON.parse(line));
      }
      text = text.slice(text.lastIndexOf('\n') + 1);
    });
    server.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
  });
  return { server, ready };
}

function runExample(announced) {
  return new Promise((resolve) => {
    const example = spawn(
      process.execPath,
      [join(root, 'examples/email-triage/dist/main.js'), ...passedOn],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, ASSAY_URL: announced.url, ASSAY_API_KEY: announced.adminKey },
      },
    );
    example.once('exit', (code) => resolve(code ?? 1));
  });
}

build();
const { server, ready } = startServer();
const stop = () => server.kill('SIGTERM');
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
let exitCode = 1;
try {
  const announced = await ready;
  exitCode = await runExample(announced);
  if (!once) {
    console.log(`\nDashboard: ${announced.dashboardUrl ?? announced.url}\nPress Ctrl-C to stop.`);
    await new Promise((resolve) => server.once('exit', resolve));
  }
} catch (error) {
  console.error(String(error instanceof Error ? error.message : error));
} finally {
  if (server.exitCode === null) {
    stop();
    await new Promise((resolve) => server.once('exit', resolve));
  }
}
process.exit(exitCode);
