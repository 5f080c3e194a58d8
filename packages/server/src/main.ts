import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AssayError } from '@assay/protocol';
import type { Database, StoreOptions } from '@assay/store';
import { openStore } from '@assay/store';
import type { FastifyInstance } from 'fastify';
import { destination, type Logger, pino } from 'pino';
import { createSandbox } from './adapters/sandbox/sandbox.ts';
import { digestOfFactors } from './adapters/scoring/digest-of-factors.ts';
import { createScoringPool } from './adapters/scoring/scoring-pool.ts';
import { createUniformSource } from './adapters/uniform-source.ts';
import type { ScoringConfig, ServerConfig } from './config.ts';
import type { EngineContext } from './engine/context.ts';
import type { Engine } from './engine/engine.ts';
import { createEngine } from './engine/engine.ts';
import { createDutyRunner } from './engine/periodic-duty.ts';
import { catchUpDuty } from './engine/score-catch-up.ts';
import type { ScoringParts } from './engine/scoring.ts';
import { createUpkeep } from './engine/upkeep.ts';
import type { AppParts } from './http/app.ts';
import { createApp, createOtlpApp } from './http/app.ts';
import type { RunningJobs } from './jobs/run-jobs.ts';
import { startJobs } from './jobs/run-jobs.ts';

/** A server that listens. */
export interface RunningServer {
  /** Address of the interface and the dashboard, without a slash at the end. */
  readonly url: string;
  /** Address for OpenTelemetry exporters; null when its port was taken or is off. */
  readonly otlpUrl: string | null;
  /** The admin key when it was given or has just been made; it cannot be read back later. */
  readonly adminKey: string | null;
  /** Makes another admin key of the first tenant. */
  createKey(name: string): Promise<string>;
  /** Answers what is in work, stops the jobs and closes the store. */
  close(): Promise<void>;
}

/** Directory name that stands for a store which keeps nothing. */
const MEMORY = 'memory';
const REFRESH_MS = 250;

function versionOf(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function storeOptions(config: ServerConfig): StoreOptions {
  if (config.databaseUrl !== null) {
    return { kind: config.isCitus ? 'citus' : 'postgres', url: config.databaseUrl };
  }
  const isMemory = config.dataDirectory === MEMORY;
  return {
    kind: 'pglite',
    directory: isMemory ? MEMORY : join(resolve(config.dataDirectory), 'store'),
    isDurable: config.isDurable,
    forceUnlock: config.forceUnlock,
  };
}

/** What the engine gets of the outside world. */
export function createContext(db: Database, dataDirectory: string): EngineContext {
  return {
    db,
    dataDirectory,
    now: Date.now,
    newId: crypto.randomUUID,
    random: createUniformSource(),
    hash: (text) => crypto.hash('sha256', text, 'hex'),
    hashBytes: (bytes) => crypto.createHash('sha256').update(bytes).digest('hex'),
  };
}

function urlOf(app: FastifyInstance, host: string): string {
  const { port } = app.server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
    return urlOf(app, host);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'EADDRINUSE') throw cause;
    throw new AssayError('server.port-taken', { detail: `port ${port} of ${host}`, cause });
  }
}

/** Opens the second listener. A taken port is no reason to stop: the main port has the paths too. */
async function listenForOtlp(
  parts: AppParts,
  config: ServerConfig,
): Promise<{ app: FastifyInstance; url: string } | null> {
  if (config.otlpPort === null) return null;
  const app = createOtlpApp(parts);
  try {
    return { app, url: await listen(app, config.host, config.otlpPort) };
  } catch (error) {
    await app.close();
    if (!(error instanceof AssayError)) throw error;
    parts.log.warn(`${error.message}; OpenTelemetry exporters can use the main port`);
    return null;
  }
}

/** Does again and again what keeps this process fresh; never twice at once. */
function repeatDuty(work: () => Promise<void>, onFault: (error: unknown) => void): RunningJobs {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    if (running !== null) return;
    running = work()
      .catch(onFault)
      .finally(() => {
        running = null;
      });
  }, REFRESH_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

async function openDatabase(config: ServerConfig): Promise<Database> {
  if (config.databaseUrl === null && config.dataDirectory !== MEMORY) {
    await mkdir(config.dataDirectory, { recursive: true });
  }
  return openStore(storeOptions(config));
}

