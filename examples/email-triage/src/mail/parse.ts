import { decodeCharset, decodeHeaderWords, decodeTransfer, stripHtml } from './decode.ts';

/** What an agent may see of a mail: never its other headers, which hold the answers. */
export interface MailContent {
  readonly subject: string;
  /** Decoded, readable text of all text parts. */
  readonly body: string;
  /** `type/subtype`, lower case. */
  readonly contentType: string;
  readonly hasHtml: boolean;
  /** Number of attached files. Their content is not decoded. */
  readonly attachments: number;
}

/** A mail as parsed: what agents see, and what the experiment itself needs. */
export interface ParsedMail extends MailContent {
  readonly isReply: boolean;
  /** Sending time, ms since 1970 UTC; null when the header has no usable date. */
  readonly dateMs: number | null;
  /** Local part of the sender is `rssfeeds`: mail from a robot that turns feeds into mail. */
  readonly isFromFeedRobot: boolean;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

interface Found {
  readonly texts: string[];
  hasHtml: boolean;
  attachments: number;
}

const MAX_DEPTH = 6;
const EARLIEST = Date.UTC(1995, 0, 1);
const LATEST = Date.UTC(2003, 7, 1);

function headerEnd(bytes: Buffer): { head: number; body: number } {
  const unix = bytes.indexOf('\n\n');
  const dos = bytes.indexOf('\r\n\r\n');
  if (dos !== -1 && (unix === -1 || dos < unix)) return { head: dos, body: dos + 4 };
  return unix === -1 ? { head: bytes.length, body: bytes.length } : { head: unix, body: unix + 2 };
}

function splitPart(bytes: Buffer): Part {
  const startsEmpty = bytes[0] === 10 || (bytes[0] === 13 && bytes[1] === 10);
  const { head, body } = startsEmpty
    ? { head: 0, body: bytes[0] === 10 ? 1 : 2 }
    : headerEnd(bytes);
  const headers = new Map<string, string>();
  const unfolded = bytes
    .subarray(0, head)
    .toString('latin1')
    .replace(/\r?\n[ \t]+/g, ' ');
  for (const line of unfolded.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: bytes.subarray(body) };
}

function parameterOf(value: string, name: string): string {
  const match = new RegExp(`(?:^|[;\\s])${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(value);
  return match?.[1] ?? match?.[2] ?? '';
}

function typeOf(part: Part): string {
  const value = part.headers.get('content-type') ?? '';
  return (value.split(';')[0] ?? '').trim().toLowerCase() || 'text/plain';
}

function childParts(body: Uint8Array, boundary: string): Buffer[] {
  const text = Buffer.from(body).toString('latin1');
  const pieces = `\n${text}`.split(`\n--${boundary}`).slice(1);
  const children: Buffer[] = [];
  for (const piece of pieces) {
    if (piece.startsWith('--')) break;
    const lineEnd = piece.indexOf('\n');
    if (lineEnd !== -1) children.push(Buffer.from(piece.slice(lineEnd + 1), 'latin1'));
  }
  return children;
}

function isAttachment(part: Part, type: string): boolean {
  const disposition = part.headers.get('content-disposition') ?? '';
  if (/^\s*attachment/i.test(disposition)) return true;
  return (
    !type.startsWith('text/') && !type.startsWith('multipart/') && !type.startsWith('message/')
  );
}

function collect(part: Part, found: Found, depth: number): void {
  const type = typeOf(part);
  const value = part.headers.get('content-type') ?? '';
  const boundary = parameterOf(value, 'boundary');
  if (type.startsWith('multipart/') && boundary !== '' && depth < MAX_DEPTH) {
    for (const child of childParts(part.body, boundary)) {
      collect(splitPart(child), found, depth + 1);
    }
    return;
  }
  if (type === 'message/rfc822' && depth < MAX_DEPTH) {
    collect(splitPart(Buffer.from(part.body)), found, depth + 1);
    return;
  }
  if (depth > 0 && isAttachment(part, type)) {
    found.attachments += 1;
    return;
  }
  const encoding = part.headers.get('content-transfer-encoding') ?? '';
  const text = decodeCharset(decodeTransfer(part.body, encoding), parameterOf(value, 'charset'));
  const isHtml = type === 'text/html';
  if (isHtml) found.hasHtml = true;
  found.texts.push(isHtml ? stripHtml(text) : text);
}

function dateOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const plain = header.replace(/\([^)]*\)/g, ' ').trim();
  for (const text of [header, plain]) {
    const ms = new Date(text).getTime();
    if (ms >= EARLIEST && ms < LATEST) return ms;
  }
  return null;
}

/**
 * Parses the original bytes of one mail: an optional mbox `From ` line, headers, and all text
 * parts decoded (quoted-printable, base64, charset, HTML to text). Attachments are only counted.
 */
export function parseMail(bytes: Uint8Array): ParsedMail {
  let buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.subarray(0, 5).toString('latin1') === 'From ') {
    buffer = buffer.subarray(buffer.indexOf(10) + 1);
  }
  const whole = splitPart(buffer);
  const found: Found = { texts: [], hasHtml: false, attachments: 0 };
  collect(whole, found, 0);
  const subject = decodeHeaderWords(whole.headers.get('subject') ?? '');
  return {
    subject,
    body: found.texts.join('\n'),
    contentType: typeOf(whole),
    hasHtml: found.hasHtml,
    attachments: found.attachments,
    isReply: /^\s*re:/i.test(subject) || whole.headers.has('in-reply-to'),
    dateMs: dateOf(whole.headers.get('date')),
    isFromFeedRobot: /(?:^|[<\s"])rssfeeds@/i.test(whole.headers.get('from') ?? ''),
  };
}

/** Text by which two mails count as the same: the body with white space normalised. */
export function sameTextKey(body: string): string {
  return body.replace(/\s+/g, ' ').trim();
}
