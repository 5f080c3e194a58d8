import {
  compareVersions,
  type Json,
  type MetricResult,
  readScorecardJson,
  renderScorecard,
  type Scorecard,
  type ScorecardItem,
  sameItems,
  scorecardJson,
} from '@assay/loop';
import { AssayError, type PublishRequest, pathOf, publishRequestSchema } from '@assay/protocol';
import { addState, getState, listStates } from '@assay/store';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';

const CARDS = 'hub-scorecard';
const ITEMS = 'hub-scorecard-items';
const PAGE = 500;

/** A published version. Never changed after it was written. */
interface StoredVersion {
  readonly card: Scorecard;
  /** SHA-256 of the canonical card. */
  readonly sha256: string;
  readonly publishedAtMs: number;
  readonly hasItems: boolean;
  readonly attestation: Readonly<Record<string, Json>> | null;
}

/** One version of an agent in the hub. */
export interface HubVersion {
  readonly version: string;
  /** 0..100 */
  readonly eval_score: number;
  /** Path of the card as Markdown. */
  readonly eval_scorecard_url: string;
  readonly sha256: string;
  readonly publishedAt: string;
  readonly generatedAt: string | null;
  /** The version that was measured, when this one was not. */
  readonly inheritedFrom: string | null;
  readonly n: number;
  readonly datasetSize: number;
  readonly metrics: readonly Pick<MetricResult, 'name' | 'value' | 'interval' | 'n' | 'weight'>[];
  readonly isAttested: boolean;
}

/** An agent in the catalogue, with its latest version. */
export interface HubAgent extends HubVersion {
  readonly agentId: string;
  readonly name: string;
  readonly versions: number;
}

/** What publishing did. */
export interface Published {
  readonly agentId: string;
  readonly version: string;
  readonly sha256: string;
  readonly status: 'published' | 'known';
  readonly eval_scorecard_url: string;
}

/** Agent ids may hold any character; the version holds no slash. */
function keyOf(agentId: string, version: string): string {
  return `${encodeURIComponent(agentId)}/${version}`;
}

/**
 * Publishes the scorecard of a version. The same card again is known; another card for a published
 * version is refused, for ever.
 * @throws AssayError `request.invalid`, `scorecard.invalid`, `scorecard.published`
 */
export async function publishScorecard(
  context: EngineContext,
  tenantId: number,
  body: unknown,
): Promise<Published> {
  const request = parseBody(publishRequestSchema, body);
  const { card, items } = readPublished(context, request);
  const { id: agentId, version } = card.agent;
  const sha256 = context.hash(scorecardJson(card));
  const key = keyOf(agentId, version);
  const nowMs = context.now();
  const value: StoredVersion = {
    card,
    sha256,
    publishedAtMs: nowMs,
    hasItems: items !== null,
    attestation: request.attestation ?? null,
  };
  // Items first: a version that is listed always has its items. They are found by the card's digest.
  if (items !== null) await addState(context.db, tenantId, ITEMS, sha256, items, nowMs);
  const isNew = await addState(context.db, tenantId, CARDS, key, value, nowMs);
  const stored = isNew ? value : await versionOf(context, tenantId, agentId, version);
  if (stored.sha256 !== sha256) {
    throw new AssayError('scorecard.published', { detail: `${agentId} ${version}` });
  }
  return {
    agentId,
    version,
    sha256,
    status: isNew ? 'published' : 'known',
    eval_scorecard_url: urlOf(agentId, version),
  };
}

function readPublished(
  context: EngineContext,
  { card: value, items }: PublishRequest,
): { card: Scorecard; items: readonly ScorecardItem[] | null } {
  const reading = readScorecardJson(value);
  if (reading.kind === 'invalid') {
    throw new AssayError('scorecard.invalid', {
      path: '$.card',
      detail: reading.errors.join('; '),
    });
  }
  if (items !== undefined && !sameItems(reading.card, items, context.hash)) {
    const detail = 'the items are not those that the card was made from';
    throw new AssayError('scorecard.invalid', { path: '$.items', detail });
  }
  return { card: reading.card, items: items ?? null };
}

