import type { ToolCallLog } from '../record/facts.ts';

/** Reasons that blame the call and not what it set out to do. */
const MALFORMED =
  /\b(invalid|malformed|unexpected|unknown|missing|wrong|bad) (\w+ )?(arguments?|parameters?|inputs?|tools?|functions?|schemas?|json|types?|fields?)\b|\bschema (validation|mismatch)|\bvalidation (error|failed)|\b(json|syntax) ?(parse|decode)? ?error|\bno such (tool|function)\b|\b(argument|parameter|tool|function)s? (is |are |was )?(required|not found|does not exist|missing)\b/i;

/** Characters of a reason that are looked at. */
const MOST_LOOKED_AT = 1000;

/**
 * Whether a tool call was well formed: 1 yes, 0 no, null when nothing says so.
 *
 * Arguments that are a text must be JSON. A call that succeeded was well formed; one that failed
 * was not when the reason blames its arguments or the name of the tool, and was when the reason is
 * another. A failure without a reason says nothing.
 */
export function callFormat(
  call: Pick<ToolCallLog, 'arguments' | 'success' | 'failureReason'>,
): 0 | 1 | null {
  if (typeof call.arguments === 'string' && !isJson(call.arguments)) return 0;
  if (call.success === true) return 1;
  const reason = (call.failureReason ?? '').slice(0, MOST_LOOKED_AT);
  if (call.success !== false || reason === '') return null;
  return MALFORMED.test(reason) ? 0 : 1;
}

/** Whether a text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
