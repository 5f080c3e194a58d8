import type {
  AgentFeedbackLog,
  CompleteTaskLog,
  EvaluationOutcomeLog,
  ExecutionMetricsLog,
  ExecutionStartLog,
  FactKind,
  RatingLog,
  RoutingDecisionLog,
  ToolCallLog,
  TurnLog,
} from '@assay/loop';
import type { Delivery } from './delivery.ts';
import { AssayClientError, messageOf } from './errors.ts';
import type { FactInput, Serialise, TimeInput } from './serialise.ts';

/** A feedback fact as a caller states it. */
export type FeedbackInput = Omit<AgentFeedbackLog, 'timestamp' | 'timeRange'> & {
  readonly timestamp?: TimeInput;
  readonly timeRange: { readonly start: TimeInput; readonly end: TimeInput };
};

/**
 * Records facts. Every method returns at once and never throws: the fact is written as one JSON
 * line in memory (so the caller may change it afterwards) and delivered in the background. The
 * time is filled in when absent. A fact that is not JSON (circular, BigInt) is counted as
 * invalid and reported through `onError`.
 */
export interface Tracker {
  /** Why an agent was chosen. */
  decision(fact: FactInput<RoutingDecisionLog>): void;
  /** That an agent begins. */
  executionStart(fact: FactInput<ExecutionStartLog>): void;
  /** How an agent performed. */
  execution(fact: FactInput<ExecutionMetricsLog>): void;
  /** One tool call, as it happens. */
  toolCall(fact: FactInput<ToolCallLog>): void;
  /** One turn, as it happens. */
  turn(fact: FactInput<TurnLog>): void;
  /** The verdict on a result. */
  evaluation(fact: FactInput<EvaluationOutcomeLog>): void;
  /** How an agent evolved over a period. */
  feedback(fact: FeedbackInput): void;
  /** What a person or a downstream system thought of a result. */
  rating(fact: FactInput<RatingLog>): void;
  /** A whole task in one fact. */
  task(fact: FactInput<CompleteTaskLog>): void;
}

/** Makes the tracker of a client. */
export function createTracker(
  serialise: Serialise,
  delivery: Delivery,
  report: (error: AssayClientError) => void,
): Tracker {
  const record = (kind: FactKind, fact: object): void => {
    try {
      delivery.push(serialise(kind, fact));
    } catch (thrown) {
      delivery.countInvalid();
      const message = `the ${kind} fact cannot be written as JSON: ${messageOf(thrown)}`;
      report(new AssayClientError('client.invalid-fact', message, { count: 1, cause: thrown }));
    }
  };
  return {
    decision: (fact) => record('decision', fact),
    executionStart: (fact) => record('execution-start', fact),
    execution: (fact) => record('execution', fact),
    toolCall: (fact) => record('tool-call', fact),
    turn: (fact) => record('turn', fact),
    evaluation: (fact) => record('evaluation', fact),
    feedback: (fact) => record('feedback', fact),
    rating: (fact) => record('rating', fact),
    task: (fact) => record('task', fact),
  };
}
