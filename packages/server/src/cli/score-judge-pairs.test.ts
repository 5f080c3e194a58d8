import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChatServer, type SeenRequest, startChatServer } from '../../test/chat-server.ts';
import { framed, KEY, runJudge, wordJudge } from '../../test/judge-run.ts';
import type { ScoreIo } from './score-io.ts';
import type { JudgeOptions } from './score-judge.ts';

let folder = '';
let server: ChatServer | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-judge-'));
});
afterEach(async () => {
  await server?.close();
  server = null;
  await rm(folder, { recursive: true });
});

const run = (
  input: readonly unknown[] | string,
  options: Partial<JudgeOptions> = {},
  io: Partial<ScoreIo> = {},
) => runJudge(server?.url, input, options, io);

const item = (id: string, response: string, more: object = {}) => ({
  id,
  query: `query of ${id}`,
  response,
  ...more,
});

describe('recorded judgments', () => {
  it('are replayed without an endpoint, to the same numbers', async () => {
    server = await startChatServer(wordJudge);
    const file = join(folder, 'replies.jsonl');
    const items = [item('a', 'x'), item('b', 'x y')];
    const first = await run(items, { record: file });
    expect(server.seen).toHaveLength(2);
    const again = await run([...items, item('c', 'x y z')], { record: file });
    expect(server.seen).toHaveLength(3);
    expect(again.lines.slice(0, 2)).toEqual(first.lines.slice(0, 2));
    const replayed = await run(items, { replay: file }, { env: {} });
    expect(replayed.lines.slice(0, 2)).toEqual(first.lines.slice(0, 2));
    expect(await readFile(file, 'utf8')).not.toContain(KEY);
  });

  it('are not there for what was not recorded', async () => {
    server = await startChatServer(wordJudge);
    const file = join(folder, 'replies.jsonl');
    await run([item('a', 'x')], { record: file });
    const { code, lines } = await run([item('a', 'x'), item('a', 'other')], { replay: file });
    expect(lines.map(({ kind, reason }) => [kind, reason]).slice(0, 2)).toEqual([
      ['scored', undefined],
      ['unscored', 'model.not-recorded'],
    ]);
    expect(code).toBe(1);
    const warmer = await run([item('a', 'x')], { replay: file, temperature: 1 });
    expect(warmer.lines[0]).toMatchObject({ reason: 'model.not-recorded' });
  });
});

describe('assay score judge --pairwise', () => {
  const pair = (id: string, a: string, b: string, more: object = {}) => ({
    id,
    query: `query of ${id}`,
    response_a: a,
    response_b: b,
    ...more,
  });
  /** Prefers the longer answer; among equals the first. */
  const lengthJudge = (request: SeenRequest): string => {
    const first = framed(request, 'first');
    const second = framed(request, 'second');
    const better = second.text.length > first.text.length ? 'second' : 'first';
    return JSON.stringify({ ticket: first.ticket, reason: 'longer', better });
  };

  it('asks in both orders and calls what turns round with them a tie', async () => {
    server = await startChatServer(lengthJudge);
    const { code, lines } = await run(
      [
        pair('p', 'long answer', 'short', { preferred: 'a' }),
        pair('q', 'x', 'longer', { preferred: 'a' }),
        pair('r', 'same', 'size', { preferred: 'tie' }),
      ],
      { pairwise: true },
    );
    expect(code).toBe(0);
    expect(lines.slice(0, 3)).toMatchObject([
      { id: 'p', winner: 'a', orders: 'agree', reasons: ['longer', 'longer'] },
      { id: 'q', winner: 'b', orders: 'agree' },
      { id: 'r', winner: 'tie', orders: 'flip', likedPlace: 'first' },
    ]);
    expect(lines[3]?.['summary']).toMatchObject({
      wins: { a: 1, b: 1, tie: 1 },
      better: 'unclear',
      flips: { toFirst: 1, toSecond: 0 },
      labels: { agreement: { mean: expect.closeTo(2 / 3, 12) } },
      replies: 6,
      usage: { inputTokens: 600 },
      judge: expect.stringMatching(/^pair-judge\/1\+/),
    });
  });

  it('does not pay for a second order when the first has no verdict', async () => {
    server = await startChatServer(() => 'both are nice');
    const { lines, out } = await run([pair('p', 'a', 'b')], { pairwise: true });
    expect(lines[0]).toMatchObject({ kind: 'unscored' });
    expect(server.seen).toHaveLength(1);
    expect(out).not.toContain('"winner"');
  });
});
