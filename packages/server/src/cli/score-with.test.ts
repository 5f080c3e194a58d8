import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChatServer, completionOf, startChatServer } from '../../test/chat-server.ts';
import { runScoreWith } from './score-with.ts';

let folder = '';
let server: ChatServer | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-with-'));
});
afterEach(async () => {
  await server?.close();
  server = null;
  await rm(folder, { recursive: true });
});

async function run(items: readonly object[], scorer: readonly string[], isJson = true) {
  let out = '';
  const code = await runScoreWith(
    '-',
    {
      scorer,
      temperature: 0,
      maxTokens: 100,
      maxTokensField: 'max_tokens',
      timeout: 10,
      maxRetries: 0,
      maxWait: 0,
      concurrency: 2,
      json: isJson,
    },
    {
      env: server === null ? {} : { ASSAY_JUDGE_URL: server.url, ASSAY_JUDGE_MODEL: 'fake-1' },
      open: () => Readable.from([items.map((item) => JSON.stringify(item)).join('\n')]),
      out: async (part) => {
        out += part;
      },
      err: () => {},
      signal: new AbortController().signal,
      isWatched: false,
    },
  );
  const lines = isJson
    ? out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
  return { code, out, lines };
}

describe('assay score with', () => {
  it('scores by several scorers, each with its own summary', async () => {
    const file = join(folder, 'long.mjs');
    await writeFile(file, 'export default ({ response }) => response.length > 3;');
    const { code, lines } = await run(
      [
        { id: 1, query: 'q1', response: 'four', reference: 'four' },
        { id: 2, query: 'q2', response: 'six', reference: 'sax' },
        { id: 3, query: 'q3', response: 'seven' },
      ],
      ['autoevals:ExactMatch', `file:${file}`],
    );
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({
      id: '1',
      scores: {
        'autoevals:ExactMatch': { kind: 'scored', score: 1 },
        [`file:${file}`]: { score: 1 },
      },
    });
    expect(lines[2].scores['autoevals:ExactMatch']).toEqual({
      kind: 'unscored',
      reason: 'the reference is missing',
    });
    expect(lines[3].summary).toMatchObject({
      scorers: {
        'autoevals:ExactMatch': { n: 3, scored: 2, mean: { mean: 0.5 } },
        [`file:${file}`]: { scored: 3, mean: { mean: expect.closeTo(2 / 3, 12) } },
      },
      usage: null,
    });
  });

  it('takes values of every JSON type and arguments by name', async () => {
    const { lines } = await run(
      [
        { id: 'n', query: '', response: 9, reference: 11 },
        { id: 'a', query: '', response: 'x', arguments: { output: 1, expected: 1 } },
      ],
      ['autoevals:NumericDiff'],
    );
    expect(lines[0].scores['autoevals:NumericDiff'].score).toBeCloseTo(0.9, 12);
    expect(lines[1].scores['autoevals:NumericDiff'].score).toBe(1);
  });

  it('asks the endpoint of the settings where a scorer asks a model', async () => {
    const choice = { name: 'select_choice', arguments: '{"reasons":"r","choice":"A"}' };
    const calls = [{ id: 'c', type: 'function', function: choice }];
    server = await startChatServer(() => ({
      body: completionOf(null, {}, { tool_calls: calls }),
    }));
    const items = [{ id: 'a', query: 'q', response: 'r', reference: 'x' }];
    const { lines, code } = await run(items, ['autoevals:Factuality']);
    expect(code).toBe(0);
    expect(lines[0].scores['autoevals:Factuality']).toMatchObject({ score: 0.4 });
    expect(lines[1].summary.usage).toMatchObject({ inputTokens: 100, costUsd: null });
    const { out } = await run(items, ['autoevals:Factuality'], false);
    expect(out).toContain('a  autoevals:Factuality  0.400');
    expect(out).toContain('models: 1 replies, 100 input and 20 output tokens, cost unknown');
  });

  it('says which settings are missing when there is no endpoint', async () => {
    const items = [{ id: 'a', query: 'q', response: 'r', reference: 'x' }];
    await expect(run(items, ['autoevals:Factuality'])).rejects.toMatchObject({
      code: 'model.not-configured',
    });
  });

  it.each(['Levenshtein', 'autoevals:Nope', 'other:thing', 'file:', ':x', ''])(
    'does not know the scorer %j',
    async (name) => {
      await expect(run([], [name])).rejects.toMatchObject({ code: 'scorer.unknown' });
    },
  );
});
