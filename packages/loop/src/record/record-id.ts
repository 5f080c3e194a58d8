/** SHA-256 of the UTF-8 form of a text, as lower-case hex. Given by the caller: loop has no crypto. */
export type HashHex = (text: string) => string;

/** SHA-256 of bytes, as lower-case hex. */
export type HashHexOfBytes = (bytes: Uint8Array) => string;

/** The largest time that an id can hold, ms since 1970 (48 bits). */
export const MAX_ID_TIME_MS: number = 2 ** 48 - 1;

/** Joins 48 bits of time and the rest of a hash to a UUID of version 8. */
function uuidOf(timeHex: string, hash: string): string {
  const version = `8${hash.slice(13, 16)}`;
  const variant = (0x80 | (Number.parseInt(hash.slice(16, 18), 16) & 0x3f)).toString(16);
  return `${timeHex.slice(0, 8)}-${timeHex.slice(8, 12)}-${version}-${variant}${hash.slice(18, 20)}-${hash.slice(20, 32)}`;
}

function timeHexOf(timestampMs: number): string {
  const ms = Math.min(MAX_ID_TIME_MS, Math.max(0, Math.floor(timestampMs)));
  return (Number.isFinite(ms) ? ms : 0).toString(16).padStart(12, '0');
}

/**
 * Id of a record: a UUID of version 8 whose first 48 bits are the time of the fact and whose other
 * bits are a hash of tenant and identity, so that a fact sent twice has the same id.
 *
 * @param timestampMs ms since 1970; clamped to 0..2^48-1, fractions are dropped.
 * @param identity what {@link identityOf} gives.
 */
export function recordId(
  hash: HashHex,
  tenantId: number,
  timestampMs: number,
  identity: string,
): string {
  return uuidOf(timeHexOf(timestampMs), hash(`${tenantId}\0${identity}`));
}

function bytesOfIds(ids: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * 16);
  let at = 0;
  for (const id of ids) {
    const hex = id.replaceAll('-', '');
    for (let i = 0; i < 32; i += 2) {
      bytes[at] = Number.parseInt(hex.slice(i, i + 2), 16);
      at += 1;
    }
  }
  return bytes;
}

/**
 * Id of a block of records, made from the ids in it: the same batch sent again is the same block.
 *
 * @param sortedIds record ids in ascending order, at least one.
 */
export function blockId(hash: HashHexOfBytes, sortedIds: readonly string[]): string {
  const first = sortedIds[0] ?? boundOf(0);
  return uuidOf(first.slice(0, 8) + first.slice(9, 13), hash(bytesOfIds(sortedIds)));
}

/** The smallest id of a moment (ms since 1970): bounds of a range of time over ids. */
export function boundOf(ms: number): string {
  const hex = timeHexOf(ms);
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The time within an id, ms since 1970. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * A 64-bit reference for a text within a tenant (task id, session id), as a signed decimal string.
 * `'0'` means "none" in a row and is never given.
 */
export function refOf(hash: HashHex, tenantId: number, text: string): string {
  const ref = BigInt.asIntN(64, BigInt(`0x${hash(`${tenantId}\0${text}`).slice(0, 16)}`));
  return ref === 0n ? '1' : ref.toString();
}
