import { scorecardsQuerySchema } from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import {
  createScorecard,
  gateScorecards,
  getScorecard,
  listScorecards,
  listVerdicts,
  scorecardMarkdown,
} from '../engine/gate.ts';
import { handle } from './call.ts';

/** Routes of scorecards and the gate. */
export function registerGate(app: FastifyInstance, engine: Engine): void {
  const { context } = engine;
  handle(app, 'createScorecard', (call) => createScorecard(context, call.tenantId, call.json()));
  handle(app, 'listScorecards', async (call) => {
    const { agent } = call.query(scorecardsQuerySchema);
    const filter = agent === undefined ? {} : { agentId: agent };
    return { items: await listScorecards(context, call.tenantId, filter) };
  });
  handle(app, 'getScorecard', (call) =>
    getScorecard(context, call.tenantId, call.param('scorecardId')),
  );
  handle(app, 'getScorecardMarkdown', async (call) => {
    const text = await scorecardMarkdown(context, call.tenantId, call.param('scorecardId'));
    return call.reply.type('text/markdown; charset=utf-8').send(text);
  });
  handle(app, 'decideGate', (call) => gateScorecards(context, call.tenantId, call.json()));
  handle(app, 'listVerdicts', async (call) => ({
    items: await listVerdicts(context, call.tenantId),
  }));
}
