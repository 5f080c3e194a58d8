/**
 * Finds the moment at which the mean of scores in [0, 1] changed, looking after every score.
 *
 * The statistic is the Bernoulli generalised likelihood ratio between one mean and two, over
 * splits into "before" and "after". It alarms above ln(3 n^1.5 / alpha), which bounds the chance of
 * ever alarming on an unchanged stream by alpha, however long one looks.
 */

/** Settings of a detector. */
export interface ChangeOptions {
  /** Chance of ever alarming on one stream that does not change. */
  readonly alpha: number;
  /** Smallest difference of the means that is worth an alarm, 0..1. */
  readonly minimumEffect: number;
  /** Fewest scores before and after a change. */
  readonly minimumBefore: number;
  readonly minimumAfter: number;
  /** Scores that are kept one by one; older ones are only counted. */
  readonly memory: number;
}

/** What a detector remembers: plain data, fit to be stored as JSON. */
export interface ChangeState {
  /** Count, sum and sum of squares of the scores that are no longer kept one by one. */
  oldN: number;
  oldSum: number;
  oldSq: number;
  /** Sum of all scores up to each recent one, oldest first; likewise the squares. */
  sums: number[];
  squares: number[];
  /** Times of the recent scores, ms. */
  timesMs: number[];
}

/** Mean of a stretch of scores. */
export interface Stretch {
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** A change that was found. */
export interface Change {
  readonly before: Stretch;
  readonly after: Stretch;
  /** Time of the first score after the change, ms. */
  readonly sinceMs: number;
  /** Smallest alpha at which this would have alarmed; it already counts all looks and splits. */
  readonly pValue: number;
}

/** Settings that fit most cells: one false alarm in 20 streams at most, for changes of 0.1 and up. */
export const DEFAULT_CHANGE_OPTIONS: ChangeOptions = {
  alpha: 0.05,
  minimumEffect: 0.1,
  minimumBefore: 20,
  minimumAfter: 10,
  memory: 512,
};

/** A detector that has seen nothing. */
export function createChangeState(): ChangeState {
  return { oldN: 0, oldSum: 0, oldSq: 0, sums: [], squares: [], timesMs: [] };
}

/**
 * Takes one score in and says whether the mean has changed. After a change the detector starts
 * again from the scores since the change.
 */
export function addScore(
  state: ChangeState,
  value: number,
  timeMs: number,
  options: ChangeOptions,
): Change | null {
  const last = state.sums.length - 1;
  state.sums.push((state.sums[last] ?? state.oldSum) + value);
  state.squares.push((state.squares[last] ?? state.oldSq) + value * value);
  state.timesMs.push(timeMs);
  if (state.sums.length > 2 * options.memory) forgetTo(state, options.memory);
  if (bestSplit(state, options, false) === null) return null;
  // The coarse look alarmed; now find the most likely moment exactly.
  const found = bestSplit(state, options, true);
  if (found === null) return null;
  const { start, before, after, pValue } = found;
  const sinceMs = state.timesMs[start] ?? timeMs;
  state.sums = state.sums.slice(start).map((sum) => sum - before.sum);
  state.squares = state.squares.slice(start).map((sum) => sum - before.sumOfSquares);
  state.timesMs = state.timesMs.slice(start);
  state.oldN = 0;
  state.oldSum = 0;
  state.oldSq = 0;
  return { before, after, sinceMs, pValue };
}

/** Folds the oldest scores into the counts until only `keep` are left. */
function forgetTo(state: ChangeState, keep: number): void {
  const cut = state.sums.length - keep;
  state.oldN += cut;
  state.oldSum = state.sums[cut - 1] ?? state.oldSum;
  state.oldSq = state.squares[cut - 1] ?? state.oldSq;
  state.sums = state.sums.slice(cut);
  state.squares = state.squares.slice(cut);
  state.timesMs = state.timesMs.slice(cut);
}

interface Split {
  readonly start: number;
  readonly before: Stretch;
  readonly after: Stretch;
  readonly pValue: number;
}

/** The strongest split that passes all conditions; a coarse look tries only some lengths. */
function bestSplit(state: ChangeState, options: ChangeOptions, isFine: boolean): Split | null {
  const kept = state.sums.length;
  const n = state.oldN + kept;
  const sum = state.sums[kept - 1] ?? state.oldSum;
  const sumOfSquares = state.squares[kept - 1] ?? state.oldSq;
  const longest = Math.min(kept, n - options.minimumBefore);
  const bound = 3 * n ** 1.5;
  let best: Split | null = null;
  let length = options.minimumAfter;
  while (length <= longest) {
    const start = kept - length;
    const sumBefore = state.sums[start - 1] ?? state.oldSum;
    const gap = sumBefore / (n - length) - (sum - sumBefore) / length;
    if (Math.abs(gap) >= options.minimumEffect) {
      const squares = state.squares[start - 1] ?? state.oldSq;
      const before = { n: n - length, sum: sumBefore, sumOfSquares: squares };
      const after = { n: length, sum: sum - sumBefore, sumOfSquares: sumOfSquares - squares };
      const pValue = Math.min(1, bound * Math.exp(-evidenceOf(before, after)));
      if (pValue <= options.alpha && (best === null || pValue < best.pValue)) {
        best = { start, before, after, pValue };
      }
    }
    length = isFine ? length + 1 : Math.max(length + 1, Math.floor(length * 1.12));
  }
  return best;
}

/** Logarithm of the likelihood ratio of two means against one. */
function evidenceOf(before: Stretch, after: Stretch): number {
  const n = before.n + after.n;
  const mean = (before.sum + after.sum) / n;
  const ratio =
    before.n * divergence(before.sum / before.n, mean) +
    after.n * divergence(after.sum / after.n, mean);
  return ratio * sharpness(before, after);
}

/** Kullback-Leibler divergence of two coins. */
function divergence(p: number, q: number): number {
  const share = Math.min(1, Math.max(0, p));
  const up = share <= 0 ? 0 : share * Math.log(share / q);
  const down = share >= 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - q));
  return up + down;
}

/**
 * How much less than a coin the scores vary: graded scores that vary little show a change sooner.
 * 1 for scores of 0 and 1 and while there are too few scores to tell.
 */
function sharpness(before: Stretch, after: Stretch): number {
  const n = before.n + after.n;
  if (before.n < 30 || after.n < 10) return 1;
  const spread = (part: Stretch): number => part.sumOfSquares - part.sum ** 2 / part.n;
  const coin = (part: Stretch): number => part.sum * (1 - part.sum / part.n);
  const seen = Math.max(1e-12, (spread(before) + spread(after)) / (n - 2));
  const most = (coin(before) + coin(after)) / (n - 2);
  return Math.min(10, Math.max(1, most / seen));
}
