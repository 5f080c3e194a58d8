/**
 * Exact two-sided McNemar test: the probability of a split at least as uneven as b : c among the
 * items on which two versions differ, when either is as likely to win. 1 when none differs.
 *
 * `b` and `c` are whole numbers, not negative; throws RangeError otherwise.
 */
export function mcnemarExact(b: number, c: number): number {
  if (!Number.isSafeInteger(b) || !Number.isSafeInteger(c) || b < 0 || c < 0) {
    throw new RangeError(`not counts: ${b}, ${c}`);
  }
  const n = b + c;
  const least = Math.min(b, c);
  if (b === c) return 1;
  // Terms C(n,i)/2^n by recurrence in logarithms, so that large n does not underflow to 0 early.
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let i = 1; i <= least; i += 1) {
    logTerm += Math.log(n - i + 1) - Math.log(i);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
