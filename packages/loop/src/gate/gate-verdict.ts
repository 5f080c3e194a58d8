import type { GatePolicy } from './gate-policy.ts';
import type { PairedOutcome } from './paired-test.ts';
import type { Scorecard, ScorecardItem, SubjectFile } from './scorecard.ts';

/** What a gate says of a candidate. */
export type GateVerdict = 'passed' | 'regressed' | 'inconclusive' | 'not-comparable' | 'missing';

/** Stable names of the reasons. */
export type GateReasonCode =
  | 'candidate-missing'
  | 'baseline-missing'
  | 'first-release'
  | 'card-invalid'
  | 'not-recomputable'
  | 'too-few-items'
  | 'too-little-coverage'
  | 'partial-run'
  | 'unexpected-version'
  | 'artifact-mismatch'
  | 'other-agent'
  | 'version-order'
  | 'other-metrics'
  | 'other-formula'
  | 'other-scorer'
  | 'other-dataset'
  | 'other-items'
  | 'other-config'
  | 'contaminated'
  | 'overlap-unknown'
  | 'floor-missed'
  | 'category-floor-missed'
  | 'regression'
  | 'category-regression'
  | 'inconclusive'
  | 'inconclusive-allowed'
  | 'drop-within-margin'
  | 'items-missing'
  | 'overridden';

/** Why the gate decided so. Only `stop` reasons led to the verdict; the others are for reading. */
export interface GateReason {
  readonly code: GateReasonCode;
  readonly severity: 'stop' | 'note';
  readonly message: string;
  /** Items or members concerned, at most 20. */
  readonly names?: readonly string[];
}

/** A card with the items that it was made from, when they are known. */
export interface ScoredCard {
  readonly card: Scorecard;
  readonly items?: readonly ScorecardItem[];
}

/** One metric, then and now. Shares, 0..1. */
export interface MetricComparison {
  readonly metric: string;
  readonly weight: number;
  readonly n: number;
  readonly baseline: number;
  readonly candidate: number;
  readonly difference: number;
  /** One-sided bounds at the policy's alpha. */
  readonly low: number;
  readonly high: number;
  /** Holm-adjusted over the gating metrics; null when only summaries were compared. */
  readonly pDrop: number | null;
  /** Smallest true difference that this comparison sees 4 times in 5. */
  readonly minimalDetectableEffect: number;
  readonly method: PairedOutcome['method'] | 'unpaired';
  readonly discordant: PairedOutcome['discordant'];
  readonly verdict: 'passed' | 'regressed' | 'inconclusive' | 'reported';
}

/** What a gate is asked. */
export interface GateRequest {
  readonly candidate: ScoredCard | null;
  readonly baseline?: ScoredCard | null;
  readonly policy: GatePolicy;
  /** Said explicitly when there is no earlier release to compare with. */
  readonly firstRelease: boolean;
  /** Version that is about to be released; the card must be of it. */
  readonly expectedVersion?: string;
  /** Files that are about to be shipped; the card must name each with this digest. */
  readonly artifacts?: readonly SubjectFile[];
  /** Ids of tasks or items that the candidate was trained on. */
  readonly trainedOnItemIds?: readonly string[];
  /** Lets a regression pass, on the record. Never covers a floor or cards that do not compare. */
  readonly override?: { readonly who: string; readonly why: string };
}

/** The answer of a gate, with everything needed to redo it. */
export interface GateResult {
  readonly verdict: GateVerdict;
  /**
   * True when the release may go out: passed, regressed and overridden, or inconclusive where the
   * policy only warns of it.
   */
  readonly mayRelease: boolean;
  readonly reasons: readonly GateReason[];
  readonly metrics: readonly MetricComparison[];
  readonly categories: readonly MetricComparison[];
  /** Ids of items that passed with the baseline and fail now. */
  readonly newlyFailing: readonly string[];
  readonly newlyPassing: readonly string[];
  readonly aggregate: { readonly baseline: number | null; readonly candidate: number | null };
  readonly override: { readonly who: string; readonly why: string } | null;
  readonly policy: GatePolicy;
}

/** Exit code of a gate: 0 may be released, 1 regressed, 3 not gateable, 4 inconclusive. */
export function exitCodeOf(result: Pick<GateResult, 'verdict' | 'mayRelease'>): 0 | 1 | 3 | 4 {
  if (result.mayRelease) return 0;
  if (result.verdict === 'regressed') return 1;
  return result.verdict === 'inconclusive' ? 4 : 3;
}
