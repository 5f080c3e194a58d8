import type { TrainingExample } from './training-example.ts';
import type { TrainingRequirement } from './training-type.ts';

/** How far one requirement is met. */
export interface ReadinessStep {
  readonly name: 'examples' | 'taskTypes' | 'agents' | 'complexities';
  readonly have: number;
  readonly need: number;
  /** have / need, at most 1. */
  readonly progress: number;
}

/** Whether a batch may be used for its training type, and what is missing. */
export interface Readiness {
  readonly ready: boolean;
  /** Least progress of all steps, 0..1. */
  readonly progress: number;
  readonly steps: readonly ReadinessStep[];
}

/** Compares examples that passed every gate with what the training type asks. */
export function readinessOf(
  examples: readonly TrainingExample[],
  requirement: TrainingRequirement,
): Readiness {
  const distinct = (pick: (example: TrainingExample) => string): number =>
    new Set(examples.map(pick)).size;
  const seen = new Set(examples.map((example) => example.complexity));
  const steps = [
    step('examples', examples.length, requirement.minExamples),
    step(
      'taskTypes',
      distinct((example) => example.taskType),
      requirement.minTaskTypes,
    ),
    step(
      'agents',
      distinct((example) => example.agentId),
      requirement.minAgents,
    ),
    step(
      'complexities',
      requirement.complexities.filter((complexity) => seen.has(complexity)).length,
      requirement.complexities.length,
    ),
  ];
  const progress = Math.min(...steps.map((one) => one.progress));
  return { ready: progress === 1, progress, steps };
}

function step(name: ReadinessStep['name'], have: number, need: number): ReadinessStep {
  return { name, have, need, progress: need === 0 ? 1 : Math.min(1, have / need) };
}
