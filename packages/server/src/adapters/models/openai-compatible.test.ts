import { afterEach, describe, expect, it } from 'vitest';
import {
  type ChatAnswer,
  type ChatServer,
  completionOf,
  type SeenRequest,
  startChatServer,
} from '../../../test/chat-server.ts';
import { createOpenAiCompatiblePort, type OpenAiCompatibleOptions } from './openai-compatible.ts';
import type { ModelClock, ModelWait } from './retrying.ts';

let server: ChatServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const KEY = 'sk-very-secret-key';
const REQUEST = {
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'What is 2 + 2?' },
  ],
} as const;

/** Time that passes only by sleeping, and says how long it slept. */
function testClock(): ModelClock & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 1_700_000_000_000;
  return {
    slept,
    now: () => now,
    sleep: (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
    deadline: () => new AbortController().signal,
    random: () => 0,
  };
}

async function portTo(
  answer: (request: SeenRequest, count: number) => ChatAnswer,
  options: Partial<OpenAiCompatibleOptions> = {},
) {
  server = await startChatServer(answer);
  const clock = testClock();
  const port = createOpenAiCompatiblePort({
    baseUrl: server.url,
    modelId: 'fake-1',
    apiKey: KEY,
    clock,
    ...options,
  });
  return { port, clock, seen: server.seen };
}

async function codeOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
  throw new Error('nothing was thrown');
}

describe('a model behind an OpenAI-compatible endpoint', () => {
  it('is asked with what it needs and nothing else', async () => {
    const { port, seen } = await portTo(() => '4');
    const reply = await port.complete({ ...REQUEST, maxOutputTokens: 50, format: 'json' });
    expect(reply).toEqual({
      text: '4',
      reasoning: null,
      finishReason: 'stop',
      modelId: 'fake-1',
      usage: {
        inputTokens: 100,
        outputTokens: 20,
        reasoningTokens: null,
        cachedInputTokens: null,
        costUsd: null,
      },
      latencyMs: 0,
    });
    expect(seen[0]?.path).toBe('/v1/chat/completions');
    expect(seen[0]?.headers['authorization']).toBe(`Bearer ${KEY}`);
    expect(seen[0]?.body).toEqual({
      model: 'fake-1',
      messages: REQUEST.messages,
      max_tokens: 50,
      temperature: 0,
    });
  });

  it('is told what only some endpoints understand when its settings say so', async () => {
    const { port, seen } = await portTo(() => '{}', {
      hasJsonMode: true,
      maxTokensField: 'max_completion_tokens',
      apiKey: null,
    });
    await port.complete({ ...REQUEST, format: 'json', temperature: null });
    await port.complete(REQUEST);
    expect(seen[0]?.body).toMatchObject({
      max_completion_tokens: 2048,
      response_format: { type: 'json_object' },
    });
    expect(Object.keys(seen[0]?.body ?? {})).not.toContain('temperature');
    expect(seen[0]?.headers['authorization']).toBeUndefined();
    expect(Object.keys(seen[1]?.body ?? {})).not.toContain('response_format');
  });

  it('tells reasoning from the answer, and cached and reasoning tokens from the rest', async () => {
    const usage = {
      prompt_tokens: 1000,
      completion_tokens: 500,
      prompt_tokens_details: { cached_tokens: 400 },
      completion_tokens_details: { reasoning_tokens: 450 },
    };
    const body = completionOf('4', { usage }, { reasoning_content: 'two and two' });
    const price = {
      inputPerMillionUsd: 2,
      cachedInputPerMillionUsd: 0.5,
      outputPerMillionUsd: 10,
    };
    const { port } = await portTo(() => ({ body }), { price });
    const reply = await port.complete(REQUEST);
    expect(reply).toMatchObject({ text: '4', reasoning: 'two and two' });
    expect(reply.usage).toMatchObject({
      inputTokens: 1000,
      outputTokens: 500,
      reasoningTokens: 450,
      cachedInputTokens: 400,
    });
    // 600 at 2, 400 at .5 and 500 at 10 dollars a million.
    expect(reply.usage.costUsd).toBeCloseTo(0.0064, 12);
  });

  it.each([
    ['no usage', { usage: undefined }],
    ['an empty usage', { usage: {} }],
    ['no prompt tokens', { usage: { completion_tokens: 3 } }],
  ])('leaves unknown what an endpoint with %s does not say', async (_, more) => {
    const price = { inputPerMillionUsd: 1, outputPerMillionUsd: 1 };
    const { port } = await portTo(() => ({ body: completionOf('4', more) }), { price });
    const { usage } = await port.complete(REQUEST);
    expect(usage).toMatchObject({ inputTokens: null, reasoningTokens: null, costUsd: null });
  });

  it.each([
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['something new', 'other'],
  ])('says that it stopped for %s', async (finish_reason, expected) => {
    const choices = [{ index: 0, finish_reason, message: { role: 'assistant', content: null } }];
    const { port } = await portTo(() => ({ body: completionOf(null, { choices }) }));
    expect(await port.complete(REQUEST)).toMatchObject({ text: '', finishReason: expected });
  });
});

