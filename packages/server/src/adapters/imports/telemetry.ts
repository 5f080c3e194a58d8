import { factItem, failedItem, type ImportItem } from './import-item.ts';

type Bag = Readonly<Record<string, unknown>>;

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Copies a field under its new name when it is said. */
function renamed(source: Bag, from: string, to: string): Bag {
  const value = source[from];
  return value === undefined ? {} : { [to]: value };
}

/** The verdict is in the outcome of the last iteration, if anywhere. */
function successOf(iterations: readonly unknown[]): boolean | null {
  const last = iterations.at(-1);
  const outcome = isBag(last) ? last['outcome'] : undefined;
  if (typeof outcome !== 'string') return null;
  return outcome === 'success';
}

/**
 * Reads a telemetry record with `selectedAgent`, `iterations` and `finalMetrics` into an execution.
 * The record does not say how the agent was selected, so no decision is made of it.
 */
export function telemetryItem(line: number, value: unknown): ImportItem {
  if (!isBag(value)) return failedItem(line, 'fact.invalid', 'must be an object');
  const metrics = value['finalMetrics'];
  if (!isBag(metrics)) {
    return failedItem(line, 'fact.invalid', 'must be an object', '$.finalMetrics');
  }
  const iterations = value['iterations'] ?? [];
  if (!Array.isArray(iterations)) {
    return failedItem(line, 'fact.invalid', 'must be a list', '$.iterations');
  }
  const { taskId, timestamp, taskType, selectedAgent, sessionId, complexity } = value;
  return factItem(line, {
    kind: 'execution',
    taskId,
    timestamp,
    ...(taskType === undefined ? {} : { taskType }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(complexity === undefined ? {} : { complexity }),
    agentId: selectedAgent,
    success: successOf(iterations),
    ...renamed(metrics, 'totalLatency', 'latencyMs'),
    ...renamed(metrics, 'totalTokens', 'tokensUsed'),
    ...renamed(metrics, 'finalQuality', 'qualityScore'),
    ...renamed(metrics, 'cawsCompliant', 'cawsCompliant'),
    ...renamed(metrics, 'budgetCompliant', 'budgetCompliant'),
    iterations,
  });
}
