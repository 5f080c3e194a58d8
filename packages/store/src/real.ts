/** A float4 column refuses what it cannot hold: too small becomes 0, too large is not known. */
export function realOf(value: number | null): number | null {
  if (value === null) return null;
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return null;
  return single === 0 ? 0 : value;
}