const failing = (status: number, body: unknown = { error: { message: 'no' } }, headers = {}) => ({
  status,
  body,
  headers,
});

describe('faults of an endpoint', () => {
  it.each([
    [401, 'model.unauthorized', 1],
    [403, 'model.unauthorized', 1],
    [402, 'model.no-credit', 1],
    [404, 'model.not-found', 1],
    [400, 'model.refused', 1],
    [413, 'model.refused', 1],
    [307, 'model.refused', 1],
    [429, 'model.rate-limited', 3],
    [500, 'model.unavailable', 3],
    [529, 'model.unavailable', 3],
  ])('%d is %s after %d attempts', async (status, code, attempts) => {
    const elsewhere = { location: 'http://127.0.0.1:1/elsewhere' };
    const { port, seen } = await portTo(() => failing(status, undefined, elsewhere), {
      maxRetries: 2,
    });
    expect((await codeOf(port.complete(REQUEST))).code).toBe(code);
    expect(seen).toHaveLength(attempts);
  });

  it.each([
    ['not JSON', '<html>gateway</html>'],
    ['cut JSON', '{"id":"x","choices":[{'],
    ['another protocol', { message: 'hello' }],
    ['no choices', completionOf('x', { choices: [] })],
    ['an empty body', ''],
  ])('an answer that is %s is no reply', async (_, body) => {
    const { port } = await portTo(() => ({ body }), { maxRetries: 1 });
    expect((await codeOf(port.complete(REQUEST))).code).toBe('model.invalid-reply');
  });

  it('an account without credit is not waited for', async () => {
    const error = { message: 'You exceeded your quota', code: 'insufficient_quota' };
    const { port, clock } = await portTo(() => failing(429, { error }));
    expect((await codeOf(port.complete(REQUEST))).code).toBe('model.no-credit');
    expect(clock.slept).toEqual([]);
  });

  it('an endpoint that is not there is unavailable', async () => {
    const { port } = await portTo(() => '4', { maxRetries: 0 });
    await server?.close();
    expect((await codeOf(port.complete(REQUEST))).code).toBe('model.unavailable');
  });

  it('an answer that breaks off is asked for again', async () => {
    const { port, seen } = await portTo((_, count) => (count === 0 ? 'cut' : '4'));
    expect((await port.complete(REQUEST)).text).toBe('4');
    expect(seen).toHaveLength(2);
  });

  it('an endpoint that does not answer in time is asked again, then given up', async () => {
    let deadline = new AbortController();
    const clock: ModelClock = {
      ...testClock(),
      deadline: () => {
        deadline = new AbortController();
        return deadline.signal;
      },
    };
    const timeUp = (): ChatAnswer => {
      deadline.abort(new DOMException('time is up', 'TimeoutError'));
      return 'never';
    };
    const { port, seen } = await portTo(timeUp, { clock, maxRetries: 1 });
    const { code } = await codeOf(port.complete(REQUEST));
    expect(code).toBe('model.timeout');
    expect(seen).toHaveLength(2);
  });

  it('no message shows the key or a control character, even when the endpoint repeats them', async () => {
    const error = { message: `Incorrect key ${KEY}\u001b[2J given` };
    const { port } = await portTo(() => failing(401, { error }));
    const { message } = await codeOf(port.complete(REQUEST));
    expect(message).toContain('Incorrect key [key]');
    expect(message).not.toContain('secret');
    expect(message).not.toContain('\u001b');
  });

  it('an answer without end is cut', async () => {
    const long = completionOf('x'.repeat(17 * 1024 * 1024));
    const { port } = await portTo(() => ({ body: long }), { maxRetries: 0 });
    expect((await codeOf(port.complete(REQUEST))).code).toBe('model.invalid-reply');
  });

  it.each(['', 'not a url', 'file:///etc/passwd', 'http://user:pass@host/v1'])(
    'the base URL %j is refused',
    async (baseUrl) => {
      const work = async () => createOpenAiCompatiblePort({ baseUrl, modelId: 'm' });
      expect(await codeOf(work())).toMatchObject({
        code: 'model.not-configured',
        message: expect.not.stringContaining('pass@'),
      });
    },
  );
});

