import {
  type CheckOutcome,
  type Correctness,
  correctnessOf,
  type ExecutionSummary,
  summariseOutcomes,
} from '@assay/loop';
import { AssayError, type ExecutionItem, executionsRequestSchema } from '@assay/protocol';
import { parseBody } from './parse-body.ts';
import { scoreExecution } from './score-execution.ts';
import type { Scoring } from './scoring.ts';

/** What came of executed items, in their order. */
export interface ExecutionsAnswer {
  readonly items: readonly {
    readonly id: string;
    readonly outcome: CheckOutcome;
    readonly correctness: Correctness;
  }[];
  readonly summary: ExecutionSummary;
}

/** What a request may ask for at most. A whole file is for `assay score execute`. */
const MAX_WALL_MS = 10_000;
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;
/** Requests that may execute or wait at a time. */
const MAX_REQUESTS = 4;

/** Executes the code of requests, some at a time. */
export interface Executions {
  /**
   * Executes the items of a request one after the other.
   * @throws AssayError `request.invalid`, `score.sandbox-off`, `score.busy`; the reason of the signal
   */
  run(scoring: Scoring, body: unknown, signal: AbortSignal): Promise<ExecutionsAnswer>;
}

function checkLimits({ limits = {} }: ExecutionItem, index: number): void {
  const bounds = { wallMs: MAX_WALL_MS, memoryBytes: MAX_MEMORY_BYTES };
  for (const name of ['wallMs', 'memoryBytes'] as const) {
    if ((limits[name] ?? 0) <= bounds[name]) continue;
    const path = `$.items[${index}].limits.${name}`;
    throw new AssayError('request.invalid', { path, detail: `must be at most ${bounds[name]}` });
  }
}

/** Executions of one server. */
export function createExecutions(): Executions {
  let running = 0;
  return {
    async run({ sandbox }, body, signal) {
      if (sandbox === null) throw new AssayError('score.sandbox-off');
      const request = parseBody(executionsRequestSchema, body);
      request.items.forEach(checkLimits);
      if (running >= MAX_REQUESTS) throw new AssayError('score.busy');
      running += 1;
      try {
        const items: ExecutionsAnswer['items'][number][] = [];
        for (const item of request.items) {
          const outcome = await scoreExecution(item, sandbox, signal);
          items.push({ id: item.id, outcome, correctness: correctnessOf(outcome) });
        }
        return { items, summary: summariseOutcomes(countsOf(items)) };
      } finally {
        running -= 1;
      }
    },
  };
}

function countsOf(items: ExecutionsAnswer['items']) {
  const counts: Partial<Record<CheckOutcome['kind'], number>> = {};
  for (const { outcome } of items) counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
  return counts;
}
