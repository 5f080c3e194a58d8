import {
  EVALUATION_EVENT,
  type EvaluationReading,
  evaluationFactOf,
  evaluationOfEvent,
  evaluationsOfSpan,
  targetOf,
} from './evaluation-event.ts';
import type { Fact, SpanLog } from './facts.ts';
import { type Attributes, pathOf } from './otlp-attributes.ts';
import { decisionOf } from './routing-span.ts';
import { msOfNs } from './span-fact.ts';
import { executionsOf } from './trace-execution.ts';

/** The only link of an evaluator's span names its target; parentage never does. */
function targetIdsOf(
  span: SpanLog,
  reading: EvaluationReading,
): { readonly traceId: string; readonly spanId: string | null } {
  const link = span.spanClass === 'evaluator' && span.links?.length === 1 ? span.links[0] : null;
  const traceId = pathOf(link, 'traceId');
  const spanId = pathOf(link, 'spanId');
  const isSpan = reading.scope === 'span';
  if (typeof traceId === 'string' && traceId !== '') {
    return { traceId, spanId: isSpan && typeof spanId === 'string' ? spanId : null };
  }
  return { traceId: span.traceId, spanId: isSpan ? span.spanId : null };
}

interface Evented {
  readonly name: unknown;
  readonly attributes: Attributes;
  readonly timestamp: number;
}

function eventsOf(span: SpanLog): Evented[] {
  return (span.events ?? []).flatMap((event) => {
    const attributes = pathOf(event, 'attributes');
    if (typeof attributes !== 'object' || attributes === null) return [];
    const timeNs = pathOf(event, 'timeNs');
    const isTime = typeof timeNs === 'string' && /^\d+$/.test(timeNs);
    return [
      {
        name: pathOf(event, 'name'),
        attributes: attributes as Attributes,
        timestamp: isTime ? msOfNs(timeNs) : span.timestamp,
      },
    ];
  });
}

function evaluationsIn(span: SpanLog): Fact[] {
  const own = evaluationsOfSpan(span.attributes).map((reading) => ({
    reading,
    timestamp: span.timestamp,
  }));
  const evented = eventsOf(span).flatMap((event) => {
    const reading = event.name === EVALUATION_EVENT ? evaluationOfEvent(event.attributes) : null;
    return reading === null ? [] : [{ reading, timestamp: event.timestamp }];
  });
  return [...own, ...evented].flatMap(({ reading, timestamp }) => {
    const ids = targetIdsOf(span, reading);
    const target = targetOf(span.attributes, span.resource ?? {}, ids, timestamp);
    return target === null ? [] : [evaluationFactOf(reading, target)];
  });
}

function decisionsIn(span: SpanLog): Fact[] {
  const resource = span.resource ?? {};
  const own = decisionOf(span.attributes, resource, span.traceId, span.timestamp);
  const evented = eventsOf(span).map((event) =>
    decisionOf(event.attributes, resource, span.traceId, event.timestamp),
  );
  return [own, ...evented].filter((decision) => decision !== null);
}

/**
 * The facts that spans imply besides themselves: the execution of each trace whose root is among
 * them, evaluations on spans and their events, and routing decisions.
 */
export function impliedFactsOf(spans: readonly SpanLog[]): Fact[] {
  return [...spans.flatMap(decisionsIn), ...executionsOf(spans), ...spans.flatMap(evaluationsIn)];
}
