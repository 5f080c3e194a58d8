import type { SpanLog } from './facts.ts';
import { type Attributes, jsonAttribute, pathOf, textAttribute } from './otlp-attributes.ts';

/** Longest prompt or response that is copied to an execution, in characters. */
const MAX_CONTENT = 100_000;

const INPUT_MESSAGES: readonly string[] = [
  'gen_ai.input.messages',
  'gen_ai.prompt',
  'ai.prompt.messages',
  'pydantic_ai.all_messages',
];
const INPUT_TEXTS: readonly string[] = [
  'input.value',
  'ai.prompt',
  'langfuse.trace.input',
  'langfuse.observation.input',
  'traceloop.entity.input',
  'mlflow.spanInputs',
  'gen_ai.prompt.0.content',
  'llm.input_messages.0.message.content',
];
const OUTPUT_MESSAGES: readonly string[] = ['gen_ai.output.messages', 'gen_ai.completion'];
const OUTPUT_TEXTS: readonly string[] = [
  'output.value',
  'final_result',
  'ai.response.text',
  'ai.response.object',
  'langfuse.trace.output',
  'langfuse.observation.output',
  'traceloop.entity.output',
  'mlflow.spanOutputs',
  'gen_ai.completion.0.content',
  'llm.output_messages.0.message.content',
];

/** Text of one message: plain content, or its text parts. */
function textOfMessage(message: unknown): string {
  const content = pathOf(message, 'content') ?? pathOf(message, 'parts');
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) =>
      typeof part === 'string' ? part : (pathOf(part, 'content') ?? pathOf(part, 'text')),
    )
    .filter((text) => typeof text === 'string')
    .join('\n');
}

/** The last message with text, of the role if one is named; bare text stands for itself. */
function lastMessage(value: unknown, role: string | null): string | null {
  const messages = jsonAttribute(value);
  if (!Array.isArray(messages)) return typeof value === 'string' && value !== '' ? value : null;
  for (const message of messages.toReversed()) {
    const isWanted = role === null || pathOf(message, 'role') === role;
    const text = isWanted ? textOfMessage(message) : '';
    if (text !== '') return text;
  }
  return null;
}

function contentOf(
  attributes: Attributes,
  messages: readonly string[],
  texts: readonly string[],
  role: string | null,
): string | null {
  for (const key of messages) {
    const text = attributes[key] === undefined ? null : lastMessage(attributes[key], role);
    if (text !== null) return text.slice(0, MAX_CONTENT);
  }
  return textAttribute(attributes, texts)?.slice(0, MAX_CONTENT) ?? null;
}

/** Attributes of a span and of its events: messages may be in either. */
function* sourcesOf(span: SpanLog): Generator<Attributes> {
  yield span.attributes;
  for (const event of span.events ?? []) {
    const attributes = pathOf(event, 'attributes');
    if (typeof attributes === 'object' && attributes !== null) yield attributes as Attributes;
  }
}

/** What the span was asked: the last message of the user, or the plain input. */
export function promptOf(span: SpanLog): string | null {
  for (const source of sourcesOf(span)) {
    const text = contentOf(source, INPUT_MESSAGES, INPUT_TEXTS, 'user');
    if (text !== null) return text;
  }
  return null;
}

/** What the span answered: the last message, or the plain output. */
export function responseOf(span: SpanLog): string | null {
  for (const source of sourcesOf(span)) {
    const text = contentOf(source, OUTPUT_MESSAGES, OUTPUT_TEXTS, null);
    if (text !== null) return text;
  }
  return null;
}

/** Names of the tools that the answer of a model asks for. */
export function requestedTools(span: SpanLog): string[] {
  const messages = jsonAttribute(span.attributes['gen_ai.output.messages'] ?? null);
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((message: unknown) => {
    const parts = pathOf(message, 'parts');
    if (!Array.isArray(parts)) return [];
    return parts.flatMap((part: unknown) => {
      const name = pathOf(part, 'type') === 'tool_call' ? pathOf(part, 'name') : null;
      return typeof name === 'string' && name !== '' ? [name] : [];
    });
  });
}
