import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../src/main.ts';
import { send, startServer } from './server-under-test.ts';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server?.close());

const call = (method: string, path: string, body?: unknown) =>
  send(server.url, server.adminKey ?? '', method, path, body);

describe('GET /v1/score/fitness', () => {
  it('ranks agent versions, the fast one first among equals, and lists unscored ones apart', async () => {
    const at = Date.now();
    const runs = ['swift', 'slow', 'silent'].flatMap((agentId) =>
      Array.from({ length: 40 }, (_, i) => ({
        kind: 'task',
        taskId: `fit-${agentId}-${i}`,
        timestamp: new Date(at - i * 1000).toISOString(),
        execution: {
          agentId,
          agentVersion: '1',
          taskType: 'fit',
          success: true,
          latencyMs: agentId === 'swift' ? 200 : 20_000,
        },
        ...(agentId === 'silent'
          ? {}
          : { evaluation: { agentId, overallScore: i % 2 === 0 ? 0.8 : 0.7 } }),
      })),
    );
    expect((await call('POST', '/v1/records', runs)).json).toMatchObject({ accepted: 120 });
    const path = '/v1/score/fitness?taskType=fit&k=1';
    const runsCounted = async (): Promise<number> => {
      const { json } = await call('GET', '/v1/aggregates?by=taskType&taskType=fit');
      return json.items[0]?.n ?? 0;
    };
    await expect.poll(runsCounted, { timeout: 30_000 }).toBe(120);
    const { json } = await call('GET', path);
    expect(json.selected).toMatchObject([{ id: 'swift@1', rank: 1 }]);
    expect(json.others).toMatchObject([{ id: 'slow@1', rank: 2 }]);
    expect(json.unscored).toMatchObject([{ id: 'silent@1' }]);
    expect(json).toMatchObject({ tied: [], leftOut: ['cost'], withoutSpread: ['latency'] });
    expect(json.settings).toMatchObject({ qualityWeight: 0.6, performanceWeight: 0.4 });
    const alone = await call('GET', `${path}&performanceWeight=0`);
    expect(alone.json.selected[0].fitness.mean).toBeCloseTo(0.75, 9);
    expect((await call('GET', '/v1/score/fitness?qualityWeight=-1')).status).toBe(422);
  });
});
