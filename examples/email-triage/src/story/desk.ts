/** An agent at the version that may be chosen now. */
export interface Candidate {
  readonly agentId: string;
  readonly agentVersion: string;
}

/** A task to route: what is known of it before an agent runs. */
export interface TaskToRoute {
  readonly taskId: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly candidates: readonly Candidate[];
  /** What is known of the task beside its kind; never text. */
  readonly features: Readonly<Record<string, string | number | boolean>>;
}

/** Verdict of an evaluator on one execution. */
export interface Evaluation extends Candidate {
  readonly taskId: string;
  readonly taskType: string;
  readonly taskKind: string;
  /** 0..1 */
  readonly score: number;
  readonly isRight: boolean;
}

/** One execution by an agent. */
export interface Execution extends Candidate {
  readonly taskId: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly latencyMs: number;
}

/** A change that Assay found in the record of one agent on one kind of task. */
export interface DriftFinding {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly metric: string;
  readonly from: number;
  readonly to: number;
  /** ms since 1970. */
  readonly sinceMs: number;
  readonly pValue: number;
}

/** Score of one item for a scorecard. */
export interface ScoredItem {
  readonly id: string;
  readonly category: string;
  /** 1 right, 0 wrong. */
  readonly score: number;
  /** Fair reward, 0..1. */
  readonly reward: number;
  readonly expected?: string;
  readonly predicted?: string;
}

/** What the gate said of a candidate. */
export interface GateAnswer {
  readonly hasPassed: boolean;
  /** The word that the gate uses, for example `pass` or `stop`. */
  readonly verdict: string;
  /** Reasons in plain words, without item content. */
  readonly reasons: readonly string[];
}

/** A batch of training data that was written. */
export interface ExportedBatch {
  readonly id: string;
  readonly isReady: boolean | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly files: readonly { name: string; bytes: number; sha256: string }[];
  readonly notes: readonly string[];
}

/** What an orchestrator asks of Assay, in the words of this example. */
export interface Desk {
  /** The first of `name`, `name-2`, `name-3`, ... that nothing was recorded of yet. */
  readonly freeTaskType: (name: string) => Promise<string>;
  readonly registerAgent: (agent: Candidate, family: string) => Promise<void>;
  readonly route: (task: TaskToRoute) => Promise<Candidate>;
  readonly recordExecution: (execution: Execution) => void;
  readonly recordEvaluation: (evaluation: Evaluation) => void;
  /** Records a run beside the routed one (a spot check) in one fact. */
  readonly recordSpotCheck: (execution: Execution, evaluation: Evaluation) => void;
  readonly flush: () => Promise<void>;
  readonly drift: () => Promise<readonly DriftFinding[]>;
  readonly createScorecard: (
    agent: Candidate,
    name: string,
    items: readonly ScoredItem[],
  ) => Promise<string>;
  /** `floor`: least accuracy of the candidate, 0..1; `trainedOn`: ids of its training items. */
  readonly gate: (
    candidate: string,
    baseline: string,
    floor: number,
    trainedOn: readonly string[],
  ) => Promise<GateAnswer>;
  readonly promote: (
    agentId: string,
    fromVersion: string,
    toVersion: string,
    scorecard: string,
    /** What the candidate starts with. */
    prior: { readonly taskType: string; readonly items: readonly ScoredItem[] },
  ) => Promise<void>;
  readonly exportBatch: (taskType: string) => Promise<ExportedBatch>;
  readonly close: () => Promise<void>;
}
