import type { FactKind } from '@assay/loop';
import { z } from 'zod';
import { factSchema, impliedFactSchema } from './fact-schema.ts';
import { gateRequestSchema, publishRequestSchema, scorecardRequestSchema } from './gate.ts';
import { anything, items, type Operation, page, post, read } from './operation.ts';
import { retentionSchema } from './retention.ts';
import { ROUTES } from './routes.ts';
import {
  agentSchema,
  aggregatesQuerySchema,
  evidenceQuerySchema,
  newKeySchema,
  policySettingsSchema,
  promotionSchema,
  rangeQuerySchema,
  routeRequestSchema,
  runsQuerySchema,
  scorecardsQuerySchema,
} from './schemas.ts';
import { SCORE, type ScoreId } from './score-operations.ts';
import { batchRequestSchema } from './train.ts';

const status = z.enum(['accepted', 'duplicate', 'rejected']);
const recordResult = z.object({
  index: z.number(),
  status,
  id: z.string().optional(),
  code: z.string().optional(),
  path: z.string().optional(),
  message: z.string().optional(),
});
const recordAnswer = z.object({
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  results: z.array(recordResult),
});
const OTLP: readonly string[] = ['application/x-protobuf', 'application/json'];

function single(path: string, kind: FactKind): Operation {
  return {
    method: 'POST',
    path,
    capability: 'record',
    role: 'writer',
    summary: `Record one fact of kind ${kind}; 200 when it was known already`,
    body: impliedFactSchema(kind),
    answer: z.object({ id: z.string(), status }),
    status: 201,
  };
}

type RecordId =
  | 'recordFacts'
  | 'recordDecision'
  | 'recordExecution'
  | 'recordExecutionStart'
  | 'recordEvaluation'
  | 'recordFeedback'
  | 'recordRating'
  | 'recordToolCall'
  | 'recordTurn'
  | 'exportTraces'
  | 'exportLogs';

const RECORD: Readonly<Record<RecordId, Operation>> = {
  recordFacts: {
    method: 'POST',
    path: ROUTES.records,
    capability: 'record',
    role: 'writer',
    summary: 'Record facts; every item is answered after its commit',
    body: z.union([factSchema, z.array(factSchema)]),
    accepts: ['application/json', 'application/x-ndjson'],
    answer: recordAnswer,
  },
  recordDecision: single(ROUTES.decisions, 'decision'),
  recordExecution: single(ROUTES.executions, 'execution'),
  recordExecutionStart: single(ROUTES.executionStarts, 'execution-start'),
  recordEvaluation: single(ROUTES.evaluations, 'evaluation'),
  recordFeedback: single(ROUTES.feedback, 'feedback'),
  recordRating: single(ROUTES.ratings, 'rating'),
  recordToolCall: single(ROUTES.toolCalls, 'tool-call'),
  recordTurn: single(ROUTES.turns, 'turn'),
  exportTraces: {
    ...post(ROUTES.traces, 'record', 'writer', 'OTLP/HTTP traces'),
    accepts: OTLP,
  },
  exportLogs: { ...post(ROUTES.logs, 'record', 'writer', 'OTLP/HTTP logs'), accepts: OTLP },
};

type ReadId =
  | 'listRuns'
  | 'getRun'
  | 'getSession'
  | 'getAggregates'
  | 'getCorrelations'
  | 'getCollectionHealth'
  | 'getOverview'
  | 'stream'
  | 'getEvidence'
  | 'getDrift';

const READ: Readonly<Record<ReadId, Operation>> = {
  listRuns: {
    ...read(ROUTES.runs, 'record', 'Runs, newest first', page),
    query: runsQuerySchema,
  },
  getRun: read(ROUTES.run, 'record', 'One run with everything joined', anything),
  getSession: read(ROUTES.session, 'record', 'A session with its runs', anything),
  getAggregates: {
    ...read(ROUTES.aggregates, 'record', 'Figures per group, with quantiles', items),
    query: aggregatesQuerySchema,
  },
  getCorrelations: {
    ...read(ROUTES.correlations, 'record', 'Correlations of quality, latency, tokens, cost', items),
    query: rangeQuerySchema,
  },
  getCollectionHealth: {
    ...read(ROUTES.collectionHealth, 'record', 'How complete the record is', anything),
    query: rangeQuerySchema,
  },
  getOverview: {
    ...read(ROUTES.overview, 'record', 'Figures for the first page', anything),
    query: rangeQuerySchema,
  },
  stream: {
    ...read(ROUTES.stream, 'record', 'Live events: fact, decision, evidence, drift', z.string()),
    answers: 'text/event-stream',
  },
  getEvidence: {
    ...read(ROUTES.evidence, 'learn', 'What the router has learned, per cell', items),
    query: evidenceQuerySchema,
  },
  getDrift: {
    ...read(ROUTES.drift, 'learn', 'Agents that became worse, newest first', items),
    query: evidenceQuerySchema,
  },
};

type RouteId =
  | 'routeTask'
  | 'listPolicies'
  | 'activatePolicy'
  | 'listAgents'
  | 'registerAgent'
  | 'promoteAgent';

