import type { ScoreAnswer, ScoreItem } from '@assay/protocol';
import { afterEach, beforeEach, expect, expectTypeOf, it } from 'vitest';
import { createAssay, type ResponseScoreResult, type ScorableResponse } from '../src/index.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';

let server: FakeServer;

beforeEach(async () => {
  server = await startFakeServer();
});
afterEach(() => server.close());

it('scores any number of responses in groups that the server takes, in order', async () => {
  const asked: { path: string; count: number }[] = [];
  server.answer = (path, body) => {
    const { items } = JSON.parse(body) as { items: { id: string }[] };
    asked.push({ path, count: items.length });
    const results = items.map(({ id }, index) => ({ index, id, kind: 'unscored', reason: 'test' }));
    return { status: 200, body: { scorer: 's', results } };
  };
  const { api } = createAssay({ url: server.url, apiKey: 'assay_test_key' });
  const responses = Array.from({ length: 2_300 }, (_, i) => ({
    id: `r${i}`,
    query: 'q',
    response: 'r',
  }));
  const results = await api.scoreResponses(responses, { debug: true });
  expect(asked).toEqual([
    { path: '/v1/score?debug=true', count: 1_000 },
    { path: '/v1/score?debug=true', count: 1_000 },
    { path: '/v1/score?debug=true', count: 300 },
  ]);
  expect(results.map(({ index, id }) => `${index} ${id}`)).toEqual(
    responses.map(({ id }, index) => `${index} ${id}`),
  );
  expect(await api.scoreResponses([])).toEqual([]);
  expect(asked).toHaveLength(3);
});

it('speaks the words of the protocol', () => {
  expectTypeOf<ResponseScoreResult>().toEqualTypeOf<ScoreAnswer>();
  expectTypeOf<ScorableResponse>().toExtend<ScoreItem>();
});
