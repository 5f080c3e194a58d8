import { agentSchema, promotionSchema, routeRequestSchema } from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import { listAgents, promoteAgent, registerAgent } from '../engine/agents.ts';
import type { Engine } from '../engine/engine.ts';
import { parseBody } from '../engine/parse-body.ts';
import { activatePolicy, listPolicies } from '../engine/policies.ts';
import { handle, nameOf } from './call.ts';

/** Routes of the router: decisions, agents, policies. */
export function registerRoute(app: FastifyInstance, engine: Engine): void {
  const { context } = engine;
  handle(app, 'routeTask', (call) =>
    engine.route(call.tenantId, parseBody(routeRequestSchema, call.json())),
  );
  handle(app, 'listPolicies', async (call) => ({
    items: listPolicies(await engine.memory(call.tenantId)),
  }));
  handle(app, 'activatePolicy', async (call) => {
    const memory = await engine.memory(call.tenantId);
    return activatePolicy(context, memory, nameOf(call, 'policyId'), call.json());
  });
  handle(app, 'listAgents', async (call) => ({
    items: listAgents(await engine.memory(call.tenantId)),
  }));
  handle(app, 'registerAgent', async (call) => {
    const memory = await engine.memory(call.tenantId);
    const request = parseBody(agentSchema, call.json());
    return registerAgent(context, memory, nameOf(call, 'agentId'), request);
  });
  handle(app, 'promoteAgent', async (call) => {
    const memory = await engine.memory(call.tenantId);
    const request = parseBody(promotionSchema, call.json());
    return promoteAgent(context, memory, nameOf(call, 'agentId'), request);
  });
}
