/** Answer and visible reasoning of a chat message. */
export interface ReadMessage {
  /** Null when the message has no text, for instance one that only calls tools. */
  readonly response: string | null;
  readonly reasoning: string | null;
}

const REASONING_FIELDS = ['reasoning_content', 'reasoning', 'thinking'] as const;

/**
 * Reads a message of an assistant as the common interfaces have it: `content` as text or as parts
 * of type `text`, `thinking` and `reasoning`; reasoning beside it in `reasoning_content`, `reasoning`
 * or `thinking`. Think tags inside the text are left for scoring to take out. Nothing is made up:
 * content that is missing or null gives a null response, which is not to be scored as empty.
 */
export function readChatMessage(message: Readonly<Record<string, unknown>>): ReadMessage {
  const content = message['content'];
  const texts: string[] = [];
  const thoughts: string[] = [];
  for (const part of Array.isArray(content) ? content : [content]) {
    if (typeof part === 'string') texts.push(part);
    else if (isRecord(part)) readPart(part, texts, thoughts);
  }
  for (const field of REASONING_FIELDS) {
    const value = message[field];
    if (typeof value === 'string') thoughts.push(value);
  }
  return {
    response: texts.length > 0 ? texts.join('') : null,
    reasoning: thoughts.length > 0 ? thoughts.join('\n\n') : null,
  };
}

function readPart(
  part: Readonly<Record<string, unknown>>,
  texts: string[],
  thoughts: string[],
): void {
  const text = part['text'] ?? part['thinking'];
  if (typeof text !== 'string') return;
  if (part['type'] === 'thinking' || part['type'] === 'reasoning') thoughts.push(text);
  else if (part['type'] === 'text' || part['type'] === 'output_text') texts.push(text);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
