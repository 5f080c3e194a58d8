import {
  buildScorecard,
  canonicalJson,
  decideGate,
  type GateResult,
  gatePolicy,
  type Json,
  renderScorecard,
  type Scorecard,
  type ScorecardItem,
} from '@assay/loop';
import {
  AssayError,
  type ErrorCode,
  gateRequestSchema,
  scorecardRequestSchema,
} from '@assay/protocol';
import { getState, listStates, putState } from '@assay/store';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';
import { trainedTaskIds } from './train.ts';

const CARDS = 'scorecard';
const ITEMS = 'scorecard-items';
const VERDICTS = 'gate-verdict';

/** A scorecard as it is stored. */
export interface StoredScorecard {
  readonly id: string;
  readonly card: Scorecard;
  /** ms since 1970. */
  readonly createdAtMs: number;
}

/** A scorecard with the items that it was made from. */
export interface ScorecardWithItems extends StoredScorecard {
  readonly items: readonly ScorecardItem[];
}

/** What a gate decided, as it is stored. */
export interface StoredVerdict extends GateResult {
  readonly id: string;
  readonly agentId: string;
  readonly candidateId: string;
  readonly baselineId: string | null;
  /** SHA-256 of the canonical policy. */
  readonly policyDigest: string;
  readonly decidedAtMs: number;
}

/**
 * Makes a scorecard from the items of an evaluation and keeps both.
 *
 * Throws AssayError `request.invalid` for a body that does not match, `scorecard.invalid` for items
 * that make no card (an id twice, nothing scored).
 */
export async function createScorecard(
  context: EngineContext,
  tenantId: number,
  body: unknown,
): Promise<StoredScorecard> {
  const { version, name, items, generatedAt, dataset, methodology, ...rest } = parseBody(
    scorecardRequestSchema,
    body,
  );
  const nowMs = context.now();
  const card = orFault('scorecard.invalid', () =>
    buildScorecard(
      items,
      {
        ...rest,
        agentVersion: version,
        generatedAt: generatedAt ?? new Date(nowMs).toISOString(),
        dataset: dataset ?? { reference: name },
        methodology: methodology ?? name,
      },
      context.hash,
    ),
  );
  const stored: StoredScorecard = { id: context.newId(), card, createdAtMs: nowMs };
  // Items first: a card that is listed always has its items.
  await putState(context.db, tenantId, ITEMS, stored.id, items, nowMs);
  await putState(context.db, tenantId, CARDS, stored.id, stored, nowMs);
  return stored;
}

/** Scorecards of the tenant, newest first; of one agent when named. */
export async function listScorecards(
  context: EngineContext,
  tenantId: number,
  filter: { readonly agentId?: string } = {},
): Promise<readonly StoredScorecard[]> {
  const states = await listStates(context.db, tenantId, CARDS);
  return states
    .map(({ value }) => value as StoredScorecard)
    .filter(({ card }) => filter.agentId === undefined || card.agent.id === filter.agentId)
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
}

/** One scorecard with its items. Throws AssayError `scorecard.not-found`. */
export async function getScorecard(
  context: EngineContext,
  tenantId: number,
  id: string,
): Promise<ScorecardWithItems> {
  const card = await getState(context.db, tenantId, CARDS, id);
  const items = await getState(context.db, tenantId, ITEMS, id);
  if (card === null || items === null) {
    throw new AssayError('scorecard.not-found', { detail: `scorecard ${id}` });
  }
  return {
    ...(card.value as StoredScorecard),
    items: items.value as readonly ScorecardItem[],
  };
}

/** A scorecard as the text of SCORECARD.md. Throws AssayError `scorecard.not-found`. */
export async function scorecardMarkdown(
  context: EngineContext,
  tenantId: number,
  id: string,
): Promise<string> {
  return renderScorecard((await getScorecard(context, tenantId, id)).card);
}

/**
 * Decides whether the candidate may be released and keeps the verdict.
 *
 * A first release is believed only while no version of the agent was let pass before. Throws
 * AssayError `scorecard.not-found`, `batch.not-found`, `request.invalid`, `gate.policy-invalid`.
 */
export async function gateScorecards(
  context: EngineContext,
  tenantId: number,
  body: unknown,
): Promise<StoredVerdict> {
  const request = parseBody(gateRequestSchema, body);
  const policy = orFault('gate.policy-invalid', () => gatePolicy(request.policy));
  const candidate = await getScorecard(context, tenantId, request.candidate);
  const baselineId = request.baseline ?? null;
  const baseline = baselineId === null ? null : await getScorecard(context, tenantId, baselineId);
  const trainedOnItemIds = [
    ...(request.trainedOnItemIds ?? []),
    ...(await trainedTaskIds(context, tenantId, request.trainedOnBatches ?? [])),
  ];
  const agentId = candidate.card.agent.id;
  const firstRelease =
    request.firstRelease === true &&
    !(await wasReleased(context, tenantId, agentId, candidate.card.agent.version));
  const result = decideGate({
    candidate,
    baseline,
    policy,
    firstRelease,
    trainedOnItemIds,
    ...(request.override === undefined ? {} : { override: request.override }),
  });
  const verdict: StoredVerdict = {
    ...result,
    id: context.newId(),
    agentId,
    candidateId: request.candidate,
    baselineId,
    policyDigest: context.hash(canonicalJson(JSON.parse(JSON.stringify(policy)) as Json)),
    decidedAtMs: context.now(),
  };
  await putState(context.db, tenantId, VERDICTS, verdict.id, verdict, verdict.decidedAtMs);
  return verdict;
}

/** Verdicts of the tenant, newest first. */
export async function listVerdicts(
  context: EngineContext,
  tenantId: number,
): Promise<readonly StoredVerdict[]> {
  const states = await listStates(context.db, tenantId, VERDICTS);
  return states
    .map(({ value }) => value as StoredVerdict)
    .sort((a, b) => b.decidedAtMs - a.decidedAtMs);
}

async function wasReleased(
  context: EngineContext,
  tenantId: number,
  agentId: string,
  version: string,
): Promise<boolean> {
  const released = (await listVerdicts(context, tenantId)).filter(
    (verdict) => verdict.agentId === agentId && verdict.mayRelease,
  );
  if (released.length === 0) return false;
  const cards = await listScorecards(context, tenantId, { agentId });
  const versions = new Map(cards.map(({ id, card }) => [id, card.agent.version]));
  return released.some(({ candidateId }) => versions.get(candidateId) !== version);
}

function orFault<T>(code: ErrorCode, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new AssayError(code, { detail: cause.message, cause });
  }
}
