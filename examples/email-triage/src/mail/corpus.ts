import { createHash } from 'node:crypto';
import { kindOfMail, type MailKind } from './kind-of-mail.ts';
import { type MailContent, parseMail, sameTextKey } from './parse.ts';

/** A mail of the corpus with its truth. Text stays in this process. */
export interface Mail extends MailContent {
  /** First 16 hex digits of the SHA-256 of the corpus id: nothing of the mail can be read from it. */
  readonly id: string;
  readonly isSpam: boolean;
  readonly kind: MailKind;
  readonly dateMs: number;
  /** `YYYY-MM` in UTC. */
  readonly month: string;
  readonly sizeBytes: number;
  readonly isFromFeedRobot: boolean;
}

/** One file of the corpus: `GROUP/NNNNN.MD5.txt` and its original bytes. */
export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What reading the corpus gave, and what was left out. */
export interface ReadCorpus {
  /** In date order. */
  readonly mails: readonly Mail[];
  readonly files: number;
  readonly duplicates: number;
  readonly undated: number;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Parses the corpus: drops mails whose text was seen before and mails without a usable date, and
 * orders the rest by date. `onProgress` hears the number of files read.
 */
export function readCorpus(
  files: readonly CorpusFile[],
  onProgress: (done: number) => void = () => undefined,
): ReadCorpus {
  const seen = new Set<string>();
  const mails: Mail[] = [];
  let duplicates = 0;
  let undated = 0;
  for (const [index, file] of files.entries()) {
    if (index % 250 === 0) onProgress(index);
    const parsed = parseMail(file.bytes);
    const key = sha256(sameTextKey(parsed.body));
    if (seen.has(key)) {
      duplicates += 1;
      continue;
    }
    seen.add(key);
    if (parsed.dateMs === null) {
      undated += 1;
      continue;
    }
    mails.push({
      id: sha256(file.name).slice(0, 16),
      isSpam: file.name.startsWith('spam-'),
      kind: kindOfMail(parsed),
      dateMs: parsed.dateMs,
      month: new Date(parsed.dateMs).toISOString().slice(0, 7),
      sizeBytes: file.bytes.length,
      subject: parsed.subject,
      body: parsed.body,
      contentType: parsed.contentType,
      hasHtml: parsed.hasHtml,
      attachments: parsed.attachments,
      isFromFeedRobot: parsed.isFromFeedRobot,
    });
  }
  mails.sort((a, b) => a.dateMs - b.dateMs || (a.id < b.id ? -1 : 1));
  return { mails, files: files.length, duplicates, undated };
}
