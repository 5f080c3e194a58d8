import type { FactKind } from '@assay/loop';
import type { OperationId, RecordAnswer } from '@assay/protocol';
import { AssayError } from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import { decodeLogs, decodeTraces } from '../adapters/otlp/decode.ts';
import type { OtlpKind } from '../adapters/otlp/encode.ts';
import { answerType, encodeResponse } from '../adapters/otlp/encode.ts';
import type { Engine } from '../engine/engine.ts';
import type { RawLine } from '../engine/raw-lines.ts';
import { lineOf, splitLines } from '../engine/raw-lines.ts';
import { MAX_INFLATED_BYTES, mediaTypeOf } from './body.ts';
import type { Call } from './call.ts';
import { handle } from './call.ts';

const SINGLE: ReadonlyMap<OperationId, FactKind> = new Map<OperationId, FactKind>([
  ['recordDecision', 'decision'],
  ['recordExecution', 'execution'],
  ['recordExecutionStart', 'execution-start'],
  ['recordEvaluation', 'evaluation'],
  ['recordFeedback', 'feedback'],
  ['recordRating', 'rating'],
  ['recordToolCall', 'tool-call'],
  ['recordTurn', 'turn'],
]);

/** Messages that an answer to an exporter repeats at most. */
const MAX_MESSAGES = 10;
/** A warning that goes with records which are in order but which nobody keeps. */
const RECORDED_LOGS =
  'only evaluations (gen_ai.evaluation.result) and routing decisions are recorded';

function linesOf(call: Call): RawLine[] {
  if (mediaTypeOf(call.request) === 'application/x-ndjson') return splitLines(call.body);
  const value = call.json();
  return Array.isArray(value) ? value.map(lineOf) : [lineOf(value)];
}

function isMinimal(call: Call): boolean {
  return /\breturn=minimal\b/i.test(String(call.request.headers['prefer'] ?? ''));
}

async function recordMany(engine: Engine, call: Call): Promise<RecordAnswer> {
  const answer = await engine.record(call.tenantId, linesOf(call));
  const isAllBad = answer.rejected > 0 && answer.rejected === answer.results.length;
  if (isAllBad) call.reply.code(422);
  if (!isMinimal(call)) return answer;
  return { ...answer, results: answer.results.filter((one) => one.status !== 'accepted') };
}

async function recordOne(engine: Engine, call: Call, kind: FactKind): Promise<unknown> {
  const value = call.json();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AssayError('fact.invalid', { path: '$', detail: 'must be an object' });
  }
  const named = Object.hasOwn(value, 'kind') ? (value as { kind?: unknown }).kind : kind;
  if (named !== kind) {
    throw new AssayError('fact.unknown-kind', { path: '$.kind', detail: `must be ${kind} here` });
  }
  const answer = await engine.record(call.tenantId, [lineOf({ ...value, kind })]);
  const result = answer.results[0];
  if (result?.code !== undefined) {
    throw new AssayError(result.code, {
      path: result.path ?? '$',
      detail: result.message ?? 'rejected',
    });
  }
  call.reply.code(result?.status === 'accepted' ? 201 : 200);
  return { id: result?.id, status: result?.status };
}

async function recordExport(engine: Engine, call: Call, kind: OtlpKind): Promise<unknown> {
  const type = call.request.headers['content-type'];
  const decode = kind === 'traces' ? decodeTraces : decodeLogs;
  const { facts, rejected, ignored } = decode(call.body, type, engine.context.now());
  const answer = await engine.recordExport(call.tenantId, facts, rejected.length);
  // Derived facts have no place in the count of spans, so it is held to what was sent.
  const refused = answer.results.filter(
    (one) => one.status === 'rejected' && (kind === 'logs' || facts[one.index]?.kind === 'span'),
  );
  const messages = [
    ...rejected.map((one) => one.message),
    ...refused.map((one) => `${one.code} at ${one.path}: ${one.message}`),
  ].slice(0, MAX_MESSAGES);
  if (ignored > 0) messages.push(`${ignored} log records were ignored: ${RECORDED_LOGS}`);
  const count = rejected.length + refused.length;
  return call.reply
    .type(answerType(type))
    .send(Buffer.from(encodeResponse(kind, type, count, messages.join('; '))));
}

/** Routes of the OTLP/HTTP exporters. */
export function registerOtlp(app: FastifyInstance, engine: Engine): void {
  const options = { bodyLimit: MAX_INFLATED_BYTES };
  handle(app, 'exportTraces', (call) => recordExport(engine, call, 'traces'), options);
  handle(app, 'exportLogs', (call) => recordExport(engine, call, 'logs'), options);
}

/** Routes that record facts. */
export function registerRecord(app: FastifyInstance, engine: Engine): void {
  handle(app, 'recordFacts', (call) => recordMany(engine, call));
  for (const [id, kind] of SINGLE) handle(app, id, (call) => recordOne(engine, call, kind));
  registerOtlp(app, engine);
}
