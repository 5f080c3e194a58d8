import { FACT_KINDS, type FactKind } from '@assay/loop';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FACT_FIELDS } from './fact-fields.ts';
import { FACT_SCHEMAS } from './fact-schema.ts';
import type { Field, Fields } from './field.ts';
import { timeOf } from './field.ts';
import { readFact } from './record.ts';

const KINDS = Object.keys(FACT_KINDS) as FactKind[];
const NOW = Date.UTC(2026, 10, 1);

/** Values that a field takes. */
function good(field: Field): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'text':
      return fc.string({ minLength: field.min, maxLength: Math.min(field.max, 20) });
    case 'number':
      return fc.double({
        min: Math.max(field.min, -1e6),
        max: Math.min(field.max, 1e6),
        noNaN: true,
      });
    case 'integer':
      return fc.integer({ min: field.min, max: Math.min(field.max, 1_000_000) });
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...field.values);
    case 'list':
      return fc.array(good(field.of), { maxLength: 3 });
    case 'object':
      return goodObject(field.fields);
    case 'features':
      return fc.dictionary(
        fc.string(),
        fc.oneof(fc.string({ maxLength: 9 }), fc.integer(), fc.boolean()),
      );
    case 'open':
      return fc.dictionary(fc.string(), fc.jsonValue());
    case 'json':
      return fc.jsonValue();
    case 'time':
      return fc.oneof(
        fc.integer({ min: 0, max: NOW }),
        fc.integer({ min: 0, max: NOW }).map((ms) => new Date(ms).toISOString()),
      );
  }
}

function goodObject(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  const requiredKeys: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    model[name] = field.isRequired === true ? good(field) : fc.option(good(field));
    if (field.isRequired === true) requiredKeys.push(name);
  }
  return fc.record(model, { requiredKeys });
}

const anyGood: fc.Arbitrary<Record<string, unknown>> = fc
  .constantFrom(...KINDS)
  .chain((kind) => goodObject(FACT_FIELDS[kind]).map((fact) => ({ kind, ...fact })));

/** Facts in which one place holds something that may be wrong. */
const spoiled: fc.Arbitrary<unknown> = fc
  .tuple(
    anyGood,
    fc.nat(),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(null, '', -1, 1.5, 1e300, [], {}, 'x'.repeat(300), '2026-99-99'),
      fc.constant({ ['__proto__']: { taskId: 'x' }, constructor: 1 }),
    ),
  )
  .map(([fact, at, value]) => {
    const names = Object.keys(fact);
    const name = names[at % names.length] ?? 'taskId';
    return { ...fact, [name]: value };
  });

function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function schemaAccepts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const schema = FACT_SCHEMAS.get((value as { kind: FactKind }).kind);
  return schema?.safeParse(value).success === true;
}

function isBackwards(value: unknown): boolean {
  const { kind, timeRange } = value as {
    kind: string;
    timeRange?: { start: unknown; end: unknown };
  };
  if (kind !== 'feedback' || !timeRange) return false;
  return (timeOf(timeRange.end) ?? 0) < (timeOf(timeRange.start) ?? 0);
}

describe('readFact', () => {
  it('accepts what the schema accepts and refuses what it refuses', () => {
    fc.assert(
      fc.property(fc.oneof(anyGood, spoiled), (value) => {
        const sent = copy(value);
        const accepted = schemaAccepts(sent) && !isBackwards(sent);
        const reading = readFact(sent);
        expect(reading.code === undefined).toBe(accepted);
        if (reading.code !== undefined) expect(reading.path).toMatch(/^\$/);
      }),
      { numRuns: 1_500 },
    );
  });

  it('reads its own output again to the same fact', () => {
    fc.assert(
      fc.property(anyGood, (value) => {
        const once = readFact(copy(value));
        if (once.fact === undefined) return;
        const first = copy(once.fact);
        expect(copy(readFact(copy(first)).fact)).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });

  it('turns times into milliseconds', () => {
    const reading = readFact({
      kind: 'turn',
      taskId: 't',
      turnNumber: 1,
      timestamp: '2026-11-01T12:34:56.789Z',
    });
    expect(reading.fact?.timestamp).toBe(1_793_536_496_789);
  });

  it('takes null for absent in a field that knows no null', () => {
    const fact = { kind: 'execution', taskId: 't', timestamp: 5, agentId: 'a', agentVersion: null };
    expect(readFact(fact).fact).toMatchObject({ agentId: 'a', agentVersion: undefined });
  });

  it.each([
    [{ kind: 'execution', timestamp: 5, agentId: 'a' }, '$.taskId'],
    [{ kind: 'execution', taskId: 't', timestamp: 'yesterday', agentId: 'a' }, '$.timestamp'],
    [{ kind: 'execution', taskId: 't', timestamp: 5, agentId: 'a\u0000' }, '$.agentId'],
    [
      {
        kind: 'decision',
        taskId: 't',
        timestamp: 5,
        taskType: 'x',
        selectedAgentId: 'a',
        routingStrategy: 'fallback',
        candidateAgents: [{ agentId: 'a' }, { agentId: 'b', probability: 2 }],
      },
      '$.candidateAgents[1].probability',
    ],
    [{ kind: 'nothing' }, '$.kind'],
    [[], '$'],
    [null, '$'],
  ])('says where %j is wrong', (value, path) => {
    expect(readFact(value)).toMatchObject({ path });
  });

  it('is not fooled by keys of the prototype', () => {
    const text = '{"kind":"__proto__","__proto__":{"taskId":"x"},"constructor":{}}';
    expect(readFact(JSON.parse(text))).toMatchObject({ code: 'fact.unknown-kind' });
    const hidden = JSON.parse('{"kind":"turn","__proto__":{"taskId":"x"},"timestamp":1}');
    expect(readFact(hidden)).toMatchObject({ path: '$.taskId' });
  });
});
