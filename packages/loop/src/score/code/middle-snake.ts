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

/** Furthest x on each diagonal x - y, seen from one corner of the box. */
interface Frontier {
  readonly reach: Int32Array;
  /** Index of diagonal 0 in `reach`. */
  readonly zero: number;
}

/**
 * Middle point of a shortest edit path through a box, found from both corners at once (Myers 1986,
 * section 4b). The box must have something on both sides, and neither its first nor its last
 * elements may be equal. After `searchLimit` differences from each corner the point that got
 * furthest is given instead. The point always splits the box into two smaller ones.
 */
export function findMiddlePoint(
  first: Int32Array,
  second: Int32Array,
  box: EditBox,
  searchLimit: number,
): EditPoint {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const delta = width - height;
  const isOdd = (delta & 1) !== 0;
  const forward = createFrontier(width, height, searchLimit);
  const backward = createFrontier(width, height, searchLimit);
  const isSameForward = (x: number, y: number): boolean =>
    first[box.left + x] === second[box.top + y];
  const isSameBackward = (x: number, y: number): boolean =>
    first[box.right - 1 - x] === second[box.bottom - 1 - y];
  for (let distance = 0; distance <= searchLimit; distance++) {
    const onward = advance(forward, distance, width, height, isSameForward, (diagonal, x) =>
      isOdd ? x + reachOf(backward, delta - diagonal) >= width : false,
    );
    if (onward !== null) {
      return { x: box.left + onward.x, y: box.top + onward.y, isOnShortestPath: true };
    }
    const back = advance(backward, distance, width, height, isSameBackward, (diagonal, x) =>
      isOdd ? false : x + reachOf(forward, delta - diagonal) >= width,
    );
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

function createFrontier(width: number, height: number, searchLimit: number): Frontier {
  const below = Math.min(height, searchLimit) + 1;
  const above = Math.min(width, searchLimit) + 1;
  return { reach: new Int32Array(below + above + 1).fill(NOT_REACHED), zero: below };
}

function reachOf(frontier: Frontier, diagonal: number): number {
  return frontier.reach[frontier.zero + diagonal] ?? NOT_REACHED;
}

/** Takes all paths one difference further; gives the point at which `isMet` first holds. */
function advance(
  frontier: Frontier,
  distance: number,
  width: number,
  height: number,
  isSame: (x: number, y: number) => boolean,
  isMet: (diagonal: number, x: number) => boolean,
): { readonly x: number; readonly y: number } | null {
  const lowest = distance <= height ? -distance : distance - 2 * height;
  const highest = distance <= width ? distance : 2 * width - distance;
  for (let diagonal = lowest; diagonal <= highest; diagonal += 2) {
    const down = distance === 0 ? 0 : reachOf(frontier, diagonal + 1);
    const right = distance === 0 ? 0 : reachOf(frontier, diagonal - 1) + 1;
    // A step across the border of the box is none.
    let x = Math.max(
      down - diagonal <= height ? down : NOT_REACHED,
      right <= width ? right : NOT_REACHED,
    );
    if (x < 0) continue;
    while (x < width && x - diagonal < height && isSame(x, x - diagonal)) x++;
    frontier.reach[frontier.zero + diagonal] = x;
    if (isMet(diagonal, x)) return { x, y: x - diagonal };
  }
  return null;
}

function furthest({ reach, zero }: Frontier): { readonly x: number; readonly y: number } {
  let best = { x: 0, y: 0 };
  reach.forEach((x, index) => {
    const y = x - (index - zero);
    if (x >= 0 && x + y > best.x + best.y) best = { x, y };
  });
  return best;
}
