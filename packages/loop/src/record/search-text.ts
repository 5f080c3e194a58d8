import type { EvaluationOutcomeLog, ExecutionMetricsLog, Fact, SpanLog } from './facts.ts';

/** Longest text that is indexed per fact, in characters. */
export const MAX_SEARCH_CHARACTERS = 100_000;

/** Attributes of a span that hold what was said, in the dialects that are read. */
const CONTENT_KEYS: readonly string[] = [
  'gen_ai.system_instructions',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'input.value',
  'output.value',
  'ai.prompt',
  'ai.prompt.messages',
  'ai.response.text',
  'ai.toolCall.args',
  'ai.toolCall.result',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'traceloop.entity.input',
  'traceloop.entity.output',
];

type Parts = readonly (string | null | undefined)[];

function executionParts(fact: Omit<ExecutionMetricsLog, 'taskId' | 'timestamp'>): Parts {
  return [fact.prompt, fact.response, fact.reasoning, fact.failureReason];
}

function evaluationParts(fact: Pick<EvaluationOutcomeLog, 'unscoredReason'>): Parts {
  return [fact.unscoredReason];
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function spanParts(fact: SpanLog): Parts {
  const own = Object.entries(fact.attributes).flatMap(([key, value]) =>
    CONTENT_KEYS.includes(key) ||
    /^(gen_ai\.(prompt|completion)|llm\.(in|out)put_messages)\.\d/.test(key)
      ? [textOf(value)]
      : [],
  );
  return [fact.name, fact.failureReason, ...own];
}

function partsOf(fact: Fact): Parts {
  switch (fact.kind) {
    case 'execution':
      return executionParts(fact);
    case 'evaluation':
      return evaluationParts(fact);
    case 'task':
      return [
        ...executionParts(fact.execution),
        ...(fact.evaluation ? evaluationParts(fact.evaluation) : []),
      ];
    case 'rating':
      return [fact.label, fact.comment];
    case 'tool-call':
      return [fact.failureReason, textOf(fact.arguments), textOf(fact.result)];
    case 'feedback':
      return [...(fact.trainingNeeds ?? []), ...(fact.strengthAreas ?? [])];
    case 'span':
      return spanParts(fact);
    default:
      return [];
  }
}

/**
 * The text of a fact that full-text search covers (prompt, response, reasons, labels, comments), or
 * null when it has none. NUL becomes a space and the text is cut at {@link MAX_SEARCH_CHARACTERS}.
 */
export function searchTextOf(fact: Fact): string | null {
  const parts = partsOf(fact).filter((part) => part !== null && part !== undefined && part !== '');
  if (parts.length === 0) return null;
  return parts.join('\n').replaceAll('\0', ' ').slice(0, MAX_SEARCH_CHARACTERS);
}
