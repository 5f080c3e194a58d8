import {
  type EvaluationMetric,
  isJsonObject,
  type ModelUsage,
  type NoVerdict,
  noVerdict,
} from '@assay/loop';

/** What a scorer is given. Values are of any JSON type: some scorers compare numbers or lists. */
export interface ScorerInput {
  readonly query: string;
  readonly response: unknown;
  /** undefined when there is none; scorers that compare then leave the item unscored. */
  readonly reference?: unknown;
  /** Further arguments, by the names that the scorer knows them by. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** A score of somebody else's scorer, or why there is none. */
export type ScorerOutcome =
  | {
      readonly kind: 'scored';
      /** 0..1 */
      readonly score: number;
      readonly metric: EvaluationMetric;
    }
  | NoVerdict;

/** An outcome with what the models behind it took; null where no model was asked. */
export interface ScorerResult {
  readonly outcome: ScorerOutcome;
  readonly usage: ModelUsage | null;
}

/** A scorer that did not come with Assay. */
export interface ThirdPartyScorer {
  /** As it was asked for, such as `autoevals:Levenshtein`. */
  readonly name: string;
  /**
   * Scores one item. What goes wrong with this item leaves it unscored.
   * @throws AssayError for a fault that every other item would meet too
   */
  score(input: ScorerInput, signal?: AbortSignal): Promise<ScorerResult>;
}

/** What sums of floating-point numbers may be off. */
const ROUNDING = 1e-9;

/**
 * Reads what scorers give: a number, true or false, null, or an object `{score, metadata?}` as of
 * autoevals. Unscored is whatever is no number within 0..1: it is not clipped, since nobody knows on
 * which scale it is.
 */
export function outcomeOf(name: string, given: unknown): ScorerOutcome {
  const isObject = isJsonObject(given);
  const score = isObject ? given['score'] : given;
  const metadata = isObject && isJsonObject(given['metadata']) ? given['metadata'] : {};
  const fault = isObject ? (given['error'] ?? null) : null;
  if (fault !== null) return noVerdict('the scorer failed', textOf(fault));
  if (score === null || score === undefined) return noVerdict('the scorer gave no score');
  const value = typeof score === 'boolean' ? Number(score) : score;
  if (typeof value !== 'number' || Number.isNaN(value)) {
    return noVerdict('the score is not a number');
  }
  if (!(value >= -ROUNDING && value <= 1 + ROUNDING)) {
    return noVerdict('the score is not within 0..1', String(value));
  }
  const share = Math.min(1, Math.max(0, value));
  const label = metadata['choice'];
  const explanation = metadata['rationale'];
  return {
    kind: 'scored',
    score: share,
    metric: {
      name,
      value: share,
      label: typeof label === 'string' ? label : null,
      explanation: typeof explanation === 'string' ? explanation : null,
    },
  };
}

/** Message of whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
