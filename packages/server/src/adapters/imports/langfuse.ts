import {
  type Attributes,
  type DecodedSpan,
  type EvaluationReading,
  evaluationFactOf,
  executionOfTrace,
  type Fact,
  jsonAttribute,
  numberOf,
  pathOf,
  type SpanLog,
  spanFactOf,
  UNKNOWN_AGENT,
  usageOfDetails,
} from '@assay/loop';
import { factItem, failedItem, type ImportItem } from './import-item.ts';

type Bag = Readonly<Record<string, unknown>>;
type SpanFact = { readonly kind: 'span' } & SpanLog;

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const textIn = (bag: Bag, key: string): string | null => {
  const value = bag[key];
  return typeof value === 'string' && value !== '' ? value : null;
};

function msIn(bag: Bag, key: string): number | null {
  const ms = Date.parse(textIn(bag, key) ?? '');
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

const nanos = (ms: number | null): string | null =>
  ms === null ? null : (BigInt(Math.round(ms)) * 1_000_000n).toString();

/** Content of any form as text. */
function contentIn(bag: Bag, key: string, name: string): Bag {
  const value = bag[key];
  if (value === null || value === undefined || value === '') return {};
  return { [name]: typeof value === 'string' ? value : JSON.stringify(value) };
}

/** Attributes of the original span, which the export keeps within `metadata`. */
function originalOf(bag: Bag): { readonly attributes: Attributes; readonly resource: Attributes } {
  const metadata = jsonAttribute(bag['metadata'] ?? null);
  const attributes = pathOf(metadata, 'attributes');
  const resource = pathOf(metadata, 'resourceAttributes');
  return {
    attributes: isBag(attributes) ? attributes : {},
    resource: isBag(resource) ? resource : {},
  };
}

function resourceOf(trace: Bag, resource: Attributes): Attributes {
  const service = textIn(resource, 'service.name');
  const isNamed = service !== null && !service.startsWith('unknown_service');
  const name = textIn(trace, 'name');
  return isNamed || name === null ? resource : { ...resource, 'service.name': name };
}

function attributesOf(observation: Bag, trace: Bag): Attributes {
  const type = textIn(observation, 'type')?.toLowerCase() ?? 'span';
  const model = textIn(observation, 'model');
  const session = textIn(trace, 'sessionId');
  return {
    ...originalOf(observation).attributes,
    'langfuse.observation.type': type,
    ...(model === null ? {} : { 'langfuse.observation.model.name': model }),
    ...(session === null ? {} : { 'langfuse.session.id': session }),
    ...contentIn(observation, 'input', 'langfuse.observation.input'),
    ...contentIn(observation, 'output', 'langfuse.observation.output'),
    ...(observation['level'] === 'ERROR' ? { 'langfuse.observation.level': 'ERROR' } : {}),
  };
}

/** Some frameworks name their tools in the name of a plain span only. */
const TOOL_NAME = /^(?:tool\.|execute_tool )(.+)$/;

/** The usage of the export replaces that of the attributes, which it was read from with care. */
function measuresOf(observation: Bag): Partial<SpanLog> {
  const details = observation['usageDetails'];
  const costs = observation['costDetails'];
  const hasCost = isBag(costs) && Object.keys(costs).length > 0;
  const seconds = numberOf(observation['timeToFirstToken']);
  return {
    ...(isBag(details) ? usageOfDetails(details) : {}),
    ...(hasCost ? { costUsd: numberOf(observation['totalCost']) } : {}),
    ...(seconds === null ? {} : { timeToFirstTokenMs: seconds * 1000 }),
  };
}

function spanOf(observation: Bag, trace: Bag, traceId: string, rootId: string | null): SpanFact {
  const original = originalOf(observation);
  const span: DecodedSpan = {
    traceId,
    spanId: (textIn(observation, 'id') ?? '').slice(0, 64),
    parentSpanId: textIn(observation, 'parentObservationId')?.slice(0, 64) ?? rootId,
    name: textIn(observation, 'name') ?? '',
    startNs: nanos(msIn(observation, 'startTime')),
    endNs: nanos(msIn(observation, 'endTime')),
    attributes: attributesOf(observation, trace),
    resource: resourceOf(trace, original.resource),
    scopeName: '',
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: textIn(observation, 'statusMessage') ?? '',
    isParentRemote: false,
  };
  const fact = { ...spanFactOf(span, msIn(trace, 'timestamp') ?? 0), ...measuresOf(observation) };
  const tool = fact.spanClass === 'other' ? TOOL_NAME.exec(span.name)?.[1] : undefined;
  return tool === undefined ? fact : { ...fact, spanClass: 'tool', toolName: tool.slice(0, 200) };
}

/** In older traces the trace itself is the root, and its observations stand side by side. */
function rootOf(trace: Bag, traceId: string): SpanFact {
  const start = msIn(trace, 'timestamp');
  const seconds = numberOf(trace['latency']);
  const end = start === null || seconds === null ? null : start + seconds * 1000;
  const session = textIn(trace, 'sessionId');
  const span: DecodedSpan = {
    traceId,
    spanId: traceId,
    parentSpanId: null,
    name: textIn(trace, 'name') ?? 'trace',
    startNs: nanos(start),
    endNs: nanos(end),
    attributes: {
      'langfuse.observation.type': 'agent',
      ...(session === null ? {} : { 'langfuse.session.id': session }),
      ...contentIn(trace, 'input', 'langfuse.trace.input'),
      ...contentIn(trace, 'output', 'langfuse.trace.output'),
    },
    resource: resourceOf(trace, originalOf(trace).resource),
    scopeName: '',
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: '',
    isParentRemote: false,
  };
  return spanFactOf(span, start ?? 0);
}

function spansOf(trace: Bag, observations: readonly Bag[], traceId: string): SpanFact[] {
  const roots = observations.filter((one) => textIn(one, 'parentObservationId') === null);
  if (roots.length === 1) return observations.map((one) => spanOf(one, trace, traceId, null));
  return [
    rootOf(trace, traceId),
    ...observations.map((one) => spanOf(one, trace, traceId, traceId)),
  ];
}

const ANNOTATORS: ReadonlyMap<unknown, string> = new Map([
  ['EVAL', 'LLM'],
  ['ANNOTATION', 'HUMAN'],
]);

function readingOf(score: Bag): EvaluationReading | null {
  const name = textIn(score, 'name');
  if (name === null) return null;
  const value = numberOf(score['value']);
  const isBoolean = score['dataType'] === 'BOOLEAN';
  const label = isBoolean ? String(value === 1) : textIn(score, 'stringValue');
  return {
    name,
    score: value,
    label,
    explanation: textIn(score, 'comment'),
    annotatorKind: ANNOTATORS.get(score['source']) ?? 'CODE',
    identifier: textIn(score, 'id'),
    scope: textIn(score, 'observationId') === null ? 'trace' : 'span',
  };
}

function scoresOf(trace: Bag, traceId: string, agentId: string): Fact[] {
  const scores = trace['scores'];
  if (!Array.isArray(scores)) return [];
  return scores.filter(isBag).flatMap((score) => {
    const reading = readingOf(score);
    if (reading === null) return [];
    const target = {
      taskId: traceId,
      traceId,
      spanId: textIn(score, 'observationId'),
      sessionId: textIn(trace, 'sessionId'),
      agentId,
      taskType: null,
      timestamp: msIn(score, 'timestamp') ?? msIn(trace, 'timestamp') ?? 0,
    };
    return [evaluationFactOf(reading, target)];
  });
}

/**
 * Reads one exported Langfuse trace, `{trace, observations}` or a trace that holds its
 * observations: a span for each observation, the execution that they make up, and a fact for each
 * score.
 */
export function* langfuseItems(line: number, value: unknown): Generator<ImportItem> {
  const trace = isBag(value) && isBag(value['trace']) ? value['trace'] : value;
  if (!isBag(trace)) {
    yield failedItem(line, 'fact.invalid', 'must be an object');
    return;
  }
  const traceId = textIn(trace, 'id')?.slice(0, 64);
  if (traceId === undefined) {
    yield failedItem(line, 'fact.invalid', 'must be the id of the trace', '$.trace.id');
    return;
  }
  const listed = (isBag(value) ? value['observations'] : undefined) ?? trace['observations'];
  if (!Array.isArray(listed)) {
    yield failedItem(line, 'fact.invalid', 'must be a list', '$.observations');
    return;
  }
  const spans = spansOf(trace, listed.filter(isBag), traceId);
  const execution = executionOfTrace(spans);
  const scores = scoresOf(trace, traceId, execution?.agentId ?? UNKNOWN_AGENT);
  const facts = execution === null ? [...spans, ...scores] : [...spans, execution, ...scores];
  for (const fact of facts) yield factItem(line, fact);
}