describe('waiting', () => {
  it('takes as long as Retry-After says, and says so', async () => {
    const waits: ModelWait[] = [];
    const { port, clock, seen } = await portTo(
      (_, count) => (count === 0 ? failing(429, undefined, { 'retry-after': '7' }) : '4'),
      { onWait: (wait) => waits.push(wait) },
    );
    expect((await port.complete(REQUEST)).text).toBe('4');
    expect(clock.slept).toEqual([7000]);
    expect(waits).toMatchObject([{ waitMs: 7000, reason: expect.stringContaining('429') }]);
    expect(seen).toHaveLength(2);
  });

  it('reads milliseconds and dates', async () => {
    const wait = async (headers: Record<string, string>) => {
      const { port, clock } = await portTo((_, count) =>
        count === 0 ? failing(503, undefined, headers) : '4',
      );
      await port.complete(REQUEST);
      await server?.close();
      return clock.slept;
    };
    expect(await wait({ 'retry-after-ms': '250' })).toEqual([250]);
    const date = new Date(1_700_000_000_000 + 9_000).toUTCString();
    expect(await wait({ 'retry-after': date })).toEqual([9000]);
    expect(await wait({ 'retry-after': 'soon' })).toEqual([250]);
  });

  it('doubles without a word from the endpoint', async () => {
    const { port, clock } = await portTo(() => failing(500), { maxRetries: 3 });
    await codeOf(port.complete(REQUEST));
    expect(clock.slept).toEqual([250, 500, 1000]);
  });

  it('is not begun when it would take too long', async () => {
    const { port, clock } = await portTo(() => failing(429, undefined, { 'retry-after': '3600' }), {
      maxWaitMs: 60_000,
    });
    expect((await codeOf(port.complete(REQUEST))).code).toBe('model.rate-limited');
    expect(clock.slept).toEqual([]);
  });

  it('of one request holds the others back too', async () => {
    let now = 0;
    const wake: (() => void)[] = [];
    const clock: ModelClock = {
      ...testClock(),
      now: () => now,
      sleep: (ms) =>
        new Promise((resolve) => {
          wake.push(() => {
            now += ms;
            resolve();
          });
        }),
    };
    const { port, seen } = await portTo(
      (_, count) => (count === 0 ? failing(429, undefined, { 'retry-after': '5' }) : '4'),
      { clock },
    );
    const first = port.complete(REQUEST);
    while (wake.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = port.complete(REQUEST);
    await new Promise((resolve) => setImmediate(resolve));
    expect([wake.length, seen.length]).toEqual([2, 1]);
    for (const one of wake) one();
    await Promise.all([first, second]);
    expect(seen).toHaveLength(3);
  });

  it('and asking end when the caller gives up', async () => {
    const controller = new AbortController();
    const { port, seen } = await portTo(() => {
      controller.abort(new Error('enough'));
      return 'never';
    });
    await expect(port.complete(REQUEST, controller.signal)).rejects.toThrow('enough');
    await expect(port.complete(REQUEST, controller.signal)).rejects.toThrow('enough');
    expect(seen).toHaveLength(1);
  });
});
