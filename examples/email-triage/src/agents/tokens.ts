import type { MailContent } from '../mail/parse.ts';

const TOKEN = /\$\s?\d[\d,.]*|\d+(?:\.\d+)?%|!+|[a-z][a-z'-]{1,24}(?![a-z'-])/g;
const BODY_CHARACTERS = 6000;

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an and are as at be been but by can could did do does for from had has have he her him his ' +
    'how if in into is it its just me my no not of on one or our out she so some than that the ' +
    'their them then there these they this to up was we were what when which who will with would ' +
    'you your about all also am any'
  ).split(' '),
);

/** The text that agents read: the subject and the first 6,000 characters of the body. */
export function agentText(mail: MailContent): string {
  return `${mail.subject}\n${mail.body.slice(0, BODY_CHARACTERS)}`;
}

function normalised(token: string): string {
  if (token.startsWith('$')) return '$N';
  if (token.endsWith('%')) return 'N%';
  return token.startsWith('!') ? token.slice(0, 3) : token;
}

const known = new WeakMap<MailContent, readonly string[]>();

/**
 * Tokens of a mail: lower-case words of 2 to 25 characters without stop words, amounts of money
 * (`$N`), percentages (`N%`) and runs of `!` (to 3). Kept per mail, since every agent reads them.
 */
export function tokensOf(mail: MailContent): readonly string[] {
  const kept = known.get(mail);
  if (kept !== undefined) return kept;
  const tokens: string[] = [];
  for (const [token] of agentText(mail).toLowerCase().matchAll(TOKEN)) {
    if (!STOP_WORDS.has(token)) tokens.push(normalised(token));
  }
  known.set(mail, tokens);
  return tokens;
}

/** How often each token occurs. */
export function countTokens(tokens: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}
