import type { Buffer } from 'node:buffer';
import type { Fact, FactKind, NarrowFact, RecordedScore } from '@assay/loop';
import {
  hasResponse,
  identityOf,
  narrowFactOf,
  recordedScoreOf,
  recordId,
  refOf,
  searchTextOf,
} from '@assay/loop';
import type { ErrorCode } from '@assay/protocol';
import { AssayError, readFact } from '@assay/protocol';
import type { EngineContext } from './context.ts';
import type { OpenWindow } from './open-window.ts';
import type { RawLine } from './raw-lines.ts';

/** What became of a fact. */
export type FactOutcome = 'accepted' | 'duplicate' | AssayError;

/**
 * A fact that is on its way into the store.
 *
 * The parsed fact itself is not kept: thousands wait for a commit at a time, and what would be
 * kept of each is collected several times over. {@link readStoredFact} parses the line again.
 */
export interface PendingFact {
  readonly tenantId: number;
  readonly id: string;
  readonly bytes: Buffer;
  readonly kind: FactKind;
  /** null = the fact is not about a task. */
  readonly taskId: string | null;
  /** Time of the fact, ms since 1970. */
  readonly timestampMs: number;
  readonly narrow: NarrowFact;
  readonly taskRef: string;
  readonly sessionRef: string;
  readonly text: string | null;
  /** The score when the fact is one that Assay made; else null. */
  readonly score: RecordedScore | null;
  /** Whether there is a response that can be scored. */
  readonly hasResponse: boolean;
  /** See {@link RawLine.isUnsettled}. */
  readonly isUnsettled: boolean;
  agentId: number;
  typeId: number;
  /** Called once, after the commit or the failure. */
  settle(outcome: FactOutcome): void;
}

/** Why a line cannot be recorded. */
export interface LineFault {
  readonly code: ErrorCode;
  readonly path: string;
  readonly message: string;
}

/** Largest JSON of one fact, bytes. */
export const MAX_FACT_BYTES: number = 4 * 1024 * 1024;

function parse(line: RawLine): { value: unknown } | LineFault {
  if (line.bytes.length > MAX_FACT_BYTES) {
    return { code: 'fact.too-large', path: '$', message: `has ${line.bytes.length} bytes` };
  }
  if (line.isText === false) {
    return { code: 'fact.not-json', path: '$', message: 'is not UTF-8' };
  }
  if (line.value !== undefined) return { value: line.value };
  try {
    return { value: JSON.parse(line.bytes.toString('utf8')) };
  } catch {
    return { code: 'fact.not-json', path: '$', message: 'is not valid JSON' };
  }
}

/** The id of the task of a fact; feedback is about an agent and has none. */
export function taskIdOf(fact: Fact): string | null {
  return fact.kind === 'feedback' ? null : fact.taskId;
}

/**
 * Reads a line: parses, checks, and works out the id and the typed columns.
 *
 * `agentId` and `typeId` are 0 until the dictionaries have been asked.
 */
export function prepareFact(
  context: EngineContext,
  window: OpenWindow,
  tenantId: number,
  line: RawLine,
): Omit<PendingFact, 'settle'> | LineFault {
  const parsed = parse(line);
  if ('code' in parsed) return parsed;
  const reading = readFact(parsed.value);
  if (reading.code !== undefined) return reading;
  const fact = reading.fact;
  if (!window.isOpen(fact.timestamp, tenantId)) {
    const time = new Date(fact.timestamp).toISOString();
    return {
      code: 'fact.time-out-of-window',
      path: '$.timestamp',
      message: `${time} is outside the open window, or its day has been archived`,
    };
  }
  const taskId = taskIdOf(fact);
  const sessionId = fact.kind === 'feedback' ? null : (fact.sessionId ?? null);
  return {
    tenantId,
    id: recordId(context.hash, tenantId, fact.timestamp, identityOf(fact)),
    bytes: line.bytes,
    kind: fact.kind,
    taskId,
    timestampMs: fact.timestamp,
    narrow: narrowFactOf(fact),
    taskRef: taskId === null ? '0' : refOf(context.hash, tenantId, taskId),
    sessionRef: sessionId === null ? '0' : refOf(context.hash, tenantId, sessionId),
    text: searchTextOf(fact),
    isUnsettled: line.isUnsettled === true,
    score: recordedScoreOf(fact),
    hasResponse: hasResponse(fact),
    agentId: 0,
    typeId: 0,
  };
}

/** Reads a stored line back. Null only when the store holds something else than a fact. */
export function factOfLine(line: string): Fact | null {
  try {
    return readFact(JSON.parse(line)).fact ?? null;
  } catch {
    return null;
  }
}

/**
 * The whole of a fact that has just been stored, from its line.
 * @throws AssayError `internal`: what was stored was read before
 */
export function readStoredFact({ bytes }: Pick<PendingFact, 'bytes'>): Fact {
  const fact = factOfLine(bytes.toString('utf8'));
  if (fact === null) throw new AssayError('internal');
  return fact;
}
