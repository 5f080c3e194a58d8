import { hasIbanChecksum, hasLuhnChecksum } from './checksums.ts';
import type { Finding, FindingType } from './finding.ts';
import { SECRET_RULES } from './secret-rules.ts';

/** Name and version of the built-in detector, for manifests and reports. */
export const DETECTOR_NAME = 'assay-structured/1';

interface PiiRule {
  readonly type: FindingType;
  readonly pattern: RegExp;
  readonly isValid?: (match: string) => boolean;
  /** The part of a match that holds; null when none does. */
  readonly validPart?: (match: string) => string | null;
}

const PII_RULES: readonly PiiRule[] = [
  {
    type: 'email',
    pattern:
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}_%+-][\p{L}\p{N}._%+-]{0,63}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,24}/gu,
  },
  {
    type: 'iban',
    pattern:
      /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)(?![A-Za-z0-9])/g,
    validPart: validIban,
  },
  {
    type: 'card',
    pattern: /(?<![\d.-])\d(?:[ -]?\d){11,18}(?![\d.]\d|\d|-\d)/g,
    isValid: (match) => hasLuhnChecksum(match) && !/^0/.test(match),
  },
  {
    type: 'ssn',
    pattern: /(?<![\d-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])/g,
  },
  {
    type: 'ip-address',
    pattern: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)/g,
    isValid: isIpV4,
  },
  {
    type: 'ip-address',
    pattern:
      /(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}(?![\w:])/gi,
  },
  {
    type: 'phone',
    pattern: /(?<![\w+.,:-])0\d{1,4}(?:[ .-]\d{2,7}){1,4}(?![\w:-]|\.\d)/g,
    isValid: hasPhoneLength,
  },
  {
    type: 'phone',
    pattern: /(?<![\w+.,:-])\d{2}([ .-])\d{2}\1\d{2}\1\d{2}(?![\w:-]|\.\d)/g,
  },
  {
    type: 'phone',
    pattern:
      /(?<![\w+.-])(?:\+|00)\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}(?: ?x\d{1,6})?(?![\w-])/g,
    isValid: hasPhoneLength,
  },
  {
    type: 'phone',
    pattern:
      /(?<![\w+.-])(?:1[ .-])?(?:\(\d{2,5}\) ?|\d{3}[ .-])\d{3,4}[ .-]\d{3,4}(?: ?x\d{1,6})?(?![\w-])/g,
    isValid: hasPhoneLength,
  },
];

/**
 * Finds secrets in provider formats and structured personal data: e-mail, cards (Luhn), IBAN
 * (modulo 97), US social security numbers, IP addresses, phone numbers. Names and addresses in
 * prose are not found. Overlaps go to the more serious, then the longer finding.
 */
export function detectFindings(text: string): readonly Finding[] {
  const found: Finding[] = [...secretsIn(text), ...piiIn(text)];
  found.sort(
    (a, b) => rank(a) - rank(b) || b.end - b.start - (a.end - a.start) || a.start - b.start,
  );
  const taken = new Uint8Array(text.length);
  const kept = found.filter(({ start, end }) => {
    if (taken.subarray(start, end).includes(1)) return false;
    taken.fill(1, start, end);
    return true;
  });
  return kept.sort((a, b) => a.start - b.start);
}

/**
 * Finds secrets and personal data in every string of a JSON value. Strings are scanned decoded,
 * once by themselves and once behind their key, so that `{"password": ...}` is seen. Offsets of
 * the findings are within their string; `path` names it.
 */
export function findingsInValue(
  value: unknown,
  path = '$',
  key = '',
): readonly (Finding & { readonly path: string })[] {
  if (typeof value === 'string') return leafFindings(value, key).map((one) => ({ ...one, path }));
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findingsInValue(item, `${path}[${index}]`, key));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    ...detectFindings(name).map((one) => ({ ...one, path: `${path} (key)` })),
    ...findingsInValue(member, `${path}.${name}`, name),
  ]);
}

/** Replaces every finding by its type in brackets, such as `[email]`. */
export function scrubText(
  text: string,
  findings: readonly Finding[] = detectFindings(text),
): string {
  let scrubbed = '';
  let at = 0;
  for (const { start, end, type } of findings) {
    scrubbed += `${text.slice(at, start)}[${type}]`;
    at = end;
  }
  return scrubbed + text.slice(at);
}

function leafFindings(text: string, key: string): readonly Finding[] {
  const bare = detectFindings(text);
  if (bare.some(({ type }) => type === 'secret') || !/pass|secret|token|key|auth/i.test(key)) {
    return bare;
  }
  const lead = `${key}: "`;
  const keyed = secretsIn(`${lead}${text}"`)
    .filter(({ start }) => start >= lead.length)
    .map((one) => ({
      ...one,
      start: one.start - lead.length,
      end: Math.min(text.length, one.end - lead.length),
    }));
  return [...bare, ...keyed];
}

function secretsIn(text: string): readonly Finding[] {
  const lower = text.toLowerCase();
  const found: Finding[] = [];
  for (const rule of SECRET_RULES) {
    if (!rule.keywords.some((keyword) => lower.includes(keyword))) continue;
    for (const match of text.matchAll(rule.pattern)) {
      const secret = match.slice(1).find((group) => group !== undefined) ?? match[0];
      if (rule.isSecret !== undefined && !rule.isSecret(secret)) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      const end = start + secret.length;
      found.push({ type: 'secret', rule: rule.name, severity: 'error', start, end });
    }
  }
  return found;
}

function piiIn(text: string): readonly Finding[] {
  const found: Finding[] = [];
  for (const { type, pattern, isValid, validPart } of PII_RULES) {
    for (const match of text.matchAll(pattern)) {
      if (isValid !== undefined && !isValid(match[0])) continue;
      const part = validPart === undefined ? match[0] : validPart(match[0]);
      if (part === null) continue;
      const start = match.index;
      const end = start + part.length;
      found.push({ type, rule: type, severity: 'warning', start, end });
    }
  }
  return found;
}

/** An IBAN in groups runs on into the next words when these are short and in capitals. */
function validIban(match: string): string | null {
  const groups = match.split(' ');
  for (let count = groups.length; count > 0; count -= 1) {
    const part = groups.slice(0, count).join(' ');
    if (hasIbanChecksum(part)) return part;
  }
  return null;
}

const ORDER: readonly FindingType[] = [
  'secret',
  'email',
  'iban',
  'card',
  'ssn',
  'ip-address',
  'phone',
];

function rank(finding: Finding): number {
  return ORDER.indexOf(finding.type);
}

function isIpV4(text: string): boolean {
  return text.split('.').every((part) => Number(part) <= 255 && String(Number(part)) === part);
}

function hasPhoneLength(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return digits >= 8 && digits <= 20;
}
