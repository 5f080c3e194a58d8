import type { Assignment, CandidateAgent, RoutingDecisionLog, RoutingStrategy } from './facts.ts';
import {
  type Attributes,
  idOf,
  jsonAttribute,
  numberAttribute,
  numberOf,
  SESSION_KEYS,
  textAttribute,
} from './otlp-attributes.ts';
import { taskAttributesOf } from './task-attributes.ts';

const STRATEGIES: ReadonlyMap<string, RoutingStrategy> = new Map([
  ['multi-armed-bandit', 'multi-armed-bandit'],
  ['bandit', 'multi-armed-bandit'],
  ['thompson', 'multi-armed-bandit'],
  ['split', 'multi-armed-bandit'],
  ['capability-match', 'capability-match'],
  ['targeting-match', 'capability-match'],
  ['load-balance', 'load-balance'],
  ['round-robin', 'load-balance'],
  ['fallback', 'fallback'],
  ['default', 'fallback'],
]);

const ASSIGNMENTS: readonly string[] = [
  'fresh',
  'sticky',
  'forced',
  'cached',
  'single-candidate',
  'fallback',
];

/** Fields of a candidate that are numbers, with their ranges. */
const SCORES: readonly (keyof CandidateAgent)[] = [
  'capabilityScore',
  'performanceScore',
  'loadScore',
  'probability',
];

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function fieldOf(candidate: Record<string, unknown>, name: string): unknown {
  return candidate[name] ?? candidate[snake(name)];
}

const in01 = (value: number | null): number | null =>
  value === null || value < 0 || value > 1 ? null : value;

function candidateOf(value: unknown): CandidateAgent[] {
  if (typeof value === 'string') return value === '' ? [] : [{ agentId: value.slice(0, 200) }];
  if (typeof value !== 'object' || value === null) return [];
  const candidate = value as Record<string, unknown>;
  const agentId = fieldOf(candidate, 'agentId') ?? candidate['id'];
  if (typeof agentId !== 'string' || agentId === '') return [];
  const version = fieldOf(candidate, 'agentVersion') ?? candidate['version'];
  const reason = fieldOf(candidate, 'selectionReason') ?? candidate['reason'];
  const eligible = candidate['eligible'];
  const propensity = candidate['propensity'];
  const scores = Object.fromEntries(
    SCORES.map((name) => [name, in01(numberOf(fieldOf(candidate, name)))]),
  );
  return [
    {
      agentId: agentId.slice(0, 200),
      ...(typeof version === 'string' && version !== ''
        ? { agentVersion: version.slice(0, 100) }
        : {}),
      ...scores,
      probability: in01(numberOf(candidate['probability'] ?? propensity)),
      finalScore: numberOf(fieldOf(candidate, 'finalScore') ?? candidate['score']),
      ...(typeof reason === 'string' ? { selectionReason: reason.slice(0, 2_000) } : {}),
      ...(typeof eligible === 'boolean' ? { eligible } : {}),
    },
  ];
}

function candidatesOf(value: unknown): CandidateAgent[] {
  const list = jsonAttribute(value ?? null);
  return Array.isArray(list) ? list.flatMap(candidateOf).slice(0, 1_000) : [];
}

interface Chosen {
  readonly agentId: string;
  readonly strategy: string | null;
}

/**
 * Feature flags are read as routing only when the flag's provider says so: any program may evaluate
 * flags that have nothing to do with agents.
 */
function chosenOf(attributes: Attributes): Chosen | null {
  const selected = textAttribute(attributes, ['routing.selected_agent.id']);
  if (selected !== null) {
    return { agentId: selected, strategy: textAttribute(attributes, ['routing.strategy']) };
  }
  const variant = textAttribute(attributes, ['feature_flag.result.variant']);
  if (variant === null || attributes['feature_flag.provider.name'] !== 'assay') return null;
  return { agentId: variant, strategy: textAttribute(attributes, ['feature_flag.result.reason']) };
}

function optionalTexts(attributes: Attributes): Partial<RoutingDecisionLog> {
  const fields: [keyof RoutingDecisionLog, string][] = [
    ['decisionId', 'routing.decision.id'],
    ['policyId', 'routing.policy.id'],
    ['policyVersion', 'routing.policy.version'],
    ['primaryReason', 'routing.reason'],
  ];
  return Object.fromEntries(
    fields.flatMap(([field, key]) => {
      const text = idOf(textAttribute(attributes, [key]));
      return text === null ? [] : [[field, text]];
    }),
  );
}

function assignmentOf(attributes: Attributes): Pick<RoutingDecisionLog, 'assignment'> {
  const text = textAttribute(attributes, ['routing.assignment']);
  return text !== null && ASSIGNMENTS.includes(text) ? { assignment: text as Assignment } : {};
}

/**
 * The routing decision in the attributes of a span or event (`routing.selected_agent.id` and its
 * neighbours, or a feature flag of the provider `assay`), or null when there is none. A strategy of
 * another name counts as `fallback` and is kept among the secondary factors.
 *
 * @param timestamp ms since 1970
 */
export function decisionOf(
  attributes: Attributes,
  resource: Attributes,
  traceId: string | null,
  timestamp: number,
): ({ readonly kind: 'decision' } & RoutingDecisionLog) | null {
  const chosen = chosenOf(attributes);
  const task = taskAttributesOf(attributes, resource);
  const taskId =
    task.taskId ?? idOf(textAttribute(attributes, ['feature_flag.context.id'])) ?? traceId;
  if (chosen === null || taskId === null) return null;
  const version = idOf(textAttribute(attributes, ['routing.selected_agent.version']), 100);
  const strategyName = (chosen.strategy ?? '').toLowerCase().replaceAll(/[_ ]/g, '-');
  const strategy = STRATEGIES.get(strategyName);
  const sessionId = idOf(textAttribute(attributes, SESSION_KEYS));
  return {
    kind: 'decision',
    taskId,
    timestamp,
    ...(traceId === null ? {} : { traceId }),
    ...(sessionId === null ? {} : { sessionId }),
    taskType: task.taskType ?? idOf(textAttribute(attributes, ['feature_flag.key'])) ?? 'unknown',
    ...(task.taskKind === null ? {} : { taskKind: task.taskKind }),
    complexity: task.complexity,
    selectedAgentId: chosen.agentId.slice(0, 200),
    ...(version === null ? {} : { selectedAgentVersion: version }),
    routingStrategy: strategy ?? 'fallback',
    confidence: in01(numberAttribute(attributes, ['routing.confidence'])),
    propensity: in01(numberAttribute(attributes, ['routing.propensity'])),
    candidateAgents: candidatesOf(attributes['routing.candidates']),
    ...optionalTexts(attributes),
    ...assignmentOf(attributes),
    ...(strategy === undefined && chosen.strategy !== null
      ? { secondaryFactors: [`strategy ${chosen.strategy.slice(0, 200)}`] }
      : {}),
  };
}
