/** What a batch is for. */
export type TrainingType = 'sft-warmup' | 'turn-level-rl' | 'grpo' | 'curriculum';

/** What a training type asks of a batch. */
export interface TrainingRequirement {
  readonly minExamples: number;
  /** Least quality of an example, 0..1. */
  readonly minQuality: number;
  readonly minTaskTypes: number;
  readonly minAgents: number;
  /** Complexities that must all be there. */
  readonly complexities: readonly string[];
}

/** Requirements of the training types. */
export const TRAINING_REQUIREMENTS: Readonly<Record<TrainingType, TrainingRequirement>> = {
  'sft-warmup': {
    minExamples: 1_000,
    minQuality: 0.8,
    minTaskTypes: 3,
    minAgents: 1,
    complexities: [],
  },
  'turn-level-rl': {
    minExamples: 5_000,
    minQuality: 0.7,
    minTaskTypes: 5,
    minAgents: 1,
    complexities: [],
  },
  grpo: { minExamples: 10_000, minQuality: 0.7, minTaskTypes: 1, minAgents: 10, complexities: [] },
  curriculum: {
    minExamples: 20_000,
    minQuality: 0.6,
    minTaskTypes: 1,
    minAgents: 1,
    complexities: ['trivial', 'standard', 'complex'],
  },
};

/** Which facts a batch is made from. */
export interface BatchCriteria {
  readonly trainingType: TrainingType;
  /** ms since 1970, inclusive. */
  readonly fromMs: number;
  /** ms since 1970, exclusive. */
  readonly toMs: number;
  /** Only these task types; all when absent. */
  readonly taskTypes?: readonly string[];
  readonly agentIds?: readonly string[];
  /** Stricter or laxer than the training type asks; the manifest shows both. 0..1 */
  readonly minQuality?: number;
  /** Measurements without which an example is refused. */
  readonly requiredMetrics?: readonly RequiredMetric[];
}

/** A measurement that can be required. */
export type RequiredMetric = 'latencyMs' | 'tokensUsed' | 'quality' | 'costUsd';

/** Measurements that are required when the criteria name none. */
export const DEFAULT_REQUIRED_METRICS: readonly RequiredMetric[] = [
  'latencyMs',
  'tokensUsed',
  'quality',
];
