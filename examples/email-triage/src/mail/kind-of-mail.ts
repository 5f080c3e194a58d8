import type { ParsedMail } from './parse.ts';

/** Kinds of mail, all known before an agent runs. */
export const MAIL_KINDS = [
  'multipart',
  'html',
  'plain-reply',
  'plain-short',
  'plain-long',
] as const;

/** One kind of mail. */
export type MailKind = (typeof MAIL_KINDS)[number];

const SHORT_BELOW = 800;

/** The kind of a mail; the first rule that matches wins, in the order of {@link MAIL_KINDS}. */
export function kindOfMail(mail: Pick<ParsedMail, 'contentType' | 'isReply' | 'body'>): MailKind {
  if (mail.contentType.startsWith('multipart')) return 'multipart';
  if (mail.contentType === 'text/html') return 'html';
  if (mail.isReply) return 'plain-reply';
  return mail.body.length < SHORT_BELOW ? 'plain-short' : 'plain-long';
}
