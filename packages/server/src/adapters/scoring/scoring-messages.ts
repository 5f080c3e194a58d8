import type {
  AnchoredScore,
  BiasCorrection,
  BiasPolicy,
  BiasReport,
  CalibrationOptions,
  CodeComparison,
  ComparisonSettings,
  Fact,
  LabelledScore,
  ResponseScore,
  ResponseToScore,
  ScoreCalibration,
  ScoreFactor,
  SourceFile,
  Unscored,
} from '@assay/loop';

/** A calibration in use. */
export interface ActiveCalibration {
  readonly id: string;
  readonly calibration: ScoreCalibration;
}

/** How the responses of a tenant are scored. Plain values: it is sent to a thread. */
export interface ScoringSettings {
  /** Version under which scores are recorded; names settings of one's own. */
  readonly scorer: string;
  readonly weights: Readonly<Partial<Record<ScoreFactor, number>>>;
  /** Share of the answer in the composite of a reasoning response, 0..1. */
  readonly answerShare: number;
  /** Scores below it are not stored as experience, 0..1. */
  readonly minThreshold: number;
  /** Whether a calibrated probability counts as the overall score of a recorded response. */
  readonly isEvidence: boolean;
  /** In use, by task type; '' = responses without one. */
  readonly calibrations: Readonly<Record<string, ActiveCalibration>>;
  /** In force; null = none. */
  readonly correction: BiasCorrection | null;
}

/** A recorded execution that is to be scored. */
export interface LineToScore {
  readonly tenantId: number;
  /** Whether somebody else has judged the task: then no probability counts beside that. */
  readonly isJudged: boolean;
  /** JSON of the fact, UTF-8. */
  readonly line: Uint8Array;
}

/** A response with the task type that picks its calibration. */
export interface TypedResponse {
  readonly input: ResponseToScore;
  /** '' = none. */
  readonly taskType: string;
}

/** A score with what the tenant's calibration and correction make of it. */
export interface JudgedScore {
  readonly score: ResponseScore | Unscored;
  /** Probability that the answer is good; null = no calibration for it. */
  readonly probability: { readonly value: number; readonly calibrationId: string } | null;
  /** The composite after the bias correction in force; null = none applies. */
  readonly corrected: { readonly value: number; readonly correctionId: string } | null;
}

/** Labels that a calibration is fitted to: long work, however little it is. */
export interface CalibrationToFit {
  readonly labelled: readonly LabelledScore[];
  readonly options: CalibrationOptions;
}

/** Anchored scores in which a bias is looked for. */
export interface BiasToMeasure {
  readonly items: readonly AnchoredScore[];
  readonly policy: BiasPolicy;
}

/** Two states of a set of files. */
export interface ChangeToCompare {
  readonly before: readonly SourceFile[];
  readonly after: readonly SourceFile[];
  readonly settings: ComparisonSettings;
}

/** What a thread is to do. */
export type ScoringWork =
  | {
      readonly kind: 'lines';
      readonly items: readonly LineToScore[];
      readonly settings: ScoringSettings;
    }
  | {
      readonly kind: 'responses';
      readonly items: readonly TypedResponse[];
      readonly settings: ScoringSettings;
    }
  | { readonly kind: 'calibrations'; readonly items: readonly CalibrationToFit[] }
  | { readonly kind: 'bias'; readonly items: readonly BiasToMeasure[] }
  | { readonly kind: 'changes'; readonly items: readonly ChangeToCompare[] };

/** The evaluation that records the score of an execution, and the score with its breakdown. */
export interface LineScore extends JudgedScore {
  readonly fact: Extract<Fact, { kind: 'evaluation' }>;
}

/** What came of the items of a kind of work. `lines`: null = nothing in it can be scored. */
export interface ScoringResults {
  readonly lines: LineScore | null;
  readonly responses: JudgedScore;
  readonly calibrations: ScoreCalibration;
  readonly bias: BiasReport;
  readonly changes: CodeComparison;
}

/** What came of one item; `failed` = its scoring broke, twice when it took the thread with it. */
export type ItemOutcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly reason: string };

/** What a thread is started with. */
export interface ScoringStart {
  /** Path of a module with factors of one's own; null = none. */
  readonly factorsModule: string | null;
}

/** From the pool to a thread. */
export interface ScoringRequest {
  readonly id: number;
  readonly work: ScoringWork;
}

/** From a thread to the pool. */
export type ScoringMessage =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly outcomes: readonly ItemOutcome<unknown>[];
    };
