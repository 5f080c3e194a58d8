import { AssayClientError } from './errors.ts';
import {
  type ResponseScoreResult,
  type ScorableResponse,
  type ScoreResponsesOptions,
  scoreInGroups,
} from './score.ts';
import { errorOfAnswer, parseJson, type Transport } from './transport.ts';

/** Values of a query string; undefined and null are left out, lists are joined by commas. */
export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Asks for the next page; null at the end. */
  readonly nextCursor: string | null;
}

/**
 * The server's other routes. Every method throws an {@link AssayClientError}: `client.http` with
 * `status` and `serverCode` when the server refuses, `client.network` or `client.timeout` when it
 * does not answer. The type parameter is the caller's word for what the route returns.
 */
export interface Api {
  get<T = JsonObject>(path: string, query?: Query): Promise<T>;
  post<T = JsonObject>(path: string, body: unknown): Promise<T>;
  put<T = JsonObject>(path: string, body: unknown): Promise<T>;
  /** The text of a file, for example of a batch. */
  text(path: string, query?: Query): Promise<string>;
  runs<T = JsonObject>(query?: Query): Promise<Page<T>>;
  run<T = JsonObject>(taskId: string): Promise<T>;
  session<T = JsonObject>(sessionId: string): Promise<T>;
  aggregates<T = JsonObject>(query?: Query): Promise<T>;
  correlations<T = JsonObject>(query?: Query): Promise<T>;
  overview<T = JsonObject>(query?: Query): Promise<T>;
  evidence<T = JsonObject>(query?: Query): Promise<T>;
  drift<T = JsonObject>(query?: Query): Promise<T>;
  agents<T = JsonObject>(): Promise<T>;
  putAgent<T = JsonObject>(agentId: string, agent: JsonObject): Promise<T>;
  promoteAgent<T = JsonObject>(agentId: string, promotion: JsonObject): Promise<T>;
  /** Scores responses from their text, as many as there are; the server stores nothing. */
  scoreResponses(
    responses: readonly ScorableResponse[],
    options?: ScoreResponsesOptions,
  ): Promise<readonly ResponseScoreResult[]>;
  scoreDistribution<T = JsonObject>(query?: Query): Promise<T>;
  scoreTrends<T = JsonObject>(query?: Query): Promise<T>;
  scoreFitness<T = JsonObject>(query?: Query): Promise<T>;
  scoreBias<T = JsonObject>(query?: Query): Promise<T>;
  scoreCalibrations<T = JsonObject>(): Promise<T>;
  scorecards<T = JsonObject>(query?: Query): Promise<T>;
  createScorecard<T = JsonObject>(scorecard: JsonObject): Promise<T>;
  gate<T = JsonObject>(request: JsonObject): Promise<T>;
  /** Agents in the hub, each with its latest published version. */
  hubAgents<T = JsonObject>(): Promise<T>;
  /** Published versions of an agent, newest first. */
  hubAgent<T = JsonObject>(agentId: string): Promise<T>;
  hubScorecard<T = JsonObject>(agentId: string, version: string): Promise<T>;
  /** A published card as the text of SCORECARD.md. */
  hubScorecardMarkdown(agentId: string, version: string): Promise<string>;
  batches<T = JsonObject>(query?: Query): Promise<T>;
  createBatch<T = JsonObject>(request: JsonObject): Promise<T>;
  batchFile(batchId: string, name: string): Promise<string>;
}

/** A path with its query string. */
export function withQuery(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    parameters.set(key, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Makes the thin methods over a transport. */
export function createApi(transport: Transport, timeoutMs: number): Api {
  const send = async (method: string, path: string, body?: unknown): Promise<string> => {
    const answer = await transport({
      method,
      path,
      timeoutMs,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status < 200 || answer.status >= 300) throw errorOfAnswer(answer);
    return answer.text;
  };
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const text = await send(method, path, body);
    const parsed = text === '' ? null : parseJson(text);
    if (parsed === undefined) {
      throw new AssayClientError('client.bad-answer', `${method} ${path}: not JSON`);
    }
    return parsed as T;
  };
  const part = encodeURIComponent;
  const get = <T>(path: string, query?: Query): Promise<T> =>
    json<T>('GET', withQuery(path, query));
  const post = <T>(path: string, body: unknown): Promise<T> => json<T>('POST', path, body);
  const put = <T>(path: string, body: unknown): Promise<T> => json<T>('PUT', path, body);
  const text = (path: string, query?: Query): Promise<string> =>
    send('GET', withQuery(path, query));
  return {
    get,
    post,
    put,
    text,
    runs: (query) => get('/v1/runs', query),
    run: (taskId) => get(`/v1/runs/${part(taskId)}`),
    session: (sessionId) => get(`/v1/sessions/${part(sessionId)}`),
    aggregates: (query) => get('/v1/aggregates', query),
    correlations: (query) => get('/v1/correlations', query),
    overview: (query) => get('/v1/stats/overview', query),
    evidence: (query) => get('/v1/evidence', query),
    drift: (query) => get('/v1/drift', query),
    agents: () => get('/v1/agents'),
    putAgent: (agentId, agent) => put(`/v1/agents/${part(agentId)}`, agent),
    promoteAgent: (agentId, promotion) => post(`/v1/agents/${part(agentId)}/promote`, promotion),
    scoreResponses: (responses, options = {}) => scoreInGroups(responses, options, post),
    scoreDistribution: (query) => get('/v1/score/distribution', query),
    scoreTrends: (query) => get('/v1/score/trends', query),
    scoreFitness: (query) => get('/v1/score/fitness', query),
    scoreBias: (query) => get('/v1/score/bias', query),
    scoreCalibrations: () => get('/v1/score/calibrations'),
    scorecards: (query) => get('/v1/scorecards', query),
    createScorecard: (scorecard) => post('/v1/scorecards', scorecard),
    gate: (request) => post('/v1/gate', request),
    hubAgents: () => get('/v1/hub/agents'),
    hubAgent: (agentId) => get(`/v1/hub/agents/${part(agentId)}`),
    hubScorecard: (agentId, version) =>
      get(`/v1/hub/agents/${part(agentId)}/versions/${part(version)}`),
    hubScorecardMarkdown: (agentId, version) =>
      text(`/v1/hub/agents/${part(agentId)}/versions/${part(version)}/SCORECARD.md`),
    batches: (query) => get('/v1/batches', query),
    createBatch: (request) => post('/v1/batches', request),
    batchFile: (batchId, name) => text(`/v1/batches/${part(batchId)}/${part(name)}`),
  };
}
