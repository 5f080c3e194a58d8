import { findFences } from './fences.ts';

/** A response taken apart into what was answered and what was thought aloud. */
export interface SplitResponse {
  readonly answer: string;
  /** Null when there was no reasoning. */
  readonly reasoning: string | null;
  /** A think tag was opened and never closed: what follows it is reasoning, not answer. */
  readonly isUnclosed: boolean;
}

const TAG = /<(\/?)(?:think|thinking|thought|reasoning|reflection|scratchpad)>/gi;

/**
 * Takes reasoning in think tags (`<think>`, `<thinking>`, `<reasoning>` and the like) out of a
 * response and joins it with reasoning that came apart. A closing tag without an opening one ends
 * reasoning that began with the response, as some chat templates have it. Tags inside fenced code
 * are text.
 */
export function splitReasoning(response: string, reasoning?: string | null): SplitResponse {
  const thoughts = reasoning == null ? [] : [reasoning];
  const kept: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { index, end, isClosing } of tagsOutsideCode(response)) {
    const before = response.slice(from, index);
    from = end;
    if (isClosing && depth === 0) thoughts.push(kept.splice(0).join(''), before);
    else (depth > 0 ? thoughts : kept).push(before);
    depth = isClosing ? Math.max(0, depth - 1) : depth + 1;
  }
  (depth > 0 ? thoughts : kept).push(response.slice(from));
  const spoken = thoughts.map((text) => text.trim()).filter((text) => text !== '');
  return {
    answer: kept.join('').trim(),
    reasoning: spoken.length > 0 ? spoken.join('\n\n') : null,
    isUnclosed: depth > 0,
  };
}

interface Tag {
  readonly index: number;
  readonly end: number;
  readonly isClosing: boolean;
}

function tagsOutsideCode(text: string): Tag[] {
  const fences = text.includes('<') ? findFences(text) : [];
  let next = 0;
  return [...text.matchAll(TAG)].flatMap((match) => {
    while ((fences[next]?.end ?? Number.POSITIVE_INFINITY) <= match.index) next++;
    if ((fences[next]?.start ?? Number.POSITIVE_INFINITY) <= match.index) return [];
    const [found, slash] = match;
    return [{ index: match.index, end: match.index + found.length, isClosing: slash === '/' }];
  });
}
