import { describeInterface, newKeySchema } from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { checkHealth, jobHistory, metricsOf } from '../engine/health.ts';
import { parseBody } from '../engine/parse-body.ts';
import { changeRetention, retentionReport } from '../engine/retention.ts';
import { handle } from './call.ts';
import { renderMetrics } from './metrics.ts';

/** Routes of health and of the description of the interface. */
export function registerPlatform(app: FastifyInstance, engine: Engine, version: string): void {
  const description = describeInterface(version);
  handle(app, 'getLiveness', () => ({ status: 'alive' }));
  handle(app, 'getReadiness', async (call) => {
    const health = await checkHealth(engine);
    if (health.status !== 'ready') call.reply.code(503).header('retry-after', '1');
    return health;
  });
  handle(app, 'getMetrics', (call) =>
    call.reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(renderMetrics(metricsOf(engine))),
  );
  handle(app, 'getOpenApi', () => description);
  handle(app, 'listJobs', async () => ({ items: await jobHistory(engine) }));
  handle(app, 'getRetention', (call) => retentionReport(engine.context, call.tenantId));
  handle(app, 'changeRetention', (call) =>
    changeRetention(engine.context, call.tenantId, call.json()),
  );
}

/** Routes of the keys of a tenant. */
export function registerKeys(app: FastifyInstance, engine: Engine): void {
  const { tenants } = engine;
  handle(app, 'createKey', (call) =>
    tenants.createKey(call.tenantId, parseBody(newKeySchema, call.json())),
  );
  handle(app, 'listKeys', async (call) => ({ items: await tenants.listKeys(call.tenantId) }));
  handle(app, 'revokeKey', async (call) => {
    await tenants.revokeKey(call.tenantId, call.param('keyId'));
    return { keyId: call.param('keyId'), isRevoked: true };
  });
}
