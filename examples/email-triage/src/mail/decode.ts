import { TextDecoder } from 'node:util';

/** Undoes quoted-printable: soft line breaks and `=XX` bytes. Takes and gives latin-1 bytes. */
export function decodeQuotedPrintable(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body)
    .toString('latin1')
    .replace(/[ \t]+(?=\r?\n)/g, '')
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(text, 'latin1');
}

/** Undoes a content transfer encoding; unknown ones are taken as plain bytes. */
export function decodeTransfer(body: Uint8Array, encoding: string): Uint8Array {
  const name = encoding.trim().toLowerCase();
  if (name === 'quoted-printable') return decodeQuotedPrintable(body);
  if (name === 'base64') return Buffer.from(Buffer.from(body).toString('latin1'), 'base64');
  return body;
}

const decoders = new Map<string, TextDecoder>();

function decoderOf(charset: string): TextDecoder {
  const known = decoders.get(charset);
  if (known !== undefined) return known;
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(charset);
  } catch {
    // Old mail names charsets that never existed; Windows-1252 reads every byte.
    decoder = new TextDecoder('windows-1252');
  }
  decoders.set(charset, decoder);
  return decoder;
}

/** Reads bytes in a charset by its mail name; an unknown charset is read as Windows-1252. */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  const name = charset.trim().toLowerCase();
  return decoderOf(name === '' || name === 'us-ascii' ? 'windows-1252' : name).decode(bytes);
}

/** Reads encoded words (`=?charset?Q?...?=`, RFC 2047) in a header value. */
export function decodeHeaderWords(value: string): string {
  return value
    .replace(/(=\?[^?\s]+\?[BbQq]\?[^?]*\?=)\s+(?==\?)/g, '$1')
    .replace(
      /=\?([^?\s]+)\?([BbQq])\?([^?]*)\?=/g,
      (_, charset: string, how: string, s: string) => {
        const bytes =
          how.toLowerCase() === 'b'
            ? Buffer.from(s, 'base64')
            : decodeQuotedPrintable(Buffer.from(s.replaceAll('_', ' '), 'latin1'));
        return decodeCharset(bytes, charset);
      },
    );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '(c)',
  reg: '(r)',
};

function entityOf(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
  const isHex = name[1] === 'x' || name[1] === 'X';
  const code = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}

/** The readable text of HTML: no comments, scripts, styles or tags; common entities decoded. */
export function stripHtml(html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(#x?[0-9a-f]{1,7}|[a-z]{2,8});?/gi, entityOf);
}
