import { joinRun } from '@assay/loop';
import { isErrorCode } from '@assay/protocol/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attribute,
  bytesOf,
  codeOf,
  JSON_TYPE,
  NOW,
  ofKind,
  PROTO_TYPE,
  spanOf,
  spansIn,
  toProtobuf,
  traceOf,
} from '../../../test/otlp-payload.ts';
import { decodeLogs, decodeTraces } from './decode.ts';
import { encodeResponse, encodeStatus } from './encode.ts';

const GOLDEN =
  '0a5d125b12590a105b8efff798038103d269b633813fc60c1208eee19b7ec3c1b1742a0663686174206d300339004859e3faeb6f15410012f41efbeb6f154a1f0a1967656e5f61692e75736167652e696e7075745f746f6b656e731202180c';

describe('golden bytes', () => {
  it('decodes the golden span', () => {
    const { facts } = decodeTraces(Buffer.from(GOLDEN, 'hex'), PROTO_TYPE, NOW);
    expect(facts[0]).toMatchObject({
      kind: 'span',
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: null,
      name: 'chat m',
      startNs: '1544712660000000000',
      timestamp: 1544712660000,
      latencyMs: 1000,
      inputTokens: 12,
      outputTokens: null,
      reasoningTokens: null,
    });
  });

  it('encodes the golden answers', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(encodeResponse('traces', PROTO_TYPE, 1, 'bad id'))).toBe('0a0a08011206626164206964');
    expect(hex(encodeStatus(PROTO_TYPE, 'x'))).toBe('120178');
    expect(encodeResponse('traces', PROTO_TYPE).length).toBe(0);
    expect(Buffer.from(encodeResponse('logs', JSON_TYPE)).toString()).toBe('{}');
    expect(JSON.parse(Buffer.from(encodeResponse('logs', JSON_TYPE, 2, 'm')).toString())).toEqual({
      partialSuccess: { rejectedLogRecords: '2', errorMessage: 'm' },
    });
  });

  it('takes an empty body as an empty request', () => {
    expect(decodeTraces(new Uint8Array(), PROTO_TYPE, NOW).facts).toEqual([]);
    expect(decodeLogs(new Uint8Array(), PROTO_TYPE, NOW).facts).toEqual([]);
  });
});

