import type { Json } from '../record/canonical-json.ts';

/** A map of parsed JSON or YAML. */
export type Values = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a map. */
export function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a parsed value is a number that can be computed with. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** The value at a dotted path; undefined when a step is absent. Inherited members do not count. */
export function at(value: unknown, path: string): unknown {
  let current = value;
  for (const key of path.split('.')) {
    if (!isRecord(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

/** The maps in a list; empty when it is none. */
export function recordsOf(value: unknown): readonly Values[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The texts in a list; empty when it is none. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** A text that is not empty, or null. */
export function textOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A finite number, or what stands for none. */
export function numberOr<T>(value: unknown, other: T): number | T {
  return isFiniteNumber(value) ? value : other;
}

/** A map of JSON values; what is not JSON is left out, and so is a key that would be a prototype. */
export function jsonMapOf(value: unknown): Readonly<Record<string, Json>> {
  const map: Record<string, Json> = {};
  if (!isRecord(value)) return map;
  for (const [key, member] of Object.entries(value)) {
    if (key !== '__proto__' && isJson(member)) map[key] = member;
  }
  return map;
}

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isRecord(value) && Object.values(value).every(isJson);
}
