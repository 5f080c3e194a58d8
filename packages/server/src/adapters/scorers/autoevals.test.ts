import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type ChatAnswer,
  type ChatServer,
  completionOf,
  type SeenRequest,
  startChatServer,
} from '../../../test/chat-server.ts';
import { createRawEndpoint } from '../models/raw-endpoint.ts';
import { openAutoevalsScorer } from './autoevals.ts';
import type { ScorerInput } from './scorer.ts';

// Where sockets are opened to: autoevals must go nowhere but to the endpoint that it is given.
const connections: string[] = [];
const connect = Socket.prototype.connect;
beforeAll(() => {
  Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
    const [first] = given.flat();
    const { host, port } = first as { host?: string; port?: number };
    connections.push(`${host ?? 'localhost'}:${port ?? String(first)}`);
    return Reflect.apply(connect, this, given);
  } as typeof connect;
});
afterAll(() => {
  Socket.prototype.connect = connect;
});

let server: ChatServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
  connections.length = 0;
});

async function scored(name: string, input: Partial<ScorerInput>) {
  const scorer = await openAutoevalsScorer(name, null);
  const { outcome, usage } = await scorer.score({ query: 'q', response: '', ...input });
  expect(usage).toBeNull();
  return outcome.kind === 'scored' ? outcome.score : outcome.reason;
}

describe('scorers that ask no model', () => {
  it.each<[string, unknown, unknown, number | string]>([
    ['Levenshtein', 'kitten', 'sitting', 1 - 3 / 7],
    ['Levenshtein', 'same', 'same', 1],
    ['Levenshtein', 'x', undefined, 'the reference is missing'],
    ['ExactMatch', { a: 1 }, '{"a":1}', 1],
    ['ExactMatch', 'yes', 'Yes', 0],
    ['ExactMatch', 'null', undefined, 'the reference is missing'],
    ['NumericDiff', 9, 11, 0.9],
    ['NumericDiff', 0, 0, 1],
    ['NumericDiff', 'many', 3, 'the score is not a number'],
    ['ListContains', ['a', 'b'], ['b', 'a'], 1],
    ['ListContains', ['a'], ['a', 'zzz'], 0.5],
    ['ListContains', 7, ['a'], 'the scorer failed'],
    ['ValidJSON', '{"a": [1, 2]}', undefined, 1],
    ['ValidJSON', '{"a": ', undefined, 0],
    ['JSONDiff', { a: 1 }, { a: 1 }, 1],
  ])('%s of %j against %j', async (name, response, reference, expected) => {
    const score = await scored(name, { response, reference });
    if (typeof expected === 'number') expect(score).toBeCloseTo(expected, 12);
    else expect(score).toBe(expected);
    expect(connections).toEqual([]);
  });

  it('are given the further arguments of an item', async () => {
    const schema = { type: 'object', required: ['b'] };
    const response = '{"a": 1}';
    expect(await scored('ValidJSON', { response, arguments: { schema } })).toBe(0);
  });

  it('are told apart from what is none', async () => {
    for (const name of ['Levenstein', 'init', 'templates', 'constructor', '']) {
      await expect(openAutoevalsScorer(name, null)).rejects.toMatchObject({
        code: 'scorer.unknown',
        detail: expect.stringContaining('Levenshtein'),
      });
    }
  });

  it('say how to install what is not there', async () => {
    const missing = () => Promise.reject(new Error("Cannot find package 'autoevals'"));
    await expect(openAutoevalsScorer('Levenshtein', null, missing)).rejects.toMatchObject({
      code: 'scorer.not-installed',
      detail: 'autoevals',
    });
  });
});

/** The answer of a model that calls the function it was told to call. */
function callOf(request: SeenRequest, args: unknown): ChatAnswer {
  const { tool_choice } = request.body as { tool_choice?: { function?: { name: string } } };
  const [tool] = request.body['tools'] as { function: { name: string } }[];
  const name = tool_choice?.function?.name ?? tool?.function.name ?? '';
  const call = { id: 'c1', type: 'function', function: { name, arguments: JSON.stringify(args) } };
  return { body: completionOf(null, {}, { tool_calls: [call] }) };
}

async function withModel(
  name: string,
  answer: (request: SeenRequest, count: number) => ChatAnswer,
  modelId = 'fake-1',
) {
  server = await startChatServer(answer);
  const endpoint = createRawEndpoint({ baseUrl: server.url, apiKey: 'k-1', maxRetries: 0 });
  const price = { inputPerMillionUsd: 1, outputPerMillionUsd: 10 };
  return openAutoevalsScorer(name, { endpoint, modelId, price });
}