/** The threads and the settings of scoring. Names and numbers are logged, never texts. */
function scoringParts(config: ScoringConfig, log: Logger): ScoringParts {
  const { isDebug, isSandboxed, factorsModule: given, ...defaults } = config;
  const factorsModule = given === null ? null : resolve(given);
  return {
    pool: createScoringPool({ threads: 1, factorsModule }),
    defaults: { ...defaults, factorsDigest: digestOfFactors(factorsModule) },
    sandbox: isSandboxed ? createSandbox() : null,
    onScored: isDebug ? (note) => log.info({ score: note }, 'scored') : null,
  };
}

interface Opened {
  readonly db: Database;
  readonly engine: Engine;
  readonly parts: AppParts;
  readonly onFault: (error: unknown) => void;
}

async function openEngine(config: ServerConfig): Promise<Opened> {
  // Standard output belongs to the announcement; the log goes to standard error.
  const log = pino({ level: config.logLevel }, destination({ fd: 2, sync: true }));
  const db = await openDatabase(config);
  const onFault = (error: unknown): void => log.error({ err: error }, 'a background duty failed');
  try {
    for (const warning of db.health.warnings) log.warn(warning);
    const engine = await createEngine({
      context: createContext(db, resolve(config.dataDirectory)),
      recordWindowDays: config.recordWindowDays,
      traceQuietMs: config.traceQuietMs,
      newSecret: () => crypto.randomBytes(32).toString('base64url'),
      pause: (ms) => pause(ms),
      onFault,
      scoring: scoringParts(config.scoring, log),
    });
    const parts: AppParts = {
      engine,
      log,
      rateLimitPerSecond: config.rateLimitPerSecond,
      publicDirectory: fileURLToPath(new URL('../public', import.meta.url)),
      version: versionOf(),
    };
    return { db, engine, parts, onFault };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Closes in the order of the way of a fact: doors, jobs, queue, store. */
async function closeAll(
  opened: Opened,
  apps: readonly FastifyInstance[],
  jobs: readonly RunningJobs[],
): Promise<void> {
  await Promise.all(apps.map((app) => app.close()));
  await Promise.all(jobs.map((job) => job.stop()));
  await opened.engine.close();
  await opened.db.close();
}

function startDuties(opened: Opened): RunningJobs[] {
  const { engine, parts, onFault } = opened;
  const onJobError = (job: string, error: unknown): void =>
    parts.log.error({ err: error, job }, 'a job failed');
  const own = createUpkeep(engine);
  const upkeep = { ...own, duties: [...own.duties, catchUpDuty(engine)] };
  const runner = createDutyRunner(engine.context, `${hostname()}/${process.pid}`, onJobError);
  return [
    startJobs(upkeep, runner, onJobError),
    repeatDuty(engine.refresh, onFault),
    repeatDuty(engine.settleTraces, onFault),
  ];
}

/**
 * Opens the store, loads the evidence, starts the jobs and listens.
 * @param config as `readConfig` gives it; `dataDirectory: 'memory'` keeps nothing and is for tests
 * @throws AssayError `server.port-taken`, `config.invalid`; what `openStore` throws
 */
export async function createServer(config: ServerConfig): Promise<RunningServer> {
  const opened = await openEngine(config);
  const { engine, parts } = opened;
  const apps: FastifyInstance[] = [];
  const jobs: RunningJobs[] = [];
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= closeAll(opened, apps, jobs);
    return closing;
  };
  try {
    const { tenantId, newKey } = await engine.tenants.bootstrap(config.adminKey);
    await engine.memory(tenantId);
    const app = createApp(parts);
    apps.push(app);
    const url = await listen(app, config.host, config.port);
    const otlp = await listenForOtlp(parts, config);
    if (otlp !== null) apps.push(otlp.app);
    jobs.push(...startDuties(opened));
    return {
      url,
      otlpUrl: otlp?.url ?? null,
      adminKey: config.adminKey ?? newKey,
      async createKey(name) {
        const request = { name, roles: ['admin' as const], scopes: [] };
        return (await engine.tenants.createKey(tenantId, request)).key;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
