/** Control characters, terminal escapes, direction overrides and characters without width. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}]/gu;

/** Makes text safe inside a line or table cell of Markdown: it shows as written and does nothing. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replace(INVISIBLE, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]()#!|~]/g, '\\$&')
    .replace(/\b(https?|ftp|mailto|javascript|data):/gi, '$1&#58;')
    .replace(/\b(www)\./gi, '$1&#46;')
    .replace(/@/g, '&#64;');
}

/** Puts text in a fenced block whose fence is longer than any run of backticks in the text. */
export function fencedBlock(text: string, language: string): string {
  const clean = text.replace(/\r\n?/g, '\n').replace(INVISIBLE, '');
  const longest = Math.max(2, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${clean}\n${fence}`;
}
