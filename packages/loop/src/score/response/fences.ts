/** A fenced block of Markdown. */
export interface Fence {
  /** First character of the opening line. */
  readonly start: number;
  /** One past the last character of the closing line, or the end of the text. */
  readonly end: number;
  /** First word after the opening fence, lower case. */
  readonly language: string;
  readonly code: string;
  readonly isClosed: boolean;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Fenced blocks in order. One pass over the lines, whatever the text. */
export function findFences(text: string): Fence[] {
  if (!text.includes('```') && !text.includes('~~~')) return [];
  const fences: Fence[] = [];
  let open: { start: number; mark: string; language: string; from: number } | null = null;
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const mark = FENCE.exec(text.slice(start, Math.min(end, start + 200)))?.[1];
    if (open === null && mark !== undefined) {
      const rest = text.slice(start, end).trim().slice(mark.length).trim();
      const language = /^[\w+#.-]{1,20}/.exec(rest)?.[0].toLowerCase() ?? '';
      open = { start, mark, language, from: Math.min(end + 1, text.length) };
    } else if (open !== null && mark !== undefined && closes(mark, open.mark)) {
      fences.push({ ...spanOf(text, open, start), end, isClosed: true });
      open = null;
    }
    start = end + 1;
  }
  if (open !== null) {
    fences.push({ ...spanOf(text, open, text.length), end: text.length, isClosed: false });
  }
  return fences;
}

function closes(mark: string, opening: string): boolean {
  return mark[0] === opening[0] && mark.length >= opening.length;
}

function spanOf(
  text: string,
  open: { readonly start: number; readonly language: string; readonly from: number },
  to: number,
): { start: number; language: string; code: string } {
  return { start: open.start, language: open.language, code: text.slice(open.from, to) };
}
