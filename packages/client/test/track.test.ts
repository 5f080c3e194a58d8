import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Assay, type AssayClientError, createAssay } from '../src/index.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';

let server: FakeServer;
let assay: Assay;
let errors: AssayClientError[];
const agents = [{ agentId: 'a', agentVersion: '1' }, { agentId: 'b' }];

beforeEach(async () => {
  server = await startFakeServer();
  errors = [];
  assay = createAssay({ url: server.url, onError: (error) => void errors.push(error) });
});
afterEach(async () => {
  await assay.close({ timeoutMs: 0 });
  await server.close();
});

async function recorded(): Promise<Record<string, unknown>[]> {
  await assay.flush();
  return server.facts.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function routesTo(agentId: string): void {
  server.answer = (path, body) => {
    if (path !== '/v1/route') return null;
    const { taskId } = JSON.parse(body) as { taskId: string };
    const choice = { decisionId: 'd', taskId, selectedAgentId: agentId, selectedAgentVersion: '2' };
    return {
      status: 200,
      body: { ...choice, routingStrategy: 'multi-armed-bandit', propensity: 0.7 },
    };
  };
}

describe('route', () => {
  it('returns what the server chose and leaves the record to the server', async () => {
    routesTo('b');
    const decision = await assay.route({ taskId: 't', taskType: 'x', candidates: agents });
    expect(decision).toMatchObject({ selectedAgentId: 'b', propensity: 0.7 });
    expect(await recorded()).toEqual([]);
  });

  it('draws evenly among the candidates without a server, with the exact propensity', async () => {
    const decision = await assay.route({ taskId: 't', taskType: 'x', candidates: agents });
    expect(decision).toMatchObject({ routingStrategy: 'fallback', assignment: 'fallback' });
    expect(decision.propensity).toBe(0.5);
    expect(errors[0]?.code).toBe('client.http');
    const [fact] = await recorded();
    expect(fact).toMatchObject({ kind: 'decision', taskId: 't', taskType: 'x', propensity: 0.5 });
  });

  it('takes the agent that is named for the case', async () => {
    const decision = await assay.route(
      { taskId: 't', taskType: 'x' },
      { fallback: { agentId: 'safe' } },
    );
    expect(decision).toMatchObject({ selectedAgentId: 'safe', propensity: 1 });
  });

  it('throws when there is no agent, or when asked to', async () => {
    const request = { taskId: 't', taskType: 'x' };
    await expect(assay.route(request)).rejects.toMatchObject({ code: 'client.no-agent' });
    await expect(
      assay.route({ ...request, candidates: agents }, { fallback: 'throw' }),
    ).rejects.toMatchObject({ code: 'client.http', status: 404 });
  });
});

describe('track', () => {
  it('records start, tool calls, turns, execution and evaluation, and returns the result', async () => {
    routesTo('a');
    const result = await assay.track(
      { taskId: 't', taskType: 'x', taskKind: 'k', complexity: 'standard' },
      async (agent, context) => {
        expect(agent).toEqual({ agentId: 'a', agentVersion: '2' });
        context.tokens({ inputTokens: 10, outputTokens: 2 });
        context.tokens({ inputTokens: 5 });
        context.turn({ turnNumber: 1, taskProgress: 0.5 });
        context.report({ costUsd: 0.01 });
        await expect(
          context.toolCall('broken', () => {
            throw new Error('tool');
          }),
        ).rejects.toThrow('tool');
        return context.toolCall('search', () => 'found');
      },
      { agents, evaluate: (found) => (found === 'found' ? 0.9 : 0) },
    );
    expect(result).toBe('found');
    const facts = await recorded();
    expect(facts.map(({ kind }) => kind)).toEqual([
      'execution-start',
      'turn',
      'tool-call',
      'tool-call',
      'execution',
      'evaluation',
    ]);
    expect(facts[4]).toMatchObject({
      taskId: 't',
      taskKind: 'k',
      agentId: 'a',
      agentVersion: '2',
      success: true,
      inputTokens: 15,
      tokensUsed: 17,
      costUsd: 0.01,
      toolCallCount: 2,
      toolCallSuccessRate: 0.5,
    });
    expect(facts[4]).not.toHaveProperty('qualityScore');
    expect(facts[5]).toMatchObject({ overallScore: 0.9, agentId: 'a' });
  });

  it('records a failure and passes it on', async () => {
    const failing = assay.track(
      { taskType: 'x' },
      (_agent, context) => {
        context.report({ success: true });
        throw new Error('no luck');
      },
      { agent: { agentId: 'a' }, evaluate: () => 1 },
    );
    await expect(failing).rejects.toThrow('no luck');
    const facts = await recorded();
    expect(facts.map(({ kind }) => kind)).toEqual(['decision', 'execution-start', 'execution']);
    expect(facts[0]).toMatchObject({ assignment: 'forced', propensity: 1 });
    expect(facts[2]).toMatchObject({ success: false, failureReason: 'no luck' });
    expect(facts[2]).not.toHaveProperty('tokensUsed');
  });

  it('records a failed evaluation as unscored, not as 0', async () => {
    const evaluate = () => {
      throw new Error('judge away');
    };
    await assay.track({ taskType: 'x' }, () => 1, { agents, evaluate });
    const evaluation = (await recorded()).at(-1);
    expect(evaluation).toMatchObject({ kind: 'evaluation', overallScore: null });
    expect(evaluation?.['unscoredReason']).toContain('judge away');
    expect(errors.some(({ code }) => code === 'client.evaluate')).toBe(true);
  });
});

describe('api', () => {
  it('throws the problem that the server states', async () => {
    server.answer = (path) =>
      path === '/v1/runs/a%2Fb?x=1%2C2' ? { status: 200, body: { ok: 1 } } : null;
    expect(await assay.api.get('/v1/runs/a%2Fb', { x: ['1', '2'], y: undefined })).toEqual({
      ok: 1,
    });
    await expect(assay.api.drift()).rejects.toMatchObject({
      code: 'client.http',
      status: 404,
      serverCode: 'http.not-found',
    });
  });
});
