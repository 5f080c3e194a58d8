import { z } from 'zod';
import { timeOf } from './field.ts';

const id = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');
const version = z
  .string()
  .max(100)
  .refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');
const names = z.array(z.string().max(2_000)).max(1_000);
const score = z.number().min(0).max(1);

/** A time in a query: ISO 8601, or milliseconds since 1970; becomes milliseconds. */
export const queryTime: z.ZodType<number> = z
  .string()
  .max(40)
  .transform((value, context) => {
    const ms = timeOf(/^\d{1,13}$/.test(value) ? Number(value) : value);
    if (ms !== null) return ms;
    context.addIssue('must be an ISO 8601 time or milliseconds since 1970');
    return z.NEVER;
  })
  .pipe(z.number().min(0));

/** A time in a body: ISO 8601 with a zone, or milliseconds since 1970; becomes milliseconds. */
export const bodyTime: z.ZodType<number> = z.union([
  z.number().int().min(0).max(253_402_300_799_999),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

function count(max: number, fallback: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d{1,7}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(1).max(max))
    .default(fallback) as unknown as z.ZodType<number>;
}

const range = { from: queryTime.optional(), to: queryTime.optional() };

/** Settings of a routing policy; absent ones keep their default. */
export const policySettingsSchema: z.ZodType<unknown> = z.object({
  strategy: z
    .enum(['thompson', 'inverse-gap', 'fixed', 'capability-match', 'load-balance'])
    .optional(),
  metric: z.enum(['auto', 'quality', 'success']).optional(),
  priorWeight: z.number().min(0).max(1_000).optional(),
  sharpening: z.number().min(1).max(8).optional(),
  floor: score.optional(),
  gammaScale: z.number().min(0).max(1e6).optional(),
  gammaExponent: score.optional(),
  weights: z.record(z.string().max(200), z.number().min(0).max(1e9)).optional(),
  valuePerQualityUnitUsd: z.number().min(1e-9).max(1e9).nullish(),
  maxCostUsd: z.number().min(0).max(1e9).nullish(),
  allowedAgents: z.array(id).max(1_000).nullish(),
  isSticky: z.boolean().optional(),
  halfLifeMs: z.number().min(1_000).max(1e13).nullish(),
});

/** A task that needs an agent, as it comes over the wire. */
export interface RouteRequest {
  readonly taskId: string;
  readonly taskType: string;
  readonly taskKind?: string | undefined;
  readonly complexity?: 'trivial' | 'standard' | 'complex' | null | undefined;
  readonly requirements?: readonly string[] | undefined;
  readonly sessionId?: string | null | undefined;
  readonly parentTaskId?: string | null | undefined;
  readonly attempt?: number | undefined;
  /** The registered agents when absent. */
  readonly candidates?: readonly RouteCandidate[] | undefined;
  readonly forcedAgentId?: string | null | undefined;
  readonly inputTokens?: number | null | undefined;
  readonly budgetUsd?: number | null | undefined;
  readonly contextFeatures?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Id of a policy; the active one when absent. */
  readonly policy?: string | undefined;
  /** Time of the decision; now when absent. */
  readonly timestamp?: string | number | undefined;
  /**
   * `queued`: the answer does not wait until the decision is on disk; `durable`: it does; `none`:
   * only ask, record nothing.
   */
  readonly record: 'queued' | 'durable' | 'none';
}

/** An agent that may take the task. */
export interface RouteCandidate {
  readonly agentId: string;
  readonly agentVersion?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  readonly costEstimateUsd?: number | null | undefined;
  /** Share of its capacity in use, 0..1. */
  readonly load?: number | null | undefined;
  readonly contextWindowTokens?: number | null | undefined;
  readonly isCircuitOpen?: boolean | undefined;
}

/** Body of `POST /v1/route`. */
export const routeRequestSchema: z.ZodType<RouteRequest> = z.object({
  taskId: id,
  taskType: id,
  taskKind: id.optional(),
  complexity: z.enum(['trivial', 'standard', 'complex']).nullish(),
  requirements: names.optional(),
  sessionId: id.nullish(),
  parentTaskId: id.nullish(),
  attempt: z.number().int().min(1).max(10_000).optional(),
  candidates: z
    .array(
      z.object({
        agentId: id,
        agentVersion: version.optional(),
        capabilities: names.optional(),
        costEstimateUsd: z.number().min(0).max(1e9).nullish(),
        load: score.nullish(),
        contextWindowTokens: z.number().int().min(0).nullish(),
        isCircuitOpen: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(1_000)
    .optional(),
  forcedAgentId: id.nullish(),
  inputTokens: z.number().min(0).max(1e9).nullish(),
  budgetUsd: z.number().min(0).max(1e9).nullish(),
  contextFeatures: z
    .record(z.string(), z.union([z.string().max(500), z.number(), z.boolean()]))
    .optional(),
  policy: id.optional(),
  timestamp: z
    .union([z.string(), z.number()])
    .refine((value) => timeOf(value) !== null, 'must be an ISO 8601 time or ms since 1970')
    .optional(),
  record: z.enum(['queued', 'durable', 'none']).default('queued'),
});

const gatePrior = z.object({
  taskType: id,
  taskKind: z.string().max(200).default(''),
  mean: score,
  n: z.number().min(0).max(1e9),
});
const prior = z.object({
  inheritFrom: version.optional(),
  fromGate: z.array(gatePrior).max(1_000).optional(),
});

/** What a new version starts with. */
export interface PriorRequest {
  /** Version whose evidence it takes over. */
  readonly inheritFrom?: string | undefined;
  /** What a gate measured. */
  readonly fromGate?:
    | readonly {
        readonly taskType: string;
        readonly taskKind: string;
        readonly mean: number;
        readonly n: number;
      }[]
    | undefined;
}

/** An agent to be registered. */
export interface AgentRegistration {
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly family?: string | null | undefined;
  readonly state: 'active' | 'retired';
  readonly costEstimateUsd?: number | null | undefined;
  readonly contextWindowTokens?: number | null | undefined;
  readonly prior?: PriorRequest | undefined;
}

/** Body of `PUT /v1/agents/{agentId}`. */
export const agentSchema: z.ZodType<AgentRegistration> = z.object({
  version: version.default(''),
  capabilities: names.default([]),
  family: z.string().max(200).nullish(),
  state: z.enum(['active', 'retired']).default('active'),
  costEstimateUsd: z.number().min(0).max(1e9).nullish(),
  contextWindowTokens: z.number().int().min(0).nullish(),
  prior: prior.optional(),
});

/** A version that takes the place of another. */
export interface Promotion {
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly scorecard?: string | null | undefined;
  readonly prior?: PriorRequest | undefined;
}

/** Body of `POST /v1/agents/{agentId}/promote`. */
export const promotionSchema: z.ZodType<Promotion> = z.object({
  fromVersion: version,
  toVersion: version,
  scorecard: id.nullish(),
  prior: prior.optional(),
});

/** Which runs to list. Times are ms since 1970. */
export interface RunsQuery extends RangeQuery {
  readonly agent?: string | undefined;
  readonly version?: string | undefined;
  readonly taskType?: string | undefined;
  readonly taskKind?: string | undefined;
  readonly success?: boolean | undefined;
  readonly session?: string | undefined;
  /** Words to search for. */
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Query of `GET /v1/runs`. */
export const runsQuerySchema: z.ZodType<RunsQuery> = z.object({
  agent: id.optional(),
  version: version.optional(),
  taskType: id.optional(),
  taskKind: id.optional(),
  ...range,
  success: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .pipe(z.boolean())
    .optional(),
  session: id.optional(),
  q: z.string().max(1_000).optional(),
  cursor: z
    .string()
    .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'is not a cursor')
    .optional(),
  limit: count(200, 50),
});

/** What aggregates may be grouped by. */
export type GroupKey = 'agent' | 'version' | 'taskType' | 'taskKind' | 'hour' | 'day';

const GROUP_KEYS: readonly GroupKey[] = ['agent', 'version', 'taskType', 'taskKind', 'hour', 'day'];

/** Which figures are wanted, and by what. */
export interface AggregatesQuery extends RangeQuery {
  readonly by: readonly GroupKey[];
  readonly agent?: string | undefined;
  readonly taskType?: string | undefined;
}

/** Query of `GET /v1/aggregates`. */
export const aggregatesQuerySchema: z.ZodType<AggregatesQuery> = z.object({
  by: z
    .string()
    .max(200)
    .default('agent')
    .transform((value) => value.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(GROUP_KEYS)).max(GROUP_KEYS.length)),
  ...range,
  agent: id.optional(),
  taskType: id.optional(),
});

/** A range of time, ms since 1970. */
export interface RangeQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Query of a range of time. */
export const rangeQuerySchema: z.ZodType<RangeQuery> = z.object(range);

/** Which cells of evidence are wanted. */
export interface EvidenceQuery {
  readonly agent?: string | undefined;
  readonly version?: string | undefined;
  readonly taskType?: string | undefined;
  readonly taskKind?: string | undefined;
}

/** Query of `GET /v1/evidence` and `GET /v1/drift`. */
export const evidenceQuerySchema: z.ZodType<EvidenceQuery> = z.object({
  agent: id.optional(),
  version: version.optional(),
  taskType: id.optional(),
  taskKind: z.string().max(200).optional(),
});

/** What a key may do. */
export type Role = 'admin' | 'writer' | 'reader';

/** A key to be made. */
export interface NewKeyRequest {
  readonly name: string;
  readonly roles: readonly Role[];
  /** Capabilities that the key is held to; none = all. */
  readonly scopes: readonly string[];
}

/** Body of `POST /v1/keys`. */
export const newKeySchema: z.ZodType<NewKeyRequest> = z.object({
  name: z.string().max(200).default(''),
  roles: z
    .array(z.enum(['admin', 'writer', 'reader']))
    .min(1)
    .max(3),
  scopes: z.array(z.string().max(50)).max(50).default([]),
});

/** Which scorecards to list. */
export interface ScorecardsQuery {
  readonly agent?: string | undefined;
}

/** Query of `GET /v1/scorecards`. */
export const scorecardsQuerySchema: z.ZodType<ScorecardsQuery> = z.object({ agent: id.optional() });

/** A body whose fields the capability itself checks. */
export const openBodySchema: z.ZodType<Readonly<Record<string, unknown>>> = z.looseObject({});
