/**
 * Rounds to decimal digits, ties to even, on the exact binary value: the same as Python's `round`.
 *
 * `digits` is 0..15. NaN and infinities come back as they are. `toFixed` rounds the exact binary
 * value correctly except that it sends exact ties away from zero; a tie at d digits is an odd
 * multiple of 1/2^(d+1), so it is found exactly by scaling with a power of two.
 */
export function roundHalfEven(value: number, digits = 0): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const scaled = value * 2 ** (digits + 1);
  const isTie = Number.isInteger(scaled) && scaled % 2 !== 0;
  if (!isTie) return Number(value.toFixed(digits));
  // value = k/2^(digits+1) with k odd, so 10^digits * value ends in exactly one half.
  const factor = 10 ** digits;
  const below = Math.floor(value * factor);
  const even = below % 2 === 0 ? below : below + 1;
  return even / factor;
}
