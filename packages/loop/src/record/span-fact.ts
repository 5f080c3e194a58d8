import type { Fact, SpanLog } from './facts.ts';
import {
  AGENT_KEYS,
  type Attributes,
  FIRST_CHUNK_MS_KEYS,
  FIRST_CHUNK_SECONDS_KEYS,
  idOf,
  MODEL_KEYS,
  numberAttribute,
  PROVIDER_KEYS,
  SESSION_KEYS,
  TOOL_CALL_ID_KEYS,
  TOOL_NAME_KEYS,
  textAttribute,
  WEAK_MODEL_KEYS,
} from './otlp-attributes.ts';
import { providerNameOf } from './provider-name.ts';
import { type SpanClass, spanClassOf } from './span-class.ts';
import { spanCostOf, spanUsageOf } from './span-usage.ts';

/** A span event. */
export interface SpanEvent {
  readonly name: string;
  /** Nanoseconds since 1970 as decimal text. */
  readonly timeNs: string | null;
  readonly attributes: Attributes;
}

/** A link from a span to another one. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

/** A span as decoded from OTLP: ids in lower-case hex, 64-bit times as decimal text. */
export interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly startNs: string | null;
  readonly endNs: string | null;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scopeName: string;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  /** 0 unset, 1 OK, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  /** True when the caller says that the parent lives in another process. */
  readonly isParentRemote: boolean;
}

const DAY_MS = 86_400_000;
const MAX_LATENCY_MS = 2 ** 31 - 1;
const MAX_REASON = 20_000;

/** Whole milliseconds of nanoseconds since 1970. */
export function msOfNs(ns: string): number {
  return Number(BigInt(ns) / 1_000_000n);
}

/**
 * Time of a fact from the first known of several times in ns; without any the start of the day of
 * receipt, so that the same payload sent again on that day is a duplicate.
 */
export function timestampOf(times: readonly (string | null)[], receivedAtMs: number): number {
  const known = times.find((time) => time !== null);
  return typeof known === 'string' ? msOfNs(known) : Math.floor(receivedAtMs / DAY_MS) * DAY_MS;
}

/** Duration in ms with its fraction, which a double keeps to the nanosecond for 100 days. */
function latencyOf(span: DecodedSpan): number | null {
  if (span.startNs === null || span.endNs === null) return null;
  const latency = Number(BigInt(span.endNs) - BigInt(span.startNs)) / 1e6;
  return latency < 0 || latency > MAX_LATENCY_MS ? null : latency;
}

function exceptionOf(span: DecodedSpan): string | null {
  const event = span.events.findLast((candidate) => candidate.name === 'exception');
  return event === undefined
    ? null
    : textAttribute(event.attributes, ['exception.message', 'exception.type']);
}

interface Verdict {
  readonly success: boolean | null;
  readonly failureReason: string | null;
}

function verdictOf(span: DecodedSpan): Verdict {
  const errorType = textAttribute(span.attributes, ['error.type']);
  const isErrorLevel = span.attributes['langfuse.observation.level'] === 'ERROR';
  if (span.statusCode !== 2 && errorType === null && !isErrorLevel) {
    return { success: span.endNs === null ? null : true, failureReason: null };
  }
  const message =
    span.statusMessage === ''
      ? (textAttribute(span.attributes, ['langfuse.observation.status_message']) ??
        exceptionOf(span))
      : span.statusMessage;
  const parts = [errorType, message].filter((part) => part !== null);
  const reason = parts.join(': ').slice(0, MAX_REASON);
  return { success: false, failureReason: reason === '' ? null : reason };
}

function firstTokenMs(attributes: Attributes): number | null {
  const seconds = numberAttribute(attributes, FIRST_CHUNK_SECONDS_KEYS);
  const ms = seconds === null ? numberAttribute(attributes, FIRST_CHUNK_MS_KEYS) : seconds * 1000;
  return ms === null || ms < 0 || ms > MAX_LATENCY_MS ? null : ms;
}

function toolNameOf(span: DecodedSpan, spanClass: SpanClass): string | null {
  const named = textAttribute(span.attributes, TOOL_NAME_KEYS);
  if (named !== null || spanClass !== 'tool') return idOf(named);
  return idOf(span.name.replace(/^(execute_tool|running tool:)\s+/, ''));
}

function agentOf(span: DecodedSpan): string | null {
  return (
    textAttribute(span.attributes, AGENT_KEYS) ??
    textAttribute(span.attributes, ['agent_name']) ??
    textAttribute(span.resource, ['service.name'])
  );
}

function versionOf(span: DecodedSpan): string | null {
  return (
    textAttribute(span.attributes, ['gen_ai.agent.version']) ??
    textAttribute(span.resource, ['service.version'])
  );
}

/** Events and links as they are kept with the fact; absent when there are none. */
function partsOf(span: DecodedSpan): Pick<SpanLog, 'events' | 'links'> {
  return {
    ...(span.events.length > 0 ? { events: span.events } : {}),
    ...(span.links.length > 0 ? { links: span.links } : {}),
  };
}

/**
 * Reads a span into a fact: class, model, agent, tokens, cost, verdict. Its task is its trace.
 *
 * @param receivedAtMs time of receipt, ms since 1970; used only when the span has no time.
 */
export function spanFactOf(
  span: DecodedSpan,
  receivedAtMs: number,
): { readonly kind: 'span' } & SpanLog {
  const { attributes } = span;
  const spanClass = spanClassOf(attributes);
  const provider = textAttribute(attributes, PROVIDER_KEYS);
  const version = idOf(versionOf(span), 100);
  const sessionId = idOf(textAttribute(attributes, SESSION_KEYS));
  return {
    kind: 'span',
    taskId: span.traceId,
    timestamp: timestampOf([span.startNs, span.endNs], receivedAtMs),
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    ...(sessionId === null ? {} : { sessionId }),
    name: span.name.slice(0, 2_000),
    spanClass,
    startNs: span.startNs,
    endNs: span.endNs,
    latencyMs: latencyOf(span),
    agentId: idOf(agentOf(span)),
    ...(version === null ? {} : { agentVersion: version }),
    modelId: idOf(textAttribute(attributes, MODEL_KEYS.concat(WEAK_MODEL_KEYS))),
    provider: provider === null ? null : idOf(providerNameOf(provider)),
    ...verdictOf(span),
    ...spanUsageOf(attributes),
    costUsd: spanCostOf(attributes),
    toolName: toolNameOf(span, spanClass),
    toolCallId: idOf(textAttribute(attributes, TOOL_CALL_ID_KEYS)),
    timeToFirstTokenMs: firstTokenMs(attributes),
    ...(span.isParentRemote ? { remoteParent: true } : {}),
    attributes,
    resource: span.resource,
    scopeName: span.scopeName.slice(0, 500),
    ...partsOf(span),
  } satisfies Extract<Fact, { kind: 'span' }>;
}
