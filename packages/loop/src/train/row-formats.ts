import { canonicalJson, type Json } from '../record/canonical-json.ts';
import type { TrainingExample } from './training-example.ts';

/** How the rows of a batch are written. */
export type RowFormat = 'sft-jsonl' | 'allow-list-jsonl';

/** Stands in for an id: the same id gives the same pseudonym within one tenant. */
export type Pseudonym = (text: string) => string;

/**
 * Row of conversational fine-tuning: `{"messages":[user, assistant]}`. The example must have both
 * texts; throws RangeError otherwise.
 */
export function sftRow(example: TrainingExample): string {
  if (example.prompt === null || example.response === null) {
    throw new RangeError(`example ${example.exampleId} has no prompt or no response`);
  }
  return canonicalJson({
    messages: [
      { role: 'user', content: example.prompt },
      { role: 'assistant', content: example.response },
    ],
  });
}

/**
 * Row of labels, numbers and pseudonyms only: nothing that a person wrote. Text features and texts
 * go in as keyed hashes, so that equal ones can be grouped and none can be read.
 */
export function allowListRow(example: TrainingExample, pseudonym: Pseudonym): string {
  const features: Record<string, Json> = {};
  for (const [name, value] of Object.entries(example.contextFeatures)) {
    features[name] = typeof value === 'string' ? pseudonym(value) : value;
  }
  return canonicalJson({
    task_ref: pseudonym(example.taskId),
    attempt: example.attempt,
    agent_id: example.agentId,
    agent_version: example.agentVersion,
    task_type: example.taskType,
    task_kind: example.taskKind,
    complexity: example.complexity,
    success: example.success,
    quality: example.quality,
    latency_ms: example.latencyMs,
    tokens_used: example.tokensUsed,
    cost_usd: example.costUsd,
    propensity: example.propensity,
    features,
    prompt_ref: example.prompt === null ? null : pseudonym(example.prompt),
    response_ref: example.response === null ? null : pseudonym(example.response),
    turns: example.turns.map((turn) => ({
      turn: turn.turnNumber,
      reward: turn.turnReward ?? null,
      information_gain: turn.informationGain ?? null,
      format_correctness: turn.formatCorrectness ?? null,
      task_progress: turn.taskProgress ?? null,
    })),
  });
}

/** Texts of an example that a format would let out. */
export function exportedTexts(example: TrainingExample, format: RowFormat): readonly string[] {
  const labels = [example.agentId, example.agentVersion, example.taskType, example.taskKind];
  if (format === 'allow-list-jsonl') return [...labels, ...Object.keys(example.contextFeatures)];
  return [example.prompt ?? '', example.response ?? ''];
}
