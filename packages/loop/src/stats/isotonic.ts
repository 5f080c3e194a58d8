/** One observation to be fitted by a rising function. */
export interface IsotonicPoint {
  readonly x: number;
  readonly y: number;
  /** Above 0; 1 when absent. */
  readonly weight?: number;
}

/** Neighbouring observations that share one fitted value. */
export interface IsotonicBlock {
  readonly lowX: number;
  readonly highX: number;
  /** Weighted mean of x within the block. */
  readonly meanX: number;
  /** Fitted value: weighted mean of y within the block. */
  readonly value: number;
  readonly weight: number;
}

/** A corner of a piecewise linear function; corners ascend in x. */
export type Knot = readonly [x: number, y: number];

/**
 * Weighted least-squares fit of a function that never falls, by pooling adjacent violators (Ayer
 * et al. 1955). Blocks ascend in x and in value; equal x share a block. No points give no block.
 */
export function fitIsotonic(points: readonly IsotonicPoint[]): IsotonicBlock[] {
  const blocks: IsotonicBlock[] = [];
  for (const point of poolEqualX(points)) {
    let last = point;
    let previous = blocks.at(-1);
    while (previous !== undefined && previous.value > last.value) {
      blocks.pop();
      last = pool(previous, last);
      previous = blocks.at(-1);
    }
    blocks.push(last);
  }
  return blocks;
}

/** One block per distinct x, ascending. */
function poolEqualX(points: readonly IsotonicPoint[]): IsotonicBlock[] {
  const blocks: IsotonicBlock[] = [];
  for (const { x, y, weight = 1 } of [...points].sort((p, q) => p.x - q.x)) {
    const block = { lowX: x, highX: x, meanX: x, value: y, weight };
    const previous = blocks.at(-1);
    if (previous?.highX === x) blocks[blocks.length - 1] = pool(previous, block);
    else blocks.push(block);
  }
  return blocks;
}

function pool(p: IsotonicBlock, q: IsotonicBlock): IsotonicBlock {
  const weight = p.weight + q.weight;
  const mean = (u: number, v: number): number =>
    u === v ? u : (u * p.weight + v * q.weight) / weight;
  return {
    lowX: p.lowX,
    highX: q.highX,
    meanX: mean(p.meanX, q.meanX),
    value: mean(p.value, q.value),
    weight,
  };
}

/**
 * Corners at the centres of the blocks: between them the function rises in straight lines, beyond
 * them it is flat. Without the steps of the plain fit it ties fewer scores and errs less (centred
 * isotonic regression, Oron and Flournoy 2017).
 */
export function centredKnots(blocks: readonly IsotonicBlock[]): Knot[] {
  const flat: IsotonicBlock[] = [];
  for (const block of blocks) {
    const previous = flat.at(-1);
    if (previous?.value === block.value) flat[flat.length - 1] = pool(previous, block);
    else flat.push(block);
  }
  return flat.map(({ meanX, value }) => [meanX, value]);
}

/** Value of a piecewise linear function at x, flat beyond its ends; NaN without knots. */
export function interpolate(knots: readonly Knot[], x: number): number {
  let low = 0;
  let high = knots.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((knots[middle]?.[0] ?? Number.POSITIVE_INFINITY) <= x) low = middle + 1;
    else high = middle;
  }
  const left = knots[low - 1];
  const right = knots[low];
  if (left === undefined) return right?.[1] ?? Number.NaN;
  if (right === undefined) return left[1];
  const share = (x - left[0]) / (right[0] - left[0]);
  return left[1] + (right[1] - left[1]) * share;
}
