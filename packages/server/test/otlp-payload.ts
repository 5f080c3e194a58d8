import type { Fact, SpanLog } from '@assay/loop';
import { encodeMessage } from '../src/adapters/otlp/codec.ts';

/** Time of receipt in tests: 2026-11-21T12:00Z. */
export const NOW: number = Date.UTC(2026, 10, 21, 12);
/** Content types of the two roads. */
export const JSON_TYPE = 'application/json; charset=utf-8';
export const PROTO_TYPE = 'application/x-protobuf';

/** JSON bytes of a payload. */
export const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const NUMBERS = /^(kind|code|flags|severityNumber|dropped\w+Count)$/;

/** Brings a JSON payload to what the encoder takes: ids and bytes as bytes, numbers as numbers. */
function protobufReady(value: unknown, key = ''): unknown {
  if (/^(traceId|spanId|parentSpanId)$/.test(key)) return Buffer.from(String(value), 'hex');
  if (key === 'bytesValue') return Buffer.from(String(value), 'base64');
  if (key === 'intValue') return BigInt.asIntN(64, BigInt(String(value)));
  if (NUMBERS.test(key)) return Number(value) || 0;
  if (Array.isArray(value)) return value.map((item) => protobufReady(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, protobufReady(v, k)]));
}

/** Protobuf bytes of a payload in JSON form. */
export function toProtobuf(payload: object, kind: 'traces' | 'logs'): Uint8Array {
  const type = kind === 'traces' ? 'ExportTraceServiceRequest' : 'ExportLogsServiceRequest';
  return encodeMessage(type, protobufReady(payload) as Record<string, unknown>);
}

/** A key-value pair of OTLP. */
export const attribute = (key: string, value: string | number | object): object => ({
  key,
  value:
    typeof value === 'string'
      ? { stringValue: value }
      : typeof value === 'number'
        ? { intValue: value }
        : value,
});

/** A request with the spans. */
export function traceOf(...spans: object[]): object {
  return { resourceSpans: [{ scopeSpans: [{ spans }] }] };
}

/** A span with valid ids and times. */
export function spanOf(
  id: number,
  more: object = {},
  attributes: Record<string, string | number | object> = {},
): object {
  return {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: id.toString(16).padStart(16, '0'),
    name: `span ${id}`,
    startTimeUnixNano: `${1_700_000_000_000 + id}000000`,
    endTimeUnixNano: `${1_700_000_000_100 + id}000000`,
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    ...more,
  };
}

/** The span facts among facts. */
export const spansIn = (facts: readonly Fact[]): SpanLog[] =>
  facts.filter((fact) => fact.kind === 'span');
/** The facts of one kind. */
export const ofKind = <K extends Fact['kind']>(
  facts: readonly Fact[],
  kind: K,
): Extract<Fact, { kind: K }>[] =>
  facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
/** Code of the error that the work throws; null when it throws none. */
export const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return null;
};
