import { normalQuantile, studentCdf, studentQuantile } from '../stats/distributions.ts';
import { mcnemarExact } from '../stats/mcnemar.ts';
import { pairedDifference } from '../stats/paired.ts';

/** Values of one metric on one item, with both versions. */
export interface Pair {
  readonly id: string;
  readonly cluster: string;
  readonly baseline: number;
  readonly candidate: number;
}

/** What the pairs say about the difference candidate - baseline. */
export interface PairedOutcome {
  readonly n: number;
  readonly difference: number;
  /** Two-sided interval at 1 - 2 alpha: its ends are the two one-sided bounds. */
  readonly low: number;
  readonly high: number;
  /** Probability of such a drop, or a larger one, when nothing changed. */
  readonly pDrop: number;
  readonly method: 'paired-binary' | 'paired-clustered';
  /** Items that only the baseline, and only the candidate, got right; null when graded. */
  readonly discordant: { readonly onlyBaseline: number; readonly onlyCandidate: number } | null;
  readonly standardError: number;
}

/**
 * Paired comparison of two versions on the same items.
 *
 * Binary without families: exact McNemar test for the drop, adjusted Wald interval (Bonett and
 * Price 2012) for the size, which stays honest when no item differs. Otherwise: clustered standard
 * error of the differences with Student's t. Throws RangeError on fewer than two items.
 */
export function comparePairs(pairs: readonly Pair[], alpha: number): PairedOutcome {
  if (pairs.length < 2) throw new RangeError('a paired comparison needs two items');
  const isBinary = pairs.every((pair) => isBit(pair.baseline) && isBit(pair.candidate));
  const hasFamilies = new Set(pairs.map((pair) => pair.cluster)).size < pairs.length;
  return isBinary && !hasFamilies ? compareBinary(pairs, alpha) : compareGraded(pairs, alpha);
}

function compareBinary(pairs: readonly Pair[], alpha: number): PairedOutcome {
  const n = pairs.length;
  const onlyBaseline = pairs.filter((pair) => pair.baseline > pair.candidate).length;
  const onlyCandidate = pairs.filter((pair) => pair.candidate > pair.baseline).length;
  const gain = (onlyCandidate + 1) / (n + 2);
  const loss = (onlyBaseline + 1) / (n + 2);
  const standardError = Math.sqrt((gain + loss - (gain - loss) ** 2) / (n + 2));
  const half = normalQuantile(1 - alpha) * standardError;
  const twoSided = mcnemarExact(onlyBaseline, onlyCandidate);
  return {
    n,
    difference: (onlyCandidate - onlyBaseline) / n,
    low: Math.max(-1, gain - loss - half),
    high: Math.min(1, gain - loss + half),
    pDrop: onlyBaseline > onlyCandidate ? twoSided / 2 : 1 - twoSided / 2,
    method: 'paired-binary',
    discordant: { onlyBaseline, onlyCandidate },
    standardError,
  };
}

function compareGraded(pairs: readonly Pair[], alpha: number): PairedOutcome {
  const { n, mean, standardError, degreesOfFreedom } = pairedDifference(
    pairs.map(({ baseline, candidate, cluster }) => ({
      difference: candidate - baseline,
      cluster,
    })),
  );
  const half = studentQuantile(1 - alpha, degreesOfFreedom) * standardError;
  return {
    n,
    difference: mean,
    low: mean - half,
    high: mean + half,
    pDrop:
      standardError === 0 ? Number(mean >= 0) : studentCdf(mean / standardError, degreesOfFreedom),
    method: 'paired-clustered',
    discordant: null,
    standardError,
  };
}

function isBit(value: number): boolean {
  return value === 0 || value === 1;
}
