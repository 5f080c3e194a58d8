import type { GatePolicy, Json, MetricWeight, ScorecardItem } from '@assay/loop';
import { z } from 'zod';

const key = z.string().min(1).max(200);
const share = z.number().min(0).max(1);
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(json),
    z.record(z.string(), json),
  ]),
);

/** Result of one item of an evaluation set. */
export const scorecardItemSchema: z.ZodType<ScorecardItem> = z.object({
  id: key,
  taskId: key.exactOptional(),
  category: z.string().max(200).exactOptional(),
  cluster: z.string().max(200).exactOptional(),
  score: share.nullable(),
  metrics: z.record(key, share.nullable()).exactOptional(),
  expected: z.string().max(1_000).exactOptional(),
  predicted: z.string().max(1_000).exactOptional(),
  digest: z.string().max(200).exactOptional(),
  status: z.enum(['scored', 'failed', 'infrastructure', 'unscored', 'skipped']).exactOptional(),
  latencyMs: z.number().min(0).nullable().exactOptional(),
  costUsd: z.number().min(0).nullable().exactOptional(),
});

/** An evaluation of one version of an agent, item by item. */
export interface ScorecardRequest {
  readonly agentId: string;
  readonly version: string;
  /** Name of the evaluation; also the reference of the data set when that is absent. */
  readonly name: string;
  readonly agentName?: string;
  /** ISO 8601 */
  readonly generatedAt?: string;
  readonly dataset?: {
    readonly reference: string;
    readonly description?: string;
    readonly size?: number;
  };
  readonly methodology?: string;
  readonly config?: Readonly<Record<string, Json>>;
  readonly environment?: Readonly<Record<string, Json>>;
  readonly reproduction?: readonly string[];
  readonly metrics?: readonly MetricWeight[];
  readonly aggregateName?: string;
  readonly subject?: readonly { readonly name: string; readonly sha256: string }[];
  readonly items: readonly ScorecardItem[];
}

/** Body of `POST /v1/scorecards`. */
export const scorecardRequestSchema: z.ZodType<ScorecardRequest> = z.object({
  agentId: key,
  version: key,
  name: key,
  agentName: z.string().min(1).max(200).exactOptional(),
  generatedAt: z.iso.datetime({ offset: true }).exactOptional(),
  dataset: z
    .object({
      reference: z.string().min(1).max(1_000),
      description: z.string().max(10_000).exactOptional(),
      size: z.number().int().min(1).exactOptional(),
    })
    .exactOptional(),
  methodology: z.string().min(1).max(10_000).exactOptional(),
  config: z.record(z.string(), json).exactOptional(),
  environment: z.record(z.string(), json).exactOptional(),
  reproduction: z.array(z.string().max(10_000)).max(100).exactOptional(),
  metrics: z
    .array(z.object({ name: key, weight: z.number().min(0) }))
    .min(1)
    .max(50)
    .exactOptional(),
  aggregateName: z.string().min(1).max(200).exactOptional(),
  subject: z
    .array(z.object({ name: key, sha256: z.string().regex(/^[0-9a-f]{64}$/) }))
    .max(1_000)
    .exactOptional(),
  items: z.array(scorecardItemSchema).min(1).max(100_000),
});

/** The scorecard of a version as it goes to the hub. */
export interface PublishRequest {
  /** The value of a scorecard.json. */
  readonly card: Readonly<Record<string, Json>>;
  /** The items that the card was made from; their digests must be those of the card. */
  readonly items?: readonly ScorecardItem[];
  /** A signed statement about the card; kept as it is. */
  readonly attestation?: Readonly<Record<string, Json>>;
}

/** Body of `POST /v1/hub/agents`. */
export const publishRequestSchema: z.ZodType<PublishRequest> = z.strictObject({
  card: z.record(z.string(), json),
  items: z.array(scorecardItemSchema).min(1).max(100_000).exactOptional(),
  attestation: z.record(z.string(), json).exactOptional(),
});

const floorSchema = z.object({
  min: share,
  test: z.enum(['lower-bound', 'point']).exactOptional(),
});

/** Rules of a gate; what is absent is filled from the defaults. */
export const gatePolicySchema: z.ZodType<Partial<GatePolicy>> = z.strictObject({
  alpha: z.number().gt(0).lt(0.5).exactOptional(),
  margin: z.number().min(0).lt(1).exactOptional(),
  minItems: z.number().int().min(1).exactOptional(),
  minCoverage: share.exactOptional(),
  metrics: z.array(key).max(50).nullable().exactOptional(),
  floors: z.record(z.string(), floorSchema).exactOptional(),
  minAggregate: z.number().min(0).max(100).nullable().exactOptional(),
  categoryFloors: z.record(z.string(), floorSchema).exactOptional(),
  passScore: share.exactOptional(),
  comparableKeys: z.array(z.string()).max(100).exactOptional(),
  inconclusive: z.enum(['block', 'warn']).exactOptional(),
  withoutItems: z.enum(['point', 'interval', 'refuse']).exactOptional(),
  rerunFactor: z.number().min(0).max(100).exactOptional(),
  maxRerunBand: share.exactOptional(),
});

/** A candidate, a baseline and the rules between them. */
export interface GateRequestBody {
  /** Id of a scorecard. */
  readonly candidate: string;
  /** Id of a scorecard. */
  readonly baseline?: string | null;
  readonly policy?: Partial<GatePolicy>;
  readonly firstRelease?: boolean;
  /** Ids of tasks or items that the candidate was trained on. */
  readonly trainedOnItemIds?: readonly string[];
  /** Batches that the candidate was trained on: their tasks count as trained on. */
  readonly trainedOnBatches?: readonly string[];
  /** Lets a regression pass, on the record. */
  readonly override?: { readonly who: string; readonly why: string };
}

/** Body of `POST /v1/gate`. */
export const gateRequestSchema: z.ZodType<GateRequestBody> = z.strictObject({
  candidate: key,
  baseline: key.nullable().exactOptional(),
  policy: gatePolicySchema.exactOptional(),
  firstRelease: z.boolean().exactOptional(),
  trainedOnItemIds: z.array(key).max(1_000_000).exactOptional(),
  trainedOnBatches: z.array(key).max(1_000).exactOptional(),
  override: z
    .object({ who: z.string().min(1).max(200), why: z.string().min(1).max(2_000) })
    .exactOptional(),
});

/** JSON Schema (2020-12) of the policy file of a gate, for editors and other validators. */
export function gatePolicyJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Policy of the gate of Assay', ...z.toJSONSchema(gatePolicySchema) };
}