/** The catalogue: every agent with its latest version, by id. */
export async function listHubAgents(
  context: EngineContext,
  tenantId: number,
): Promise<readonly HubAgent[]> {
  const byAgent = new Map<string, StoredVersion[]>();
  for (const stored of await allVersions(context, tenantId, '')) {
    const versions = byAgent.get(stored.card.agent.id);
    if (versions === undefined) byAgent.set(stored.card.agent.id, [stored]);
    else versions.push(stored);
  }
  return [...byAgent]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([agentId, versions]) => {
      const [latest] = versions.sort(newestFirst);
      if (latest === undefined) return [];
      const { name } = latest.card.agent;
      return [{ agentId, name, versions: versions.length, ...hubVersionOf(latest) }];
    });
}

/**
 * The published versions of an agent, newest version first.
 * @throws AssayError `scorecard.not-found`
 */
export async function getHubAgent(
  context: EngineContext,
  tenantId: number,
  agentId: string,
): Promise<readonly HubVersion[]> {
  const versions = await allVersions(context, tenantId, `${encodeURIComponent(agentId)}/`);
  if (versions.length === 0) throw new AssayError('scorecard.not-found', { detail: agentId });
  return versions.sort(newestFirst).map(hubVersionOf);
}

/**
 * A published card with its items, when they were published too.
 * @throws AssayError `scorecard.not-found`
 */
export async function getHubScorecard(
  context: EngineContext,
  tenantId: number,
  agentId: string,
  version: string,
): Promise<Omit<StoredVersion, 'hasItems'> & { readonly items: readonly ScorecardItem[] | null }> {
  const { hasItems, ...stored } = await versionOf(context, tenantId, agentId, version);
  const items = hasItems ? await getState(context.db, tenantId, ITEMS, stored.sha256) : null;
  return { ...stored, items: (items?.value as readonly ScorecardItem[] | undefined) ?? null };
}

/**
 * A published card as SCORECARD.md.
 * @throws AssayError `scorecard.not-found`
 */
export async function hubScorecardMarkdown(
  context: EngineContext,
  tenantId: number,
  agentId: string,
  version: string,
): Promise<string> {
  return renderScorecard((await versionOf(context, tenantId, agentId, version)).card);
}

async function versionOf(
  context: EngineContext,
  tenantId: number,
  agentId: string,
  version: string,
): Promise<StoredVersion> {
  const found = await getState(context.db, tenantId, CARDS, keyOf(agentId, version));
  if (found === null) {
    throw new AssayError('scorecard.not-found', { detail: `${agentId} ${version}` });
  }
  return found.value as StoredVersion;
}

async function allVersions(
  context: EngineContext,
  tenantId: number,
  prefix: string,
): Promise<StoredVersion[]> {
  const all: StoredVersion[] = [];
  let after = '';
  for (;;) {
    const page = await listStates(context.db, tenantId, CARDS, { prefix, after, limit: PAGE });
    all.push(...page.map(({ value }) => value as StoredVersion));
    after = page.at(-1)?.key ?? '';
    if (page.length < PAGE) return all;
  }
}

function newestFirst(a: StoredVersion, b: StoredVersion): number {
  return compareVersions(b.card.agent.version, a.card.agent.version);
}

function hubVersionOf({ card, sha256, publishedAtMs, attestation }: StoredVersion): HubVersion {
  const { agent, results, recipe } = card;
  return {
    version: agent.version,
    eval_score: card.aggregate.value,
    eval_scorecard_url: urlOf(agent.id, agent.version),
    sha256,
    publishedAt: new Date(publishedAtMs).toISOString(),
    generatedAt: card.generatedAt,
    inheritedFrom: card.inheritedFrom,
    n: results.counts.run,
    datasetSize: recipe.dataset.size,
    metrics: results.metrics.map(({ name, value, interval, n, weight }) => ({
      name,
      value,
      interval,
      n,
      weight,
    })),
    isAttested: attestation !== null,
  };
}

function urlOf(agentId: string, version: string): string {
  return pathOf('hubScorecardMarkdown', { agentId, version });
}
