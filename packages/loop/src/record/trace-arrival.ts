import type { SpanLog } from './facts.ts';

/** What is known of one trace when some of its spans arrive. */
export interface TraceArrival {
  /** Spans that came before. */
  readonly earlier: readonly SpanLog[];
  /** Spans that come now, together. */
  readonly arriving: readonly SpanLog[];
}

/** Whether a span begins its trace. */
export function isRootSpan(span: SpanLog): boolean {
  return !span.parentSpanId;
}

/**
 * Whether a trace can be whole with the spans that arrive. A root that comes alone is believed only
 * when it is a model call itself: an exporter that sends each span when it ends may have others of
 * the trace on the way.
 */
export function canCompleteTrace(arriving: readonly SpanLog[]): boolean {
  const root = arriving.find(isRootSpan);
  if (root === undefined) return false;
  return root.spanClass === 'inference' || arriving.some((span) => span.spanId !== root.spanId);
}

/**
 * Whether a trace looks complete with what arrives, so that its execution may be derived at once:
 * its root arrives now, for the first time and as {@link canCompleteTrace} says, and no span names a
 * parent that is not there.
 */
export function isTraceWhole({ earlier, arriving }: TraceArrival): boolean {
  if (!canCompleteTrace(arriving) || earlier.some(isRootSpan)) return false;
  const spans = [...earlier, ...arriving];
  const ids = new Set(spans.map((span) => span.spanId));
  return spans.every((span) => !span.parentSpanId || ids.has(span.parentSpanId));
}