describe('hostile payloads', () => {
  it('rejects one bad span and keeps the others', () => {
    const bad = spanOf(2, { spanId: 'abcdef' });
    for (const kind of [JSON_TYPE, PROTO_TYPE]) {
      const payload = traceOf(spanOf(1), bad, spanOf(3));
      const body = kind === JSON_TYPE ? bytesOf(payload) : toProtobuf(payload, 'traces');
      const { facts, rejected } = decodeTraces(body, kind, NOW);
      expect(spansIn(facts).map((span) => span.name)).toEqual(['span 1', 'span 3']);
      expect(rejected).toEqual([{ index: 1, message: expect.stringContaining('spanId') }]);
    }
  });

  it('names the path of the other signal', () => {
    const logs = {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }],
    };
    expect(() => decodeTraces(bytesOf(logs), JSON_TYPE, NOW)).toThrow('/v1/logs');
    expect(() => decodeTraces(toProtobuf(logs, 'logs'), PROTO_TYPE, NOW)).toThrow('/v1/logs');
    expect(() => decodeLogs(bytesOf(traceOf(spanOf(1))), JSON_TYPE, NOW)).toThrow('/v1/traces');
  });

  it.each([
    ['JSON sent as protobuf', bytesOf(traceOf(spanOf(1))), PROTO_TYPE],
    ['truncated', Buffer.from(GOLDEN, 'hex').subarray(0, 60), PROTO_TYPE],
    ['garbage', Buffer.from('garbage'), PROTO_TYPE],
    ['protobuf sent as JSON', Buffer.from(GOLDEN, 'hex'), JSON_TYPE],
    ['a JSON array', Buffer.from('[]'), JSON_TYPE],
  ])('answers %s with the code otlp.undecodable', (_name, body, type) => {
    expect(codeOf(() => decodeTraces(body, type, NOW))).toBe('otlp.undecodable');
  });

  it('keeps odd values without failing', () => {
    const odd = spanOf(
      1,
      { startTimeUnixNano: undefined, endTimeUnixNano: undefined },
      {
        'gen_ai.request.max_tokens': { intValue: '18446744073709551615' },
        'gen_ai.usage.input_tokens': '16399',
        nul: 'a\0b',
        nan: { doubleValue: 'NaN' },
        __proto__x: 1,
        'gen_ai.prompt.__proto__.X': 'y',
      },
    );
    const { facts } = decodeTraces(bytesOf(traceOf(odd)), JSON_TYPE, NOW);
    const span = spansIn(facts)[0];
    expect(span).toMatchObject({
      timestamp: Date.UTC(2026, 10, 21),
      latencyMs: null,
      success: null,
      inputTokens: 16399,
    });
    expect(span?.attributes).toMatchObject({
      'gen_ai.request.max_tokens': -1,
      nul: 'a\ufffdb',
      nan: null,
    });
    expect(Object.getPrototypeOf(span?.attributes)).toBe(null);
    expect(({} as Record<string, unknown>)['X']).toBeUndefined();
  });

  it('takes attributes named __proto__ and constructor as names', () => {
    const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[${JSON.stringify(spanOf(1)).replace(
      '"attributes":[]',
      '"attributes":[{"key":"__proto__","value":{"stringValue":"p"}},{"key":"constructor","value":{"intValue":1}}]',
    )}]}]}]}`;
    const span = spansIn(decodeTraces(Buffer.from(text), JSON_TYPE, NOW).facts)[0];
    expect(Object.keys(span?.attributes ?? {})).toEqual(['__proto__', 'constructor']);
  });

  it('never throws anything but the coded error', () => {
    const golden = Buffer.from(GOLDEN, 'hex');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: golden.length - 1 }), fc.nat({ max: 255 })), {
          maxLength: 6,
        }),
        fc.nat({ max: golden.length }),
        (changes, length) => {
          const body = Buffer.from(golden.subarray(0, length));
          for (const [at, byte] of changes) if (at < length) body[at] = byte;
          for (const decode of [decodeTraces, decodeLogs]) {
            const code = codeOf(() => decode(body, PROTO_TYPE, NOW));
            expect([null, 'otlp.undecodable']).toContain(code);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('takes any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const span = {
          ...spanOf(1),
          attributes: value,
          events: value,
          status: value,
          flags: value,
        };
        for (const payload of [value, { resourceSpans: value }, traceOf(span as object)]) {
          const code = codeOf(() => decodeTraces(bytesOf(payload), JSON_TYPE, NOW));
          expect(code === null || isErrorCode(String(code))).toBe(true);
        }
      }),
    );
  });

  it('keeps a span with a value that is nested more deeply than is read', () => {
    const deep = Array.from({ length: 300 }).reduce<object>(
      (value) => ({ arrayValue: { values: [value] } }),
      { stringValue: 'bottom' },
    );
    const payload = traceOf(spanOf(1, {}, { deep, other: 'kept' }));
    const [json, protobuf] = [
      decodeTraces(bytesOf(payload), JSON_TYPE, NOW),
      decodeTraces(toProtobuf(payload, 'traces'), PROTO_TYPE, NOW),
    ];
    expect(protobuf).toEqual(json);
    expect(spansIn(json.facts)[0]?.attributes).toMatchObject({ other: 'kept' });
  });

  it('survives deep nesting on both roads', () => {
    const depth = 5_000;
    const value = `${'{"arrayValue":{"values":['.repeat(depth)}{}${']}}'.repeat(depth)}`;
    const payload = JSON.stringify(traceOf(spanOf(1, {}, { deep: 'HERE' })));
    const body = Buffer.from(payload.replace('{"stringValue":"HERE"}', value));
    expect([null, 'otlp.undecodable']).toContain(codeOf(() => decodeTraces(body, JSON_TYPE, NOW)));
    let inner = Buffer.from([0x0a, 0x01, 0x78]);
    const lengthOf = (size: number): Buffer => {
      const out: number[] = [];
      for (let rest = size; ; rest >>>= 7) {
        out.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) return Buffer.from(out);
      }
    };
    for (let i = 0; i < 20_000; i += 1) {
      inner = Buffer.concat([Buffer.from([i % 2 ? 0x0a : 0x2a]), lengthOf(inner.length), inner]);
      if (inner.length > 60_000) break;
    }
    expect([null, 'otlp.undecodable']).toContain(
      codeOf(() => decodeTraces(inner, PROTO_TYPE, NOW)),
    );
  });
});

describe('facts from traces', () => {
  it('derives the execution of an agent from its leaves', () => {
    const payload = traceOf(
      spanOf(
        1,
        {},
        {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.name': 'triage',
          'gen_ai.agent.version': '2',
          'gen_ai.usage.input_tokens': 999,
          'task.id': 'T-1',
          'task.type': 'mail',
          'gen_ai.conversation.id': 's1',
        },
      ),
      spanOf(
        2,
        { parentSpanId: '0000000000000001' },
        {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'm',
          'gen_ai.system': 'openai.responses',
          'gen_ai.usage.input_tokens': 10,
          'gen_ai.usage.output_tokens': 5,
          'gen_ai.usage.reasoning.output_tokens': 3,
        },
      ),
      spanOf(
        3,
        { parentSpanId: '0000000000000002', status: { code: 2 } },
        {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'search',
          'gen_ai.tool.call.id': 'c1',
        },
      ),
    );
    const { facts } = decodeTraces(bytesOf(payload), JSON_TYPE, NOW);
    expect(ofKind(facts, 'execution')).toEqual([
      expect.objectContaining({
        taskId: 'T-1',
        traceId: '5b8efff798038103d269b633813fc60c',
        agentId: 'triage',
        agentVersion: '2',
        taskType: 'mail',
        sessionId: 's1',
        modelId: 'm',
        provider: 'openai',
        success: true,
        partialSuccess: true,
        tokensUsed: 15,
        thinkingTokens: 3,
        cachedInputTokens: null,
        toolCallCount: 1,
        toolCallSuccessRate: 0,
        timeToFirstAction: 2,
        toolsUsed: [{ toolName: 'search', callCount: 1, successRate: 0, averageLatency: 100 }],
      }),
    ]);
    const run = joinRun(facts);
    expect(run.totals.tokensUsed).toBe(15);
    expect(run.spans).toHaveLength(1);
  });

  it('derives no execution from a part of a trace without its root', () => {
    const child = spanOf(
      2,
      { parentSpanId: '0000000000000001' },
      { 'gen_ai.operation.name': 'chat' },
    );
    expect(
      ofKind(decodeTraces(bytesOf(traceOf(child)), JSON_TYPE, NOW).facts, 'execution'),
    ).toEqual([]);
  });

  it('reads decisions and evaluations from spans', () => {
    const payload = traceOf(
      spanOf(
        1,
        {},
        {
          'routing.selected_agent.id': 'a',
          'routing.strategy': 'multi_armed_bandit',
          'routing.propensity': { doubleValue: 0.25 },
          'routing.candidates':
            '[{"agent_id":"a","probability":0.25},{"id":"b","propensity":0.75}]',
          'task.id': 'T-2',
          'task.type': 'mail',
        },
      ),
      spanOf(
        2,
        { links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }] },
        {
          'openinference.span.kind': 'EVALUATOR',
          'evaluations.0.evaluation.name': 'correctness',
          'evaluations.0.evaluation.score': { doubleValue: 0.5 },
          'annotations.0.annotation.name': 'correctness',
          'annotations.0.annotation.score': { doubleValue: 0.5 },
          'trace.evaluations.0.evaluation.name': 'toxicity',
          'trace.evaluations.0.evaluation.score': { doubleValue: 0.9 },
          'annotations.1.annotation.name': 'thumb',
          'annotations.1.annotation.label': 'up',
          'annotations.1.annotation.annotator_kind': 'HUMAN',
        },
      ),
    );
    const { facts } = decodeTraces(bytesOf(payload), JSON_TYPE, NOW);
    expect(ofKind(facts, 'decision')).toEqual([
      expect.objectContaining({
        taskId: 'T-2',
        selectedAgentId: 'a',
        routingStrategy: 'multi-armed-bandit',
        propensity: 0.25,
        candidateAgents: [
          expect.objectContaining({ agentId: 'a', probability: 0.25 }),
          expect.objectContaining({ agentId: 'b', probability: 0.75 }),
        ],
      }),
    ]);
    const evaluations = ofKind(facts, 'evaluation');
    expect(
      evaluations.map((fact) => [fact.taskId, fact.overallScore, fact.metrics?.[0]?.name]),
    ).toEqual([
      ['a'.repeat(32), 0.5, 'correctness'],
      ['a'.repeat(32), null, 'toxicity'],
    ]);
    expect(ofKind(facts, 'rating')).toEqual([
      expect.objectContaining({ source: 'human', label: 'up' }),
    ]);
  });
});

describe('facts from logs', () => {
  const logsOf = (...logRecords: object[]): object => ({
    resourceLogs: [
      {
        resource: { attributes: [attribute('service.name', 'triage')] },
        scopeLogs: [{ logRecords }],
      },
    ],
  });
  const record = (
    attributes: Record<string, string | number | object>,
    more: object = {},
  ): object => ({
    timeUnixNano: '1700000000000000000',
    eventName: 'gen_ai.evaluation.result',
    traceId: 'A'.repeat(32),
    spanId: 'b'.repeat(16),
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    ...more,
  });

  it('turns evaluation events into evaluations and ignores other records', () => {
    const payload = logsOf(
      record({
        'gen_ai.evaluation.name': 'quality',
        'gen_ai.evaluation.score.value': { doubleValue: 0.75 },
        'gen_ai.evaluation.score.label': 'pass',
        'gen_ai.evaluation.explanation': 'good',
      }),
      record({}),
      record({}, { eventName: 'browser.page_view' }),
    );
    for (const type of [JSON_TYPE, PROTO_TYPE]) {
      const body = type === JSON_TYPE ? bytesOf(payload) : toProtobuf(payload, 'logs');
      const { facts, rejected, ignored } = decodeLogs(body, type, NOW);
      expect(facts).toEqual([
        expect.objectContaining({
          kind: 'evaluation',
          taskId: 'a'.repeat(32),
          agentId: 'triage',
          timestamp: 1_700_000_000_000,
          overallScore: 0.75,
          qualityGates: [{ name: 'quality', passed: true, score: 0.75, mandatory: false }],
        }),
      ]);
      expect(rejected).toEqual([
        { index: 1, message: 'log 1: gen_ai.evaluation.name is required' },
      ]);
      expect(ignored).toBe(1);
    }
  });
});
