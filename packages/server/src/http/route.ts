import { AssayError, agentSchema, promotionSchema, routeRequestSchema } from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import { listAgents, promoteAgent, registerAgent } from '../engine/agents.ts';
import type { Engine } from '../engine/engine.ts';
import { parseBody } from '../engine/parse-body.ts';
import { activatePolicy, listPolicies } from '../engine/policies.ts';
import type { Call } from './call.ts';
import { handle } from './call.ts';

/** A path parameter that becomes the name of something stored. */
function nameOf(call: Call, param: string): string {
  const name = call.param(param);
  if (name.length >= 1 && name.length <= 200 && !name.includes('\u0000')) return name;
  throw new AssayError('request.invalid', { path: `$.path.${param}`, detail: 'not a valid name' });
}

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
