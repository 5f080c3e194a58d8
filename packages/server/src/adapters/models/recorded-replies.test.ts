import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelReply, ModelRequest } from '@assay/loop';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelPort } from './model-port.ts';
import {
  createRecordingPort,
  createReplayPort,
  openRecordedReplies,
  replyKey,
} from './recorded-replies.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-replies-'));
  file = join(folder, 'replies.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const ask = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: 'user', content: text }],
  ...more,
});

/** Answers `echo: …` and counts how often it was asked. */
function echo(): ModelPort & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    id: 'echo-1',
    asked,
    complete: async (request): Promise<ModelReply> => {
      const text = request.messages.at(-1)?.content ?? '';
      asked.push(text);
      await new Promise((resolve) => setImmediate(resolve));
      return {
        text: `echo: ${text}`,
        reasoning: null,
        finishReason: 'stop',
        modelId: null,
        usage: {
          inputTokens: 1,
          outputTokens: null,
          reasoningTokens: null,
          cachedInputTokens: 0,
          costUsd: null,
        },
        latencyMs: 3,
      };
    },
  };
}

async function record(texts: readonly string[], port = echo()): Promise<string[]> {
  const replies = await openRecordedReplies(file, 'append');
  const recording = createRecordingPort(port, replies);
  await Promise.all(texts.map((text) => recording.complete(ask(text))));
  await replies.close();
  return port.asked;
}

describe('recorded replies', () => {
  it('are repeated without the model, down to what was unknown', async () => {
    await record(['one', 'two\nlines ✓']);
    const replies = await openRecordedReplies(file, 'read');
    const port = createReplayPort('echo-1', replies);
    expect(await port.complete(ask('two\nlines ✓'))).toEqual(
      await echo().complete(ask('two\nlines ✓')),
    );
    expect(replies.models).toEqual(['echo-1']);
    await expect(port.complete(ask('three'))).rejects.toMatchObject({ code: 'model.not-recorded' });
    await replies.close();
  });

  it('are not asked for again, so that an interrupted run goes on', async () => {
    expect(await record(['one', 'two'])).toEqual(['one', 'two']);
    expect(await record(['one', 'two', 'three'])).toEqual(['three']);
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(3);
  });

  it('share one question among equal requests under way', async () => {
    expect(await record(['one', 'one', 'one'])).toEqual(['one']);
  });

  it('survive a line that a crash has cut off', async () => {
    await record(['one', 'two']);
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length - 7));
    expect(await record(['one', 'two'])).toEqual(['two']);
    expect(await readFile(file)).toEqual(whole);
  });

  it('may be read while a line is being written', async () => {
    await record(['one']);
    await appendFile(file, '{"key":"half');
    const replies = await openRecordedReplies(file, 'read');
    expect(replies.find(replyKey('echo-1', ask('one')))?.text).toBe('echo: one');
    await replies.close();
  });

  it('are refused with the line when a file holds something else', async () => {
    await record(['one']);
    await appendFile(file, '{"key":"k","model":"m","reply":{"text":"no usage"}}\n');
    await expect(openRecordedReplies(file, 'read')).rejects.toMatchObject({
      code: 'model.record-invalid',
      detail: expect.stringContaining('line 2'),
    });
    await expect(openRecordedReplies(join(folder, 'none'), 'read')).rejects.toMatchObject({
      code: 'model.record-invalid',
    });
  });

  it.skipIf(process.platform === 'win32')('are for their owner only', async () => {
    await record(['one']);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('do not keep a fault', async () => {
    const replies = await openRecordedReplies(file, 'append');
    let count = 0;
    const flaky: ModelPort = {
      id: 'echo-1',
      complete: async (request) => {
        count += 1;
        if (count === 1) throw new Error('busy');
        return echo().complete(request);
      },
    };
    const port = createRecordingPort(flaky, replies);
    await expect(port.complete(ask('one'))).rejects.toThrow('busy');
    expect((await port.complete(ask('one'))).text).toBe('echo: one');
    await replies.close();
  });
});

describe('the key of a request', () => {
  it('is another one for everything that may change the reply', () => {
    const keys = [
      replyKey('m', ask('a')),
      replyKey('n', ask('a')),
      replyKey('m', ask('b')),
      replyKey('m', ask('a', { repeat: 1 })),
      replyKey('m', ask('a', { temperature: 1 })),
      replyKey('m', ask('a', { temperature: null })),
      replyKey('m', ask('a', { maxOutputTokens: 10 })),
      replyKey('m', ask('a', { format: 'json' })),
      replyKey('m', { messages: [{ role: 'system', content: 'a' }] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(replyKey('m', ask('a', { temperature: 0, repeat: 0 }))).toBe(keys[0]);
    expect(replyKey('m', ask('\ud800'))).toMatch(/^[0-9a-f]{64}$/);
  });
});
