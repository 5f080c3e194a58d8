/** Gives equal sequences of integers the same number: 0, 1, 2, ... in order of first sight. */
export interface SequenceInterner {
  /** Number of the sequence `values[0 .. length - 1]`. */
  intern(values: Int32Array, length: number): number;
  /** How many distinct sequences there are. */
  count(): number;
}

const INITIAL_SLOTS = 1 << 12;

/**
 * An interner by open addressing. Sequences are compared in full, so two different ones never get
 * the same number, whatever their hashes are.
 */
export function createSequenceInterner(): SequenceInterner {
  let slots = new Int32Array(INITIAL_SLOTS).fill(-1);
  let hashes = new Int32Array(INITIAL_SLOTS);
  let starts = new Int32Array(INITIAL_SLOTS);
  let pool = new Int32Array(INITIAL_SLOTS * 4);
  let count = 0;
  let used = 0;

  function isSame(id: number, values: Int32Array, length: number): boolean {
    const start = starts[id] ?? 0;
    const end = id + 1 < count ? (starts[id + 1] ?? 0) : used;
    if (end - start !== length) return false;
    for (let i = 0; i < length; i++) if (pool[start + i] !== values[i]) return false;
    return true;
  }

  function growSlots(): void {
    slots = new Int32Array(slots.length * 2).fill(-1);
    for (let id = 0; id < count; id++) {
      let slot = (hashes[id] ?? 0) & (slots.length - 1);
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = id;
    }
  }

  function add(hash: number, slot: number, values: Int32Array, length: number): number {
    const id = count++;
    if (id >= starts.length) {
      starts = grown(starts, id + 1);
      hashes = grown(hashes, id + 1);
    }
    if (used + length > pool.length) pool = grown(pool, used + length);
    starts[id] = used;
    hashes[id] = hash;
    for (let i = 0; i < length; i++) pool[used + i] = values[i] ?? 0;
    used += length;
    slots[slot] = id;
    if (count * 2 > slots.length) growSlots();
    return id;
  }

  return {
    count: () => count,
    intern(values, length) {
      const hash = hashOf(values, length);
      let slot = hash & (slots.length - 1);
      for (;;) {
        const id = slots[slot] ?? -1;
        if (id < 0) return add(hash, slot, values, length);
        if (hashes[id] === hash && isSame(id, values, length)) return id;
        slot = (slot + 1) & (slots.length - 1);
      }
    },
  };
}

function grown(array: Int32Array<ArrayBuffer>, atLeast: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(atLeast, array.length * 2));
  larger.set(array);
  return larger;
}

/** Mixes the values as MurmurHash3 does, without its tail. */
function hashOf(values: Int32Array, length: number): number {
  let hash = length;
  for (let i = 0; i < length; i++) {
    let value = Math.imul(values[i] ?? 0, 0xcc9e2d51);
    value = (value << 15) | (value >>> 17);
    hash ^= Math.imul(value, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
