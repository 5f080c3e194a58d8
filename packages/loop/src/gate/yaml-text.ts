import type { Json } from '../record/canonical-json.ts';

/**
 * Writes a value as a block of YAML that YAML 1.1 and 1.2 readers take alike: every string is
 * double quoted, so that no version, date or `no` turns into something else. `indent` is the number
 * of leading spaces.
 */
export function yamlBlock(value: { readonly [key: string]: Json | undefined }, indent = 0): string {
  const pad = ' '.repeat(indent);
  const lines: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) lines.push(`${pad}${yamlKey(key)}:${yamlMember(member, indent + 2)}`);
  }
  return lines.join('\n');
}

function yamlMember(value: Json, indent: number): string {
  if (value === null || typeof value !== 'object') return ` ${yamlScalar(value)}`;
  if (isList(value)) {
    if (value.length === 0) return ' []';
    const pad = ' '.repeat(indent);
    return `\n${value.map((item) => `${pad}-${yamlItem(item, indent + 2)}`).join('\n')}`;
  }
  return Object.keys(value).length === 0 ? ' {}' : `\n${yamlBlock(value, indent)}`;
}

function yamlItem(value: Json, indent: number): string {
  if (value === null || typeof value !== 'object') return ` ${yamlScalar(value)}`;
  if (isList(value)) return ` [${value.map((item) => yamlFlow(item)).join(', ')}]`;
  return Object.keys(value).length === 0 ? ' {}' : ` ${yamlBlock(value, indent).trimStart()}`;
}

/** JSON is flow-style YAML once its strings are escaped for YAML. */
function yamlFlow(value: Json): string {
  return value === null || typeof value !== 'object' ? yamlScalar(value) : JSON.stringify(value);
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

function yamlKey(key: string): string {
  const isPlain =
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(key);
  return isPlain ? key : yamlScalar(key);
}

function yamlScalar(value: null | boolean | number | string): string {
  if (typeof value === 'string') return yamlString(value);
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) throw new RangeError(`not a number for a card: ${value}`);
  const text = JSON.stringify(value);
  // YAML 1.1 reads 1e-7 as text; 1.0e-7 is a number to everyone.
  return text.includes('.') ? text : text.replace('e', '.0e');
}

function yamlString(text: string): string {
  const escaped = (unit: string): string =>
    `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped);
}