const QUESTION = { query: 'Where is the tower?', response: 'In Paris.', reference: 'Paris' };

describe('scorers that ask a model', () => {
  it('ask the endpoint that was given, and no other', async () => {
    const scorer = await withModel('Factuality', (request) =>
      callOf(request, { reasons: 'superset', choice: 'B' }),
    );
    expect(await scorer.score(QUESTION)).toEqual({
      outcome: {
        kind: 'scored',
        score: 0.6,
        metric: {
          name: 'autoevals:Factuality',
          value: 0.6,
          label: 'B',
          explanation: 'superset',
        },
      },
      usage: {
        inputTokens: 100,
        outputTokens: 20,
        reasoningTokens: null,
        cachedInputTokens: null,
        costUsd: 0.0003,
      },
    });
    const [request] = server?.seen ?? [];
    expect(request?.headers['authorization']).toBe('Bearer k-1');
    expect(request?.body).toMatchObject({ model: 'fake-1', temperature: 0 });
    expect(new Set(connections)).toEqual(new Set([`127.0.0.1:${server?.port}`]));
  });

  it('speak the same protocol for a model that is called gpt-5', async () => {
    const scorer = await withModel(
      'Factuality',
      (request) => callOf(request, { reasons: 'same', choice: 'C' }),
      'gpt-5-mini',
    );
    expect((await scorer.score(QUESTION)).outcome).toMatchObject({ score: 1 });
    expect(server?.seen[0]?.path).toBe('/v1/chat/completions');
  });

  it('sum up what several requests took', async () => {
    const scorer = await withModel('Faithfulness', (request, count) =>
      callOf(
        request,
        count === 0
          ? { statements: ['the tower is in Paris', 'it is red'] }
          : {
              faithfulness: [
                { statement: 'the tower is in Paris', reason: 'said', verdict: 1 },
                { statement: 'it is red', reason: 'not said', verdict: 0 },
              ],
            },
      ),
    );
    const result = await scorer.score({ ...QUESTION, arguments: { context: 'The tower: Paris.' } });
    expect(result.outcome).toMatchObject({ kind: 'scored', score: 0.5 });
    expect(result.usage).toMatchObject({ inputTokens: 200, outputTokens: 40 });
  });

  it('compare embeddings, whose output is nothing and costs nothing', async () => {
    const scorer = await withModel('EmbeddingSimilarity', () => ({
      body: { data: [{ embedding: [1, 0, 1] }], usage: { prompt_tokens: 5 } },
    }));
    const result = await scorer.score(QUESTION);
    expect(result.outcome).toMatchObject({ score: expect.closeTo(1, 9) });
    expect(result.usage).toMatchObject({ inputTokens: 10, outputTokens: 0, costUsd: 0.00001 });
    expect(server?.seen.map(({ path }) => path)).toEqual(['/v1/embeddings', '/v1/embeddings']);
  });

  it.each<[string, ChatAnswer, string]>([
    ['no tool call', 'I would say C', 'the scorer failed'],
    ['another protocol', { body: { hello: 1 } }, 'the scorer failed'],
    ['no JSON', { body: 'oops' }, 'model.invalid-reply'],
    ['a busy server', { status: 503, body: {} }, 'model.unavailable'],
    ['a limit', { status: 429, body: {} }, 'model.rate-limited'],
  ])('leave the item unscored after %s', async (_, answer, reason) => {
    const scorer = await withModel('Factuality', () => answer);
    const { outcome } = await scorer.score(QUESTION);
    expect(outcome).toMatchObject({ kind: 'unscored', reason });
  });

  it('leave the item unscored for a choice that there is not', async () => {
    const scorer = await withModel('Factuality', (request) =>
      callOf(request, { reasons: '', choice: 'Z' }),
    );
    expect((await scorer.score(QUESTION)).outcome.kind).toBe('unscored');
  });

  it('stop at a fault that all items would meet', async () => {
    const scorer = await withModel('Factuality', () => ({ status: 401, body: {} }));
    await expect(scorer.score(QUESTION)).rejects.toMatchObject({ code: 'model.unauthorized' });
    const without = await openAutoevalsScorer('Factuality', null);
    await expect(without.score(QUESTION)).rejects.toMatchObject({ code: 'model.not-configured' });
  });

  it('end when the caller gives up', async () => {
    const controller = new AbortController();
    const scorer = await withModel('Factuality', () => {
      controller.abort(new Error('enough'));
      return 'never';
    });
    await expect(scorer.score(QUESTION, controller.signal)).rejects.toThrow('enough');
  });
});
