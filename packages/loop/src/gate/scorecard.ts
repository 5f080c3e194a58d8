import type { Json } from '../record/canonical-json.ts';
import type { AggregateComponent } from './aggregate.ts';

/** What became of one item of the evaluation set. */
export type ItemStatus = 'scored' | 'failed' | 'infrastructure' | 'unscored' | 'skipped';

/** The result of one item. Kept beside the card: every number on the card is recomputed from it. */
export interface ScorecardItem {
  readonly id: string;
  /** Task that this item was taken from; training on it spoils the item. */
  readonly taskId?: string;
  readonly category?: string;
  /** Items of one family (a thread, a template) are not independent. */
  readonly cluster?: string;
  /** Value of the first metric, 0..1; null = unscored, which is not 0. */
  readonly score: number | null;
  /** Values of further metrics by name, 0..1. */
  readonly metrics?: Readonly<Record<string, number | null>>;
  readonly expected?: string;
  readonly predicted?: string;
  /** Digest of the input, so that an edited item is seen. */
  readonly digest?: string;
  /** Absent: `scored` when there is a score, else `unscored`. `failed` counts with score 0. */
  readonly status?: ItemStatus;
  readonly latencyMs?: number | null;
  readonly costUsd?: number | null;
}

/** A metric and its weight in the aggregate; weight 0 is reported only. */
export interface MetricWeight {
  readonly name: string;
  readonly weight: number;
}

/** What the caller says of an evaluation. */
export interface ScorecardMeta {
  readonly agentId: string;
  readonly agentName?: string;
  readonly agentVersion: string;
  /** ISO 8601 time of the evaluation. */
  readonly generatedAt: string;
  readonly dataset: {
    readonly reference: string;
    readonly description?: string;
    /** Items of the whole set; the number of items given when absent. */
    readonly size?: number;
  };
  readonly methodology: string;
  /** Everything that must be equal for two cards to be compared. */
  readonly config?: Readonly<Record<string, Json>>;
  readonly environment?: Readonly<Record<string, Json>>;
  /** What gave the scores. */
  readonly scorer?: ScorerIdentity;
  /** Shell commands that repeat the evaluation. */
  readonly reproduction?: readonly string[];
  /** The first one is `score` of the items. Default: `accuracy` with weight 1. */
  readonly metrics?: readonly MetricWeight[];
  readonly aggregateName?: string;
  /** Files that are shipped, with their digests. */
  readonly subject?: readonly SubjectFile[];
  /**
   * Digest of the files that can change what the agent answers (prompts, tools, model settings).
   * A card is carried to a later version only while it stays the same.
   */
  readonly declaredDigest?: string;
  /** Spread of repeated runs over the same items, per metric. */
  readonly reruns?: Readonly<Record<string, RerunSpread>>;
}

/** A file that is shipped. */
export interface SubjectFile {
  readonly name: string;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** What gave the scores of an evaluation. */
export interface ScorerIdentity {
  readonly id: string;
  readonly version: string;
  /** Digest of its code or prompt; null = not recorded. */
  readonly digest: string | null;
}

/** How far the mean of a metric moved when the same items were run again. */
export interface RerunSpread {
  readonly runs: number;
  /** Standard deviation of the mean between runs, as a share. */
  readonly standardDeviation: number;
}

/** An interval and how it was made. */
export interface ScoreInterval {
  /** `wilson-bounded`: Wilson on the sum of graded scores, which is never too narrow in 0..1. */
  readonly method: 'wilson' | 'wilson-bounded' | 'wilson-clustered';
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

/** A metric on a card. */
export interface MetricResult {
  readonly name: string;
  readonly weight: number;
  /** Items with a value. */
  readonly n: number;
  /** Mean over these items, 0..1. */
  readonly value: number;
  readonly interval: ScoreInterval;
  /** Smallest true difference between two such cards that is seen 4 times in 5. */
  readonly minimalDetectableEffect: number;
  /** Spread of repeated runs; null = run once, or not recorded. */
  readonly rerun: RerunSpread | null;
}

/** One line of the table by category. */
export interface CategoryResult {
  readonly category: string;
  readonly n: number;
  /** Mean of the first metric; null without a scored item. */
  readonly value: number | null;
  readonly interval: ScoreInterval | null;
}

/** Counts of expected against predicted labels; `rows[i][j]`: expected label i, predicted j. */
export interface ConfusionMatrix {
  readonly labels: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** How many items ended how. `run` = scored + failed + unscored. */
export interface ScorecardCounts {
  readonly total: number;
  readonly run: number;
  readonly scored: number;
  readonly failed: number;
  readonly infrastructure: number;
  readonly unscored: number;
  readonly skipped: number;
}

/** What one version of an agent scored on one set of items. Canonical JSON is its true form. */
export interface Scorecard {
  readonly schemaVersion: 1;
  readonly agent: { readonly id: string; readonly name: string; readonly version: string };
  readonly generatedAt: string | null;
  readonly inheritedFrom: string | null;
  readonly recipe: {
    readonly dataset: {
      readonly reference: string;
      readonly description: string | null;
      readonly size: number;
    };
    readonly methodology: string;
    readonly config: Readonly<Record<string, Json>>;
    readonly environment: Readonly<Record<string, Json>>;
    readonly scorer: ScorerIdentity | null;
    readonly reproduction: readonly string[];
  };
  readonly results: {
    readonly counts: ScorecardCounts;
    readonly metrics: readonly MetricResult[];
    readonly perCategory: readonly CategoryResult[];
    readonly confusion: ConfusionMatrix | null;
    readonly latencyMs: { readonly p50: number; readonly p95: number } | null;
    readonly costUsd: number | null;
  };
  readonly aggregate: {
    readonly name: string;
    readonly formula: string;
    readonly components: readonly AggregateComponent[];
    /** 0..100, two decimals. */
    readonly value: number;
  };
  readonly digests: {
    /** Merkle root of what the items are: id, category, cluster, expected label, input digest. */
    readonly items: string | null;
    /** Merkle root of what the items scored. */
    readonly results: string | null;
    readonly config: string | null;
    /** Files that can change what the agent answers. */
    readonly declared: string | null;
  };
  readonly subject: readonly SubjectFile[];
}
