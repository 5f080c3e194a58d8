/** How far apart two values are: any difference, by rank, or by size. */
export type AlphaMetric = 'nominal' | 'ordinal' | 'interval';

/**
 * Krippendorff's alpha: agreement of any number of coders, 1 = perfect, 0 = chance, below 0 = worse
 * than chance. `units` holds, for each thing that was coded, the values it was given, in any order;
 * a coder who gave none is left out. Units with fewer than two values say nothing. Null when there
 * is no such unit or when all values are the same (nothing to disagree on).
 *
 * alpha = 1 - (n - 1) sum_u sum_{c<k} o_uck d(c,k)/(m_u - 1) / sum_{c<k} n_c n_k d(c,k)
 * (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").
 */
export function krippendorffAlpha(
  units: readonly (readonly number[])[],
  metric: AlphaMetric,
): number | null {
  const counted = units.filter((unit) => unit.length >= 2).map(countValues);
  const totals = new Map<number, number>();
  for (const unit of counted) {
    for (const [value, count] of unit) totals.set(value, (totals.get(value) ?? 0) + count);
  }
  const n = [...totals.values()].reduce((sum, count) => sum + count, 0);
  const distance = distanceOf(metric, totals);
  const expected = disagreement(totals, distance);
  if (!(expected > 0)) return null;
  const observed = counted.reduce((sum, unit) => {
    const size = [...unit.values()].reduce((total, count) => total + count, 0);
    return sum + disagreement(unit, distance) / (size - 1);
  }, 0);
  return 1 - ((n - 1) * observed) / expected;
}

type Counts = ReadonlyMap<number, number>;
type Distance = (a: number, b: number) => number;

function countValues(values: readonly number[]): Counts {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Sum over pairs of different values of the product of their counts and their distance. */
function disagreement(counts: Counts, distance: Distance): number {
  const entries = [...counts];
  let sum = 0;
  for (let i = 0; i < entries.length; i += 1) {
    for (let j = i + 1; j < entries.length; j += 1) {
      const [a, countA] = entries[i] ?? [0, 0];
      const [b, countB] = entries[j] ?? [0, 0];
      sum += countA * countB * distance(a, b);
    }
  }
  return sum;
}

function distanceOf(metric: AlphaMetric, totals: Counts): Distance {
  if (metric === 'nominal') return () => 1;
  if (metric === 'interval') return (a, b) => (a - b) ** 2;
  // Ordinal: the values between the two count in full, the two themselves by half.
  const middle = new Map<number, number>();
  let below = 0;
  for (const [value, count] of [...totals].sort(([a], [b]) => a - b)) {
    middle.set(value, below + count / 2);
    below += count;
  }
  return (a, b) => ((middle.get(a) ?? 0) - (middle.get(b) ?? 0)) ** 2;
}
