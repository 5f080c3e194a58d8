/** Holm's adjusted p-values, in the order given: small means significant although many were tried. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((x, y) => x.p - y.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  order.forEach(({ p, index }, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p));
    adjusted[index] = largest;
  });
  return adjusted;
}

/** Benjamini and Hochberg's adjusted p-values, in the order given (false discovery rate). */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((x, y) => y.p - x.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 1;
  order.forEach(({ p, index }, position) => {
    const rank = pValues.length - position;
    least = Math.min(least, (pValues.length * p) / rank);
    adjusted[index] = least;
  });
  return adjusted;
}
