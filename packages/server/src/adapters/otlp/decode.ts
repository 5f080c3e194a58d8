import {
  type Attributes,
  type DecodedSpan,
  decisionOf,
  EVALUATION_EVENT,
  evaluationFactOf,
  evaluationOfEvent,
  type Fact,
  impliedFactsOf,
  type SpanEvent,
  type SpanLink,
  spanFactOf,
  targetOf,
  textAttribute,
  timestampOf,
} from '@assay/loop';
import { AssayError } from '@assay/protocol/errors';
import { decodeMessage } from './codec.ts';
import type { OtlpMessage } from './schema.ts';
import {
  anyValueOf,
  attributesOf,
  idOf,
  listOf,
  type Message,
  messageOf,
  nanosOf,
  smallIntOf,
  textOf,
} from './values.ts';

/** One span or log record that was not taken, with its position in the request. */
export interface Rejected {
  readonly index: number;
  readonly message: string;
}

/** What an export request holds. */
export interface DecodedExport {
  /** Spans first, then the facts that they imply. */
  readonly facts: Fact[];
  readonly rejected: Rejected[];
  /** Log records that are valid but carry nothing that Assay records. */
  readonly ignored: number;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** `flags` of a span: whether it is known that the parent is remote, and that it is. */
const REMOTE_FLAGS = 0x300;

function undecodable(detail: string, cause?: unknown): AssayError {
  return new AssayError('otlp.undecodable', { detail, ...(cause === undefined ? {} : { cause }) });
}

/** True for `application/json`, with or without parameters; protobuf is the default. */
export function isJson(contentType: string | undefined): boolean {
  return /^\s*application\/json\s*(;|$)/i.test(contentType ?? '');
}

function parseJson(body: Uint8Array): Message {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw undecodable('the body is not valid JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw undecodable('the body must be a JSON object');
  }
  return value as Message;
}

function parse(body: Uint8Array, contentType: string | undefined, type: OtlpMessage): Message {
  if (isJson(contentType)) return parseJson(body);
  try {
    return decodeMessage(type, body);
  } catch (cause) {
    const other = type === 'ExportTraceServiceRequest' ? '/v1/logs' : '/v1/traces';
    const reason = cause instanceof Error ? cause.message : 'malformed';
    throw undecodable(
      `the body is not a protobuf message of this path (${reason}); the other signal goes to ${other}`,
      cause,
    );
  }
}

function eventOf(message: Message): SpanEvent {
  return {
    name: textOf(message, 'name'),
    timeNs: nanosOf(message, 'timeUnixNano'),
    attributes: attributesOf(message, 'attributes'),
  };
}

function linkOf(message: Message): SpanLink {
  return {
    traceId: idOf(message, 'traceId', TRACE_ID_BYTES) ?? '',
    spanId: idOf(message, 'spanId', SPAN_ID_BYTES) ?? '',
    attributes: attributesOf(message, 'attributes'),
  };
}

const STATUS_NAMES: readonly unknown[] = [
  'STATUS_CODE_UNSET',
  'STATUS_CODE_OK',
  'STATUS_CODE_ERROR',
];

function statusCodeOf(status: Message): number {
  const named = STATUS_NAMES.indexOf(status['code']);
  return named === -1 ? smallIntOf(status, 'code') : named;
}

function spanOf(
  message: Message,
  ids: { readonly traceId: string; readonly spanId: string },
  resource: Attributes,
  scopeName: string,
): DecodedSpan {
  const status = messageOf(message['status']);
  const parent = idOf(message, 'parentSpanId', SPAN_ID_BYTES);
  return {
    ...ids,
    parentSpanId: parent === null || parent === '' ? null : parent,
    name: textOf(message, 'name'),
    startNs: nanosOf(message, 'startTimeUnixNano'),
    endNs: nanosOf(message, 'endTimeUnixNano'),
    attributes: attributesOf(message, 'attributes'),
    resource,
    scopeName,
    events: listOf(message, 'events').map(eventOf),
    links: listOf(message, 'links').map(linkOf),
    statusCode: statusCodeOf(status),
    statusMessage: textOf(status, 'message'),
    isParentRemote: (smallIntOf(message, 'flags') & REMOTE_FLAGS) === REMOTE_FLAGS,
  };
}

interface Item {
  readonly message: Message;
  readonly resource: Attributes;
  readonly scopeName: string;
}

/** The spans or log records of a request, each with its resource and scope. */
function* itemsOf(
  request: Message,
  [resources, scopes, items]: readonly [string, string, string],
): Generator<Item> {
  for (const group of listOf(request, resources)) {
    const resource = attributesOf(messageOf(group['resource']), 'attributes');
    for (const scope of listOf(group, scopes)) {
      const scopeName = textOf(messageOf(scope['scope']), 'name');
      for (const message of listOf(scope, items)) yield { message, resource, scopeName };
    }
  }
}

type SpanFact = ReturnType<typeof spanFactOf>;

/**
 * Reads a request of `/v1/traces`: a fact for each span, and the executions, evaluations and
 * decisions that the spans imply. A span with a wrong id is rejected alone.
 *
 * @param body the body after decompression; empty is a valid empty request.
 * @param contentType `application/json`, anything else is read as protobuf.
 * @param receivedAtMs time of receipt, ms since 1970; used for spans without any time.
 * @throws AssayError `otlp.undecodable` when the body is no such request.
 */
export function decodeTraces(
  body: Uint8Array,
  contentType: string | undefined,
  receivedAtMs: number,
): DecodedExport {
  const request = parse(body, contentType, 'ExportTraceServiceRequest');
  if (Object.hasOwn(request, 'resourceLogs')) {
    throw undecodable('this is a logs export; post it to /v1/logs');
  }
  const spans: SpanFact[] = [];
  const rejected: Rejected[] = [];
  let index = 0;
  let withoutIds = 0;
  for (const { message, resource, scopeName } of itemsOf(request, TRACE_FIELDS)) {
    const traceId = idOf(message, 'traceId', TRACE_ID_BYTES);
    const spanId = idOf(message, 'spanId', SPAN_ID_BYTES);
    if (traceId === '' && spanId === '') withoutIds += 1;
    if (traceId && spanId) {
      const span = spanOf(message, { traceId, spanId }, resource, scopeName);
      spans.push(spanFactOf(span, receivedAtMs));
    } else {
      const field = traceId ? 'spanId must be 8 bytes' : 'traceId must be 16 bytes';
      rejected.push({ index, message: `span ${index}: ${field}, not all zero` });
    }
    index += 1;
  }
  if (index > 0 && withoutIds === index) {
    throw undecodable('no span has ids; a logs export goes to /v1/logs');
  }
  return { facts: [...spans, ...impliedFactsOf(spans)], rejected, ignored: 0 };
}

const TRACE_FIELDS = ['resourceSpans', 'scopeSpans', 'spans'] as const;
const LOG_FIELDS = ['resourceLogs', 'scopeLogs', 'logRecords'] as const;

/** Attributes of a log record; older producers put them into a structured body. */
function logAttributesOf(message: Message): Attributes {
  const attributes = attributesOf(message, 'attributes');
  const body = anyValueOf(message['body']);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return attributes;
  return Object.assign(Object.create(null), body, attributes);
}

/** The fact in a log record, why it is wrong, or null when it holds none. */
function logFactOf(item: Item, receivedAtMs: number): Fact | string | null {
  const { message, resource } = item;
  const attributes = logAttributesOf(message);
  const named = textOf(message, 'eventName');
  const name = named === '' ? textAttribute(attributes, ['event.name']) : named;
  const traceId = idOf(message, 'traceId', TRACE_ID_BYTES);
  const spanId = idOf(message, 'spanId', SPAN_ID_BYTES);
  if (traceId === null || spanId === null) return 'traceId must be 16 bytes and spanId 8 bytes';
  const times = [nanosOf(message, 'timeUnixNano'), nanosOf(message, 'observedTimeUnixNano')];
  const timestamp = timestampOf(times, receivedAtMs);
  const ids = { traceId: traceId === '' ? null : traceId, spanId: spanId === '' ? null : spanId };
  if (name !== EVALUATION_EVENT) return decisionOf(attributes, resource, ids.traceId, timestamp);
  const reading = evaluationOfEvent(attributes);
  if (reading === null) return 'gen_ai.evaluation.name is required';
  const target = targetOf(attributes, resource, ids, timestamp);
  return target === null
    ? 'names no target: set a trace id, task.id or gen_ai.response.id'
    : evaluationFactOf(reading, target);
}

/**
 * Reads a request of `/v1/logs`: evaluations (`gen_ai.evaluation.result`) and routing decisions.
 * Other records are counted as ignored.
 *
 * @throws AssayError `otlp.undecodable` when the body is no such request.
 */
export function decodeLogs(
  body: Uint8Array,
  contentType: string | undefined,
  receivedAtMs: number,
): DecodedExport {
  const request = parse(body, contentType, 'ExportLogsServiceRequest');
  if (Object.hasOwn(request, 'resourceSpans')) {
    throw undecodable('this is a traces export; post it to /v1/traces');
  }
  const facts: Fact[] = [];
  const rejected: Rejected[] = [];
  let ignored = 0;
  let index = 0;
  for (const item of itemsOf(request, LOG_FIELDS)) {
    const fact = logFactOf(item, receivedAtMs);
    if (fact === null) ignored += 1;
    else if (typeof fact === 'string') rejected.push({ index, message: `log ${index}: ${fact}` });
    else facts.push(fact);
    index += 1;
  }
  return { facts, rejected, ignored };
}
