import type { SpanLog } from './facts.ts';
import {
  type Attributes,
  MODEL_KEYS,
  TOOL_CALL_ID_KEYS,
  TOOL_NAME_KEYS,
  textAttribute,
} from './otlp-attributes.ts';

/** What a span is. */
export type SpanClass = SpanLog['spanClass'];

type Table = ReadonlyMap<string, SpanClass>;

/** `span` and `event` say nothing: the SDK sends them for whatever has no type. */
const LANGFUSE: Table = new Map([
  ['generation', 'inference'],
  ['embedding', 'inference'],
  ['agent', 'agent'],
  ['tool', 'tool'],
  ['retriever', 'retrieval'],
  ['evaluator', 'evaluator'],
  ['chain', 'other'],
  ['guardrail', 'other'],
]);

const OPENINFERENCE: Table = new Map([
  ['LLM', 'inference'],
  ['EMBEDDING', 'inference'],
  ['AGENT', 'agent'],
  ['TOOL', 'tool'],
  ['RETRIEVER', 'retrieval'],
  ['RERANKER', 'retrieval'],
  ['EVALUATOR', 'evaluator'],
  ['CHAIN', 'other'],
  ['GUARDRAIL', 'other'],
  ['PROMPT', 'other'],
]);

const GEN_AI: Table = new Map([
  ['chat', 'inference'],
  ['generate_content', 'inference'],
  ['text_completion', 'inference'],
  ['embeddings', 'inference'],
  ['retrieval', 'retrieval'],
  ['rerank', 'retrieval'],
  ['execute_tool', 'tool'],
  ['invoke_agent', 'agent'],
  ['invoke_workflow', 'agent'],
  ['create_agent', 'other'],
  ['agent_step', 'other'],
  ['plan', 'other'],
]);

const GENKIT: Table = new Map([
  ['model', 'inference'],
  ['embedder', 'inference'],
  ['tool', 'tool'],
  ['flow', 'agent'],
  ['agent', 'agent'],
  ['retriever', 'retrieval'],
  ['reranker', 'retrieval'],
  ['evaluator', 'evaluator'],
]);

const TRACELOOP: Table = new Map([
  ['workflow', 'agent'],
  ['agent', 'agent'],
  ['tool', 'tool'],
  ['task', 'other'],
]);

function lookUp(table: Table, attributes: Attributes, key: string): SpanClass | undefined {
  return table.get(textAttribute(attributes, [key]) ?? '');
}

/**
 * Only the inner `do*` spans of the AI SDK call a model; the outer ones repeat their totals, as the
 * root of an agent does.
 */
function aiSdkClass(attributes: Attributes): SpanClass | undefined {
  const operation =
    textAttribute(attributes, ['ai.operationId']) ??
    textAttribute(attributes, ['operation.name'])?.split(' ', 1)[0] ??
    '';
  if (!operation.startsWith('ai.')) return undefined;
  if (operation === 'ai.toolCall') return 'tool';
  if (/\.do(Generate|Stream|Embed)$/.test(operation)) return 'inference';
  return /^ai\.(generate|stream|embed)/.test(operation) ? 'agent' : undefined;
}

function genkitClass(attributes: Attributes): SpanClass | undefined {
  return (
    lookUp(GENKIT, attributes, 'genkit:metadata:subtype') ??
    lookUp(GENKIT, attributes, 'genkit:type')
  );
}

/** Says what a span is; the first rule that fits wins, and empty texts count as absent. */
export function spanClassOf(attributes: Attributes): SpanClass {
  const stated =
    lookUp(LANGFUSE, attributes, 'langfuse.observation.type') ??
    lookUp(OPENINFERENCE, attributes, 'openinference.span.kind') ??
    lookUp(GEN_AI, attributes, 'gen_ai.operation.name') ??
    genkitClass(attributes) ??
    aiSdkClass(attributes) ??
    lookUp(TRACELOOP, attributes, 'traceloop.span.kind');
  if (stated !== undefined) return stated;
  if (textAttribute(attributes, TOOL_NAME_KEYS.concat(TOOL_CALL_ID_KEYS)) !== null) return 'tool';
  if (textAttribute(attributes, MODEL_KEYS) !== null) return 'inference';
  return textAttribute(attributes, ['gen_ai.agent.name', 'agent_name']) === null
    ? 'other'
    : 'agent';
}
