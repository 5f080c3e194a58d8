import { createHash } from 'node:crypto';
import { buildScorecard, type Scorecard, type ScorecardItem, scorecardJson } from '@assay/loop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MemoryServer, startMemoryServer } from './memory-server.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

let server: MemoryServer;
beforeAll(async () => {
  server = await startMemoryServer();
});
afterAll(async () => {
  await server?.close();
});

function itemsOf(right: number): ScorecardItem[] {
  return Array.from({ length: 100 }, (_, at) => ({ id: `i${at}`, score: Number(at < right) }));
}

function cardOf(agentId: string, agentVersion: string, right: number): Scorecard {
  return buildScorecard(
    itemsOf(right),
    {
      agentId,
      agentVersion,
      generatedAt: '2026-01-01T00:00:00Z',
      dataset: { reference: 'mail', size: 120 },
      methodology: 'label against label',
    },
    hash,
  );
}

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.adminKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, text, json: isJson ? JSON.parse(text) : null };
}

describe('the hub', () => {
  it('publishes a version once: the same card is known, another is refused', async () => {
    const card = cardOf('triage', '1.0.0', 84);
    const first = await call('POST', '/v1/hub/agents', { card, items: itemsOf(84) });
    expect([first.status, first.json]).toMatchObject([
      201,
      { status: 'published', sha256: hash(scorecardJson(card)) },
    ]);
    const again = await call('POST', '/v1/hub/agents', { card });
    expect([again.status, again.json.status]).toEqual([200, 'known']);
    const other = await call('POST', '/v1/hub/agents', { card: cardOf('triage', '1.0.0', 99) });
    expect([other.status, other.json.code]).toEqual([409, 'scorecard.published']);
    const kept = await call('GET', '/v1/hub/agents/triage/versions/1.0.0');
    expect(kept.json).toMatchObject({ card: { aggregate: { value: 84 } } });
    expect(kept.json.items).toHaveLength(100);
  });

  it('lets one of two publish at the same time', async () => {
    const answers = await Promise.all(
      [70, 80].map((right) =>
        call('POST', '/v1/hub/agents', { card: cardOf('race', '1.0.0', right) }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('lists agents with the score of their latest version, and the history of each', async () => {
    for (const [version, right] of [
      ['0.9.0', 70],
      ['0.10.0', 75],
      ['0.2.0', 50],
    ] as const) {
      await call('POST', '/v1/hub/agents', { card: cardOf('a/b c', version, right) });
    }
    const catalogue = await call('GET', '/v1/hub/agents');
    const found = catalogue.json.items.find((one: { agentId: string }) => one.agentId === 'a/b c');
    expect(found).toMatchObject({
      version: '0.10.0',
      versions: 3,
      eval_score: 75,
      eval_scorecard_url: '/v1/hub/agents/a%2Fb%20c/versions/0.10.0/SCORECARD.md',
      n: 100,
      datasetSize: 120,
      metrics: [{ name: 'accuracy', value: 0.75, interval: { level: 0.95 } }],
    });
    const history = await call('GET', '/v1/hub/agents/a%2Fb%20c');
    expect(history.json.items.map((one: { version: string }) => one.version)).toEqual([
      '0.10.0',
      '0.9.0',
      '0.2.0',
    ]);
    const markdown = await call('GET', found.eval_scorecard_url);
    expect(markdown.text).toContain('# a/b c — Eval Scorecard v0.10.0');
  });

  it('refuses what is no card, foreign items, and says what is not there', async () => {
    const card = cardOf('triage', '2.0.0', 84);
    const edited = { ...card, surprise: true };
    for (const body of [{ card: {} }, { card: edited }, { card, items: itemsOf(83) }]) {
      const { status, json } = await call('POST', '/v1/hub/agents', body);
      expect([status, json.code]).toEqual([422, 'scorecard.invalid']);
    }
    expect((await call('POST', '/v1/hub/agents', {})).status).toBe(422);
    expect((await call('GET', '/v1/hub/agents/nobody')).status).toBe(404);
    expect((await call('GET', '/v1/hub/agents/triage/versions/9.9.9')).status).toBe(404);
  });
});
