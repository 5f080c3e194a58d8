/** Places left..right-1 of the first sequence against top..bottom-1 of the second. */
export interface EditBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A point of an edit path through a box: x in the first sequence, y in the second. */
export interface EditPoint {
  readonly x: number;
  readonly y: number;
  /** False when the search was cut short, so that a shorter path may exist. */
  readonly isOnShortestPath: boolean;
}

/** Stands for a diagonal that no path has reached. */
const NOT_REACHED = -0x3fffffff;

/** The sequences of a comparison, in both directions, so that one search serves both. */
export interface EditSequences {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstReversed: Int32Array;
  readonly secondReversed: Int32Array;
}

/** Puts two sequences together for `findMiddlePoint`. */
export function editSequencesOf(first: Int32Array, second: Int32Array): EditSequences {
  return {
    first,
    second,
    firstReversed: first.toReversed(),
    secondReversed: second.toReversed(),
  };
}

/** A search from one corner of the box: furthest x on each diagonal x - y. */
interface Frontier {
  readonly reach: Int32Array;
  /** Index of diagonal 0 in `reach`. */
  readonly zero: number;
  /** The sequences as seen from the corner, and where the box begins in them. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly left: number;
  readonly top: number;
}

/**
 * Middle point of a shortest edit path through a box, found from both corners at once (Myers 1986,
 * section 4b). The box must have something on both sides, and neither its first nor its last
 * elements may be equal. After `searchLimit` differences from each corner the point that got
 * furthest is given instead. The point always splits the box into two smaller ones.
 */
export function findMiddlePoint(
  { first, second, firstReversed, secondReversed }: EditSequences,
  box: EditBox,
  searchLimit: number,
): EditPoint {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const isOdd = ((width - height) & 1) !== 0;
  const forward: Frontier = {
    ...createReach(width, height, searchLimit),
    first,
    second,
    left: box.left,
    top: box.top,
  };
  const backward: Frontier = {
    ...createReach(width, height, searchLimit),
    first: firstReversed,
    second: secondReversed,
    left: first.length - box.right,
    top: second.length - box.bottom,
  };
  for (let distance = 0; distance <= searchLimit; distance++) {
    const onward = advance(forward, isOdd ? backward : null, distance, width, height);
    if (onward !== null) {
      return { x: box.left + onward.x, y: box.top + onward.y, isOnShortestPath: true };
    }
    const back = advance(backward, isOdd ? null : forward, distance, width, height);
    if (back !== null) {
      return { x: box.right - back.x, y: box.bottom - back.y, isOnShortestPath: true };
    }
  }
  const onward = furthest(forward);
  const back = furthest(backward);
  return onward.x + onward.y >= back.x + back.y
    ? { x: box.left + onward.x, y: box.top + onward.y, isOnShortestPath: false }
    : { x: box.right - back.x, y: box.bottom - back.y, isOnShortestPath: false };
}

function createReach(
  width: number,
  height: number,
  searchLimit: number,
): Pick<Frontier, 'reach' | 'zero'> {
  const below = Math.min(height, searchLimit) + 1;
  const above = Math.min(width, searchLimit) + 1;
  return { reach: new Int32Array(below + above + 1).fill(NOT_REACHED), zero: below };
}

/**
 * Takes all paths one difference further; gives the point at which one meets `other`, which comes
 * from the opposite corner.
 */
function advance(
  { reach, zero, first, second, left, top }: Frontier,
  other: Frontier | null,
  distance: number,
  width: number,
  height: number,
): { readonly x: number; readonly y: number } | null {
  const lowest = distance <= height ? -distance : distance - 2 * height;
  const highest = distance <= width ? distance : 2 * width - distance;
  for (let diagonal = lowest; diagonal <= highest; diagonal += 2) {
    let x = distance === 0 ? 0 : stepOnto(diagonal, reach, zero, width, height);
    if (x < 0) continue;
    const most = Math.min(width, height + diagonal);
    while (x < most && first[left + x] === second[top + x - diagonal]) x++;
    reach[zero + diagonal] = x;
    if (other === null) continue;
    const opposite = other.reach[other.zero + width - height - diagonal] ?? NOT_REACHED;
    if (x + opposite >= width) return { x, y: x - diagonal };
  }
  return null;
}

/** Where a path arrives on a diagonal, from the one above or the one below; below 0 for nowhere. */
function stepOnto(
  diagonal: number,
  reach: Int32Array,
  zero: number,
  width: number,
  height: number,
): number {
  const down = reach[zero + diagonal + 1] ?? NOT_REACHED;
  const right = (reach[zero + diagonal - 1] ?? NOT_REACHED) + 1;
  // A step across the border of the box is none.
  return Math.max(
    down - diagonal <= height ? down : NOT_REACHED,
    right <= width ? right : NOT_REACHED,
  );
}

function furthest({ reach, zero }: Frontier): { readonly x: number; readonly y: number } {
  let best = { x: 0, y: 0 };
  reach.forEach((x, index) => {
    const y = x - (index - zero);
    if (x >= 0 && x + y > best.x + best.y) best = { x, y };
  });
  return best;
}