const ROUTE: Readonly<Record<RouteId, Operation>> = {
  routeTask: {
    ...post(ROUTES.route, 'route', 'writer', 'Choose an agent and record the decision'),
    body: routeRequestSchema,
  },
  listPolicies: read(ROUTES.policies, 'route', 'Routing policies', items),
  activatePolicy: {
    method: 'PUT',
    path: ROUTES.policy,
    capability: 'route',
    role: 'admin',
    summary: 'Store a routing policy and put it into use',
    body: policySettingsSchema,
    answer: anything,
  },
  listAgents: read(ROUTES.agents, 'route', 'Registered agents', items),
  registerAgent: {
    method: 'PUT',
    path: ROUTES.agent,
    capability: 'route',
    role: 'writer',
    summary: 'Register an agent or change it',
    body: agentSchema,
    answer: anything,
  },
  promoteAgent: {
    ...post(ROUTES.promote, 'route', 'writer', 'Put a new version in the place of the one in use'),
    body: promotionSchema,
  },
};

type GateOrTrainId =
  | 'createScorecard'
  | 'listScorecards'
  | 'getScorecard'
  | 'getScorecardMarkdown'
  | 'publishScorecard'
  | 'listHubAgents'
  | 'getHubAgent'
  | 'getHubScorecard'
  | 'getHubScorecardMarkdown'
  | 'decideGate'
  | 'listVerdicts'
  | 'createBatch'
  | 'listBatches'
  | 'getBatchFile';

const GATE_AND_TRAIN: Readonly<Record<GateOrTrainId, Operation>> = {
  createScorecard: {
    ...post(ROUTES.scorecards, 'gate', 'writer', 'Make a scorecard from evaluated items'),
    body: scorecardRequestSchema,
    status: 201,
  },
  listScorecards: {
    ...read(ROUTES.scorecards, 'gate', 'Scorecards, newest first', items),
    query: scorecardsQuerySchema,
  },
  getScorecard: read(ROUTES.scorecard, 'gate', 'One scorecard with its items', anything),
  getScorecardMarkdown: {
    ...read(ROUTES.scorecardMarkdown, 'gate', 'A scorecard as SCORECARD.md', z.string()),
    answers: 'text/markdown',
  },
  publishScorecard: {
    ...post(ROUTES.hubAgents, 'gate', 'writer', 'Publish the scorecard of a version, once'),
    body: publishRequestSchema,
    status: 201,
  },
  listHubAgents: read(
    ROUTES.hubAgents,
    'gate',
    'Agents with the score of their latest published version',
    items,
  ),
  getHubAgent: read(ROUTES.hubAgent, 'gate', 'Published versions of an agent, newest first', items),
  getHubScorecard: read(ROUTES.hubScorecard, 'gate', 'A published scorecard', anything),
  getHubScorecardMarkdown: {
    ...read(ROUTES.hubScorecardMarkdown, 'gate', 'A published SCORECARD.md', z.string()),
    answers: 'text/markdown',
  },
  decideGate: {
    ...post(ROUTES.gate, 'gate', 'writer', 'Decide whether a candidate may be released'),
    body: gateRequestSchema,
  },
  listVerdicts: read(ROUTES.gate, 'gate', 'Verdicts of the gate, newest first', items),
  createBatch: {
    ...post(ROUTES.batches, 'train', 'writer', 'Make a batch of training data'),
    body: batchRequestSchema,
    status: 201,
  },
  listBatches: read(ROUTES.batches, 'train', 'Manifests of batches, newest first', items),
  getBatchFile: {
    ...read(ROUTES.batchFile, 'train', 'One file of a batch', z.string()),
    answers: 'application/octet-stream',
  },
};

type PlatformId =
  | 'createKey'
  | 'listKeys'
  | 'revokeKey'
  | 'listJobs'
  | 'getRetention'
  | 'changeRetention'
  | 'getLiveness'
  | 'getReadiness'
  | 'getMetrics'
  | 'getOpenApi';

const PLATFORM: Readonly<Record<PlatformId, Operation>> = {
  createKey: {
    ...post(ROUTES.keys, 'keys', 'admin', 'Make a key; its text is in this answer only'),
    body: newKeySchema,
    status: 201,
  },
  listKeys: { ...read(ROUTES.keys, 'keys', 'Keys without their secrets', items), role: 'admin' },
  revokeKey: {
    method: 'DELETE',
    path: ROUTES.key,
    capability: 'keys',
    role: 'admin',
    summary: 'Make a key useless',
    answer: anything,
  },
  listJobs: read(ROUTES.jobs, 'operate', 'Planned jobs, newest first', items),
  getRetention: read(
    ROUTES.retention,
    'operate',
    'Where facts are kept, and what has moved',
    anything,
  ),
  changeRetention: {
    method: 'PUT',
    path: ROUTES.retention,
    capability: 'operate',
    role: 'admin',
    summary: 'Say how long facts stay in which form',
    body: retentionSchema,
    answer: retentionSchema,
  },
  getLiveness: {
    ...read(ROUTES.liveness, 'operate', 'Whether the process lives', anything),
    role: null,
  },
  getReadiness: {
    ...read(ROUTES.readiness, 'operate', 'Whether the store answers', anything),
    role: null,
  },
  getMetrics: {
    ...read(ROUTES.metrics, 'operate', 'Figures of the server for Prometheus', z.string()),
    answers: 'text/plain',
  },
  getOpenApi: read(ROUTES.openapi, 'operate', 'This description', anything),
};

/** Name of an operation. */
export type OperationId = RecordId | ReadId | ScoreId | RouteId | GateOrTrainId | PlatformId;

/** Every route of the HTTP interface, by name. */
export const OPERATIONS: Readonly<Record<OperationId, Operation>> = {
  ...RECORD,
  ...READ,
  ...SCORE,
  ...ROUTE,
  ...GATE_AND_TRAIN,
  ...PLATFORM,
};
