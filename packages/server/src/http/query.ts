import {
  aggregatesQuerySchema,
  evidenceQuerySchema,
  rangeQuerySchema,
  runsQuerySchema,
} from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import { aggregatesOf, correlationsOf, healthOf, overviewOf } from '../engine/aggregates.ts';
import type { Engine } from '../engine/engine.ts';
import { driftOf, evidenceOf } from '../engine/learn.ts';
import { getRun, getSession, listRuns } from '../engine/runs.ts';
import { handle } from './call.ts';

/** Routes that answer from the record and the evidence. */
export function registerQueries(app: FastifyInstance, engine: Engine): void {
  const { context } = engine;
  handle(app, 'listRuns', (call) => listRuns(context, call.tenantId, call.query(runsQuerySchema)));
  handle(app, 'getRun', (call) => getRun(context, call.tenantId, call.param('taskId')));
  handle(app, 'getSession', (call) => getSession(context, call.tenantId, call.param('sessionId')));
  handle(app, 'getAggregates', async (call) => ({
    items: await aggregatesOf(context, call.tenantId, call.query(aggregatesQuerySchema)),
  }));
  handle(app, 'getCorrelations', async (call) => ({
    items: await correlationsOf(context, call.tenantId, call.query(rangeQuerySchema)),
  }));
  handle(app, 'getCollectionHealth', (call) =>
    healthOf(context, call.tenantId, call.query(rangeQuerySchema)),
  );
  handle(app, 'getOverview', async (call) =>
    overviewOf(context, await engine.memory(call.tenantId), call.query(rangeQuerySchema)),
  );
  handle(app, 'getEvidence', async (call) => {
    const query = call.query(evidenceQuerySchema);
    return { items: evidenceOf(await engine.memory(call.tenantId), query) };
  });
  handle(app, 'getDrift', async (call) => {
    const query = call.query(evidenceQuerySchema);
    return { items: driftOf(await engine.memory(call.tenantId), query) };
  });
}
