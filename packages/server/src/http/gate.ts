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
import {
  getHubAgent,
  getHubScorecard,
  hubScorecardMarkdown,
  listHubAgents,
  publishScorecard,
} from '../engine/hub.ts';
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

/** Routes of the hub: scorecards as they were published, version by version. */
export function registerHub(app: FastifyInstance, engine: Engine): void {
  const { context } = engine;
  handle(app, 'publishScorecard', async (call) => {
    const published = await publishScorecard(context, call.tenantId, call.json());
    call.reply.code(published.status === 'published' ? 201 : 200);
    return published;
  });
  handle(app, 'listHubAgents', async (call) => ({
    items: await listHubAgents(context, call.tenantId),
  }));
  handle(app, 'getHubAgent', async (call) => ({
    items: await getHubAgent(context, call.tenantId, call.param('agentId')),
  }));
  handle(app, 'getHubScorecard', (call) =>
    getHubScorecard(context, call.tenantId, call.param('agentId'), call.param('version')),
  );
  handle(app, 'getHubScorecardMarkdown', async (call) => {
    const { tenantId } = call;
    const [agentId, version] = [call.param('agentId'), call.param('version')];
    const text = await hubScorecardMarkdown(context, tenantId, agentId, version);
    return call.reply.type('text/markdown; charset=utf-8').send(text);
  });
}
