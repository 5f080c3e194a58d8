import { invalidEvaluation } from './evaluation-format.ts';

/** An element of an XML document; the text in it is left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
}

const MOST_DEPTH = 100;
const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/**
 * Reads the elements of an XML document of others. Document types, and with them entities of one's
 * own and files of others, are refused, and so is all that is not well-formed. Throws AssayError
 * `scorecard.invalid`.
 */
export function readXml(text: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open: XmlElement[] = [root];
  const source = text.replace(/^\ufeff/, '');
  let at = 0;
  for (;;) {
    const start = source.indexOf('<', at);
    if (start < 0) break;
    if (source.startsWith('<!--', start)) at = after(source, '-->', start);
    else if (source.startsWith('<![CDATA[', start)) at = after(source, ']]>', start);
    else if (source.startsWith('<?', start)) at = after(source, '?>', start);
    else if (source.startsWith('<!', start)) {
      throw invalidEvaluation('XML with a document type is not read');
    } else at = readTag(source, start, open);
  }
  const [first] = root.children;
  if (open.length !== 1 || first === undefined || root.children.length !== 1) {
    throw invalidEvaluation('the XML is not well-formed: it does not hold one closed element');
  }
  return first;
}

function after(source: string, end: string, from: number): number {
  const found = source.indexOf(end, from);
  if (found < 0) throw invalidEvaluation(`the XML is not well-formed: ${end} is missing`);
  return found + end.length;
}

const TAG =
  /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

function readTag(source: string, start: number, open: XmlElement[]): number {
  TAG.lastIndex = start;
  const found = TAG.exec(source);
  if (found === null) throw invalidEvaluation(`the XML is not well-formed at character ${start}`);
  const [whole, end = '', name = '', attributes = '', empty = ''] = found;
  if (end === '/') {
    if (open.length < 2 || open.pop()?.name !== name) {
      throw invalidEvaluation(`the XML is not well-formed: </${name}> closes nothing`);
    }
  } else {
    const element: XmlElement = { name, attributes: attributesOf(attributes), children: [] };
    open.at(-1)?.children.push(element);
    if (empty === '') open.push(element);
    if (open.length > MOST_DEPTH) throw invalidEvaluation('the XML is nested too deep');
  }
  return start + whole.length;
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(ATTRIBUTE)].map(
    ([, name = '', double, single]) => [name, unescaped(double ?? single ?? '')] as const,
  );
  return Object.fromEntries(pairs);
}

function unescaped(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w+);/gi, (whole, word: string) => {
    if (word[0] !== '#') return NAMED[word] ?? whole;
    const code = Number(/^#x/i.test(word) ? `0x${word.slice(2)}` : word.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
