import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from './facts.ts';
import { identityOf } from './identity.ts';
import { blockId, boundOf, recordId, refOf, timeOfId } from './record-id.ts';

const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const at = 1793536496789;

const decision = (taskId: string): Fact => ({
  kind: 'decision',
  taskId,
  timestamp: at,
  taskType: 't',
  selectedAgentId: 'a',
  routingStrategy: 'fallback',
});
const evaluation = (taskId: string): Fact => ({
  kind: 'evaluation',
  taskId,
  timestamp: at,
  agentId: 'a',
});

describe('recordId', () => {
  it.each([
    [7, decision('task-1'), '01a1971b-1495-891b-af58-c432d408e31f'],
    [7, evaluation('task-1'), '01a1971b-1495-8f12-acd8-c1c8ce8e5840'],
    [8, decision('task-1'), '01a1971b-1495-825a-8b4f-737538d707a5'],
    [7, decision('tâche-1'), '01a1971b-1495-8219-89cc-b4330ae280d8'],
  ])('gives the golden id of tenant %i', (tenant, fact, id) => {
    expect(recordId(hash, tenant, at, identityOf(fact))).toBe(id);
  });

  it('keeps the time and sorts by it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), fc.string(), (ms, identity) => {
        const id = recordId(hash, 1, ms, identity);
        expect(timeOfId(id)).toBe(ms);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(id >= boundOf(ms) && id < boundOf(ms + 1)).toBe(true);
      }),
    );
  });
});

describe('blockId, boundOf, refOf', () => {
  it('gives the golden block and bound', () => {
    const ids = ['01a1971b-1495-891b-af58-c432d408e31f', '01a1971b-1495-8f12-acd8-c1c8ce8e5840'];
    expect(blockId(hashBytes, ids)).toBe('01a1971b-1495-8ac9-97f7-e25bfa433927');
    expect(boundOf(Date.UTC(2026, 10, 1))).toBe('01a19467-e800-0000-0000-000000000000');
  });

  it('gives signed 64-bit references that are never 0', () => {
    expect(refOf(() => '0'.repeat(64), 1, 'x')).toBe('1');
    expect(refOf(() => 'f'.repeat(64), 1, 'x')).toBe('-1');
    expect(refOf(hash, 1, 'x')).not.toBe(refOf(hash, 2, 'x'));
  });
});

describe('identityOf', () => {
  it('tells attempts, keys, turns and calls apart', () => {
    const base = { taskId: 't', timestamp: at } as const;
    const facts: Fact[] = [
      { ...base, kind: 'execution', agentId: 'a' },
      { ...base, kind: 'execution', agentId: 'a', attempt: 2 },
      { ...base, kind: 'turn', turnNumber: 1 },
      { ...base, kind: 'turn', turnNumber: 2 },
      { ...base, kind: 'tool-call', toolName: 'x', callId: '1' },
      { ...base, kind: 'tool-call', toolName: 'x', callId: '2' },
      { ...base, kind: 'rating', source: 'human' },
      { ...base, kind: 'rating', source: 'downstream' },
    ];
    expect(new Set(facts.map(identityOf)).size).toBe(facts.length);
    expect(identityOf({ ...base, kind: 'execution', agentId: 'a', attempt: 1 })).toBe('t\x001');
  });

  it('takes trace and span of a span, agent and range of feedback', () => {
    const span: Fact = {
      kind: 'span',
      taskId: 'other',
      timestamp: at,
      traceId: 'ab',
      spanId: 'cd',
      name: 'n',
      spanClass: 'other',
      attributes: {},
    };
    expect(identityOf(span)).toBe('ab\x008\x001\0cd');
    const trends = {
      successRateTrend: 'stable',
      qualityScoreTrend: 'stable',
      latencyTrend: 'stable',
    } as const;
    const feedback: Fact = {
      kind: 'feedback',
      agentId: 'a',
      agentVersion: '2',
      timestamp: at,
      timeRange: { start: 1, end: 2 },
      trends,
    };
    expect(identityOf(feedback)).toBe('a@2\x003\x001\x001-2');
  });
});
