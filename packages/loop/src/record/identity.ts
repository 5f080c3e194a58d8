import { FACT_KINDS, type Fact } from './facts.ts';

/** What tells apart several facts of one kind within a task; undefined when nothing does. */
function keyOf(fact: Fact): string | undefined {
  switch (fact.kind) {
    case 'feedback': {
      const range = `${fact.timeRange.start}-${fact.timeRange.end}`;
      return fact.factKey === undefined ? range : `${range}\0${fact.factKey}`;
    }
    case 'span':
      return fact.spanId;
    case 'turn':
      return fact.factKey ?? String(fact.turnNumber);
    case 'tool-call':
      return fact.factKey ?? fact.callId ?? fact.toolName;
    case 'rating':
      return fact.factKey ?? fact.source;
    default:
      return fact.factKey;
  }
}

function subjectOf(fact: Fact): string {
  if (fact.kind === 'feedback') return `${fact.agentId}@${fact.agentVersion ?? ''}`;
  return fact.kind === 'span' ? fact.traceId : fact.taskId;
}

/**
 * What makes a fact the same fact when it is sent again, as text: subject and kind number, and
 * attempt and key where a task can hold several facts of the kind. Parts are joined by NUL.
 */
export function identityOf(fact: Fact): string {
  const base = `${subjectOf(fact)}\0${FACT_KINDS[fact.kind]}`;
  const attempt = fact.kind === 'feedback' || fact.kind === 'span' ? 1 : (fact.attempt ?? 1);
  const key = keyOf(fact);
  if (attempt === 1 && key === undefined) return base;
  return `${base}\0${attempt}\0${key ?? ''}`;
}
