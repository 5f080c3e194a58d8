import type { Detector } from '../privacy/finding.ts';
import type { TrainingExample } from './training-example.ts';
import type { RequiredMetric } from './training-type.ts';

/** Name of a data quality gate. */
export type DataGateName =
  | 'complete-metrics'
  | 'quality-bounds'
  | 'score-threshold'
  | 'privacy-compliance'
  | 'duplicate';

/** What a gate says of one example. */
export interface DataGateResult {
  readonly gate: DataGateName;
  readonly passed: boolean;
  /** An `error` keeps the example out of the batch. */
  readonly severity: 'error' | 'warning';
  /** What is wrong; empty when it passed. Never quotes the text of the example. */
  readonly reason: string;
}

/** Passes when agent, task type and the required measurements are there. */
export function completeMetrics(
  example: TrainingExample,
  required: readonly (RequiredMetric | 'prompt' | 'response')[],
): DataGateResult {
  const missing: string[] = [];
  if (example.agentId === '') missing.push('agentId');
  if (example.taskType === '') missing.push('taskType');
  for (const name of required) {
    const value = example[name];
    if (value === null || value === '') missing.push(name);
  }
  return result(
    'complete-metrics',
    missing.length > 0 ? `Missing fields: ${missing.join(', ')}` : '',
  );
}

/** Passes when every measurement that is there can be true: quality in 0..1, nothing negative. */
export function qualityBounds(example: TrainingExample): DataGateResult {
  const faults: string[] = [];
  const { quality } = example;
  if (quality !== null && !(quality >= 0 && quality <= 1)) faults.push(`quality ${quality}`);
  for (const name of ['latencyMs', 'tokensUsed', 'costUsd'] as const) {
    const value = example[name];
    if (value !== null && !(value >= 0 && Number.isFinite(value))) faults.push(`${name} ${value}`);
  }
  return result('quality-bounds', faults.length > 0 ? `Out of range: ${faults.join(', ')}` : '');
}

/** Passes unless the text score of the response lies below the threshold for experience. */
export function scoreThreshold(example: TrainingExample): DataGateResult {
  return result('score-threshold', example.isBelowThreshold ? 'Text score below threshold' : '');
}

/** Passes when the detector finds nothing in the texts that would be exported. */
export function privacyCompliance(texts: readonly string[], detect: Detector): DataGateResult {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const { rule } of detect(text)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  const found = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const list = found.map(([rule, count]) => `${rule} x ${count}`).join(', ');
  return result('privacy-compliance', found.length > 0 ? `Found: ${list}` : '');
}

function result(gate: DataGateName, reason: string): DataGateResult {
  return { gate, passed: reason === '', severity: 'error', reason };
}
