/** Paths of the HTTP interface. `{name}` stands for a path parameter. */
export const ROUTES = {
  records: '/v1/records',
  decisions: '/v1/decisions',
  executions: '/v1/executions',
  executionStarts: '/v1/execution-starts',
  evaluations: '/v1/evaluations',
  feedback: '/v1/feedback',
  ratings: '/v1/ratings',
  toolCalls: '/v1/tool-calls',
  turns: '/v1/turns',
  traces: '/v1/traces',
  logs: '/v1/logs',
  route: '/v1/route',
  policies: '/v1/policies',
  policy: '/v1/policies/{policyId}',
  agents: '/v1/agents',
  agent: '/v1/agents/{agentId}',
  promote: '/v1/agents/{agentId}/promote',
  runs: '/v1/runs',
  run: '/v1/runs/{taskId}',
  session: '/v1/sessions/{sessionId}',
  aggregates: '/v1/aggregates',
  correlations: '/v1/correlations',
  collectionHealth: '/v1/health/collection',
  overview: '/v1/stats/overview',
  stream: '/v1/stream',
  evidence: '/v1/evidence',
  drift: '/v1/drift',
  score: '/v1/score',
  scoreSettings: '/v1/score/settings',
  scoreLabels: '/v1/score/labels',
  scoreCalibrations: '/v1/score/calibrations',
  scoreCalibrationActivate: '/v1/score/calibrations/{calibrationId}/activate',
  scoreCalibrationRollback: '/v1/score/calibrations/rollback',
  scoreDistribution: '/v1/score/distribution',
  scoreTrends: '/v1/score/trends',
  scoreBias: '/v1/score/bias',
  scoreBiasCorrections: '/v1/score/bias/corrections',
  scoreBackfill: '/v1/score/backfill',
  scorecards: '/v1/scorecards',
  scorecard: '/v1/scorecards/{scorecardId}',
  scorecardMarkdown: '/v1/scorecards/{scorecardId}/markdown',
  gate: '/v1/gate',
  batches: '/v1/batches',
  batchFile: '/v1/batches/{batchId}/{file}',
  keys: '/v1/keys',
  key: '/v1/keys/{keyId}',
  jobs: '/v1/jobs',
  liveness: '/healthz',
  readiness: '/readyz',
  metrics: '/metrics',
  openapi: '/openapi.json',
} as const;

/** Name of a path. */
export type RouteName = keyof typeof ROUTES;

/** Path with its parameters filled in and escaped. */
export function pathOf(name: RouteName, params: Readonly<Record<string, string>> = {}): string {
  return ROUTES[name].replaceAll(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(params[key] ?? ''),
  );
}
