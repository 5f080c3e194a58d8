import { AssayError } from '@assay/protocol';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { fastify, LogController } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { authenticateAll } from './auth.ts';
import { MAX_BODY_BYTES, readBodiesAsBytes } from './body.ts';
import { registerDashboard } from './dashboard.ts';
import { registerGate, registerHub } from './gate.ts';
import { registerKeys, registerPlatform } from './platform.ts';
import { mapErrors, sendProblem } from './problem.ts';
import { registerQueries } from './query.ts';
import { createRateLimit } from './rate-limit.ts';
import { registerOtlp, registerRecord } from './record.ts';
import { registerRoute } from './route.ts';
import { registerScore } from './score.ts';
import { registerStream } from './stream.ts';
import { registerTrain } from './train.ts';

/** What an app is made of. */
export interface AppParts {
  readonly engine: Engine;
  readonly log: FastifyBaseLogger;
  /** Requests per second and key; 0 = no limit. */
  readonly rateLimitPerSecond: number;
  /** Folder of the built dashboard. */
  readonly publicDirectory: string;
  readonly version: string;
}

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

function createBase(parts: AppParts): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: parts.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: 2_000 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  app.addHook('onSend', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.routeOptions.config.operation) reply.header('cache-control', 'no-store');
  });
  mapErrors(app);
  readBodiesAsBytes(app);
  const limit = createRateLimit(parts.rateLimitPerSecond, () => performance.now());
  authenticateAll(app, parts.engine.tenants, limit);
  return app;
}

/** The app of the main port: every operation, and the dashboard. */
export function createApp(parts: AppParts): FastifyInstance {
  const { engine } = parts;
  const app = createBase(parts);
  registerRecord(app, engine);
  registerQueries(app, engine);
  registerStream(app, engine);
  registerScore(app, engine);
  registerRoute(app, engine);
  registerGate(app, engine);
  registerHub(app, engine);
  registerTrain(app, engine);
  registerKeys(app, engine);
  registerPlatform(app, engine, parts.version);
  registerDashboard(app, parts.publicDirectory, (request, reply) =>
    sendProblem(request, reply, new AssayError('request.not-found')),
  );
  return app;
}

/** The app of the port that OpenTelemetry exporters use by default. */
export function createOtlpApp(parts: AppParts): FastifyInstance {
  const app = createBase(parts);
  registerOtlp(app, parts.engine);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new AssayError('request.not-found')),
  );
  return app;
}
