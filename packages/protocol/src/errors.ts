/** What a registry entry says of one error. */
export interface ErrorEntry {
  /** HTTP status of the answer when this error ends a request. */
  readonly status: number;
  /** Short name, the same for every occurrence. */
  readonly title: string;
  /** What the reader can do about it. */
  readonly fix: string;
}

/** Every error that Assay can answer with. Codes are permanent: clients branch on them. */
export const ERRORS = {
  'auth.missing': {
    status: 401,
    title: 'No key given',
    fix: 'Send the header "Authorization: Bearer assay_<keyId>_<secret>". Create a key with "assay key create".',
  },
  'auth.invalid': {
    status: 401,
    title: 'The key is not valid',
    fix: 'Check the key for typing errors, or create a new one with "assay key create": it may have been revoked.',
  },
  'auth.forbidden': {
    status: 403,
    title: 'The key may not do this',
    fix: 'Use a key whose role allows it: reader reads, writer also records and routes, admin does everything.',
  },
  'request.invalid': {
    status: 422,
    title: 'The request is not valid',
    fix: 'Correct the field that "path" names. The schema of every request is at /openapi.json.',
  },
  'request.not-json': {
    status: 400,
    title: 'The body is not valid JSON',
    fix: 'Send JSON in UTF-8 with Content-Type: application/json, or one JSON value per line with application/x-ndjson.',
  },
  'request.not-found': {
    status: 404,
    title: 'There is no such route',
    fix: 'Look the path and method up at /openapi.json.',
  },
  'request.too-large': {
    status: 413,
    title: 'The body is too large',
    fix: 'Send smaller batches: a body may have 16 MiB as sent and 64 MiB after decompression.',
  },
  'request.unsupported-media-type': {
    status: 415,
    title: 'The content type or encoding is not supported',
    fix: 'Use the content types that /openapi.json lists for this route; Content-Encoding may be gzip or absent.',
  },
  'limit.rate': {
    status: 429,
    title: 'Too many requests',
    fix: 'Wait for the seconds that Retry-After says and send the same request again.',
  },
  'ingest.busy': {
    status: 503,
    title: 'The ingest queue is full',
    fix: 'Send the same request again after the seconds that Retry-After says: facts are idempotent.',
  },
  'fact.not-json': {
    status: 422,
    title: 'The fact is not valid JSON',
    fix: 'Send each fact as one JSON object in UTF-8; numbers must be finite (no NaN, no Infinity).',
  },
  'fact.invalid': {
    status: 422,
    title: 'The fact does not match its schema',
    fix: 'Correct the field that "path" names; see the schema Fact at /openapi.json.',
  },
  'fact.unknown-kind': {
    status: 422,
    title: 'The kind of fact is unknown',
    fix: 'Set "kind" to decision, execution, evaluation, feedback, rating, execution-start, tool-call, turn, span or task.',
  },
  'fact.too-large': {
    status: 422,
    title: 'The fact is too large',
    fix: 'Shorten its texts: one fact may have 4 MiB of JSON.',
  },
  'fact.time-out-of-window': {
    status: 422,
    title: 'The time of the fact is outside the open window',
    fix: 'Send times from the last 400 days up to one day ahead. ASSAY_RECORD_WINDOW_DAYS on the server moves how far back the window reaches.',
  },
  'fact.refused': {
    status: 422,
    title: 'The store refused the fact',
    fix: 'Look at "detail"; the other facts of the batch were stored.',
  },
  'otlp.undecodable': {
    status: 400,
    title: 'The OTLP request cannot be decoded',
    fix: 'Send an OTLP/HTTP export request as application/x-protobuf or application/json to the path of its signal: /v1/traces or /v1/logs.',
  },
  'score.busy': {
    status: 503,
    title: 'Too much waits to be scored',
    fix: 'Send the same request again after the seconds that Retry-After says, with fewer items at a time.',
  },
  'score.too-hard': {
    status: 422,
    title: 'This cannot be scored in the time that there is',
    fix: 'Send less at a time, for instance fewer or smaller files.',
  },
  'score.sandbox-off': {
    status: 422,
    title: 'This server executes no code',
    fix: 'Start the server with ASSAY_SANDBOX=1, or use "assay score execute".',
  },
  'score.calibration-not-found': {
    status: 404,
    title: 'There is no such calibration',
    fix: 'List the calibrations with GET /v1/score/calibrations.',
  },
  'score.not-calibrated': {
    status: 422,
    title: 'This calibration cannot be used',
    fix: 'Add labels with POST /v1/score/labels and fit again; "detail" says what is missing.',
  },
  'run.not-found': {
    status: 404,
    title: 'There is no such run',
    fix: 'Check the task id; a fact that was just acknowledged is visible at once.',
  },
  'session.not-found': {
    status: 404,
    title: 'There is no such session',
    fix: 'Check the session id: it is the sessionId that the facts carry.',
  },
  'route.no-candidate': {
    status: 422,
    title: 'No agent can take this task',
    fix: 'Register agents with PUT /v1/agents/{agentId} or pass candidates whose capabilities meet the requirements.',
  },
  'policy.invalid': {
    status: 422,
    title: 'The routing policy is not valid',
    fix: 'Correct the field that "path" names; see the schema RoutingPolicy at /openapi.json.',
  },
  'policy.not-found': {
    status: 404,
    title: 'There is no such routing policy',
    fix: 'List the policies with GET /v1/policies.',
  },
  'agent.not-found': {
    status: 404,
    title: 'There is no such agent or version',
    fix: 'List the agents with GET /v1/agents; register one with PUT /v1/agents/{agentId}.',
  },
  'scorecard.not-found': {
    status: 404,
    title: 'There is no such scorecard',
    fix: 'List the scorecards with GET /v1/scorecards.',
  },
  'scorecard.published': {
    status: 409,
    title: 'This version is published with another scorecard',
    fix: 'A published version never changes. Release the new bytes under a new version.',
  },
  'scorecard.invalid': {
    status: 422,
    title: 'The scorecard is not valid',
    fix: 'Correct the field that "path" names; see "assay gate --help" for the format.',
  },
  'gate.not-gateable': {
    status: 422,
    title: 'The scorecards cannot be compared',
    fix: 'Compare scorecards of one agent on the same dataset and metric; see "detail".',
  },
  'gate.policy-invalid': {
    status: 422,
    title: 'The gate policy is not valid',
    fix: 'Correct the field that "path" names.',
  },
  'batch.not-found': {
    status: 404,
    title: 'There is no such batch or file',
    fix: 'List the batches with GET /v1/batches.',
  },
  'batch.not-ready': {
    status: 422,
    title: 'There is not enough data for this batch',
    fix: 'Record more facts that meet the criteria, or relax them; "detail" says what is missing.',
  },
  'batch.invalid': {
    status: 422,
    title: 'The batch request is not valid',
    fix: 'Correct the field that "path" names.',
  },
  'key.not-found': {
    status: 404,
    title: 'There is no such key',
    fix: 'List the keys with "assay key list" or GET /v1/keys.',
  },
  'tenant.not-found': {
    status: 404,
    title: 'There is no such tenant',
    fix: 'Use the slug that the first start printed; it is "default" unless set.',
  },
  'import.unknown-format': {
    status: 422,
    title: 'The import format is unknown',
    fix: 'Use one of jsonl, telemetry, otlp, langfuse.',
  },
  'import.unreadable': {
    status: 422,
    title: 'The import file cannot be read',
    fix: 'Check the path and that the file has the format that was named.',
  },
  'judge.rubric-invalid': {
    status: 422,
    title: 'The rubric is not valid',
    fix: 'Give "criteria", a list of sentences or of {name, description, weight, levels}, and, if not 1 to 5, "scale" with min and max; "path" names the place.',
  },
  'scorer.unknown': {
    status: 422,
    title: 'There is no such scorer',
    fix: 'Name a scorer as autoevals:NAME or as file:PATH or file:PATH#NAME of a module that exports a function.',
  },
  'scorer.not-installed': {
    status: 422,
    title: 'The package of this scorer is not installed',
    fix: 'Install it beside Assay, for instance with "npm install autoevals".',
  },
  'model.not-configured': {
    status: 422,
    title: 'No model endpoint is configured',
    fix: 'Name an OpenAI-compatible endpoint and a model: --base-url and --model, or ASSAY_JUDGE_URL and ASSAY_JUDGE_MODEL.',
  },
  'model.unauthorized': {
    status: 502,
    title: 'The model endpoint does not accept the key',
    fix: 'Check the key of the endpoint, ASSAY_JUDGE_API_KEY for a judge, and that it may use the model.',
  },
  'model.no-credit': {
    status: 502,
    title: 'The account at the model endpoint has no credit',
    fix: 'Add credit or raise the limit of the account at the endpoint, then run the same command again.',
  },
  'model.not-found': {
    status: 502,
    title: 'The model endpoint knows no such model or path',
    fix: 'Check the model id and the base URL: it ends before /chat/completions and often in /v1.',
  },
  'model.refused': {
    status: 502,
    title: 'The model endpoint refused the request',
    fix: 'Look at "detail". Models that take no temperature need --temperature none; a text that is too long needs a model with a larger context.',
  },
  'model.rate-limited': {
    status: 503,
    title: 'The model endpoint limits the rate of requests',
    fix: 'Ask fewer at a time with --concurrency, or wait longer with --max-wait.',
  },
  'model.timeout': {
    status: 504,
    title: 'The model endpoint did not answer in time',
    fix: 'Give it more time with --timeout, or ask for fewer tokens with --max-tokens.',
  },
  'model.unavailable': {
    status: 503,
    title: 'The model endpoint does not answer',
    fix: 'Check that it runs and that the base URL is right, then run the same command again.',
  },
  'model.invalid-reply': {
    status: 502,
    title: 'The model endpoint answered something else than a chat completion',
    fix: 'Check that the base URL is that of an OpenAI-compatible interface.',
  },
  'model.not-recorded': {
    status: 422,
    title: 'The recorded replies hold no reply to this request',
    fix: 'Record it first: run the same command with --record instead of --replay. Model, rubric, texts and settings must be the same.',
  },
  'model.record-invalid': {
    status: 422,
    title: 'The file of recorded replies cannot be read',
    fix: 'Give a file that --record has written; "detail" names the line.',
  },
  'config.invalid': {
    status: 500,
    title: 'The configuration is not valid',
    fix: 'Correct the environment variable or option that "detail" names; see the reference of the configuration.',
  },
  'server.port-taken': {
    status: 500,
    title: 'The port is taken',
    fix: 'Stop the other program or choose another port with --port or ASSAY_PORT.',
  },
  'server.closing': {
    status: 503,
    title: 'The server is shutting down',
    fix: 'Send the same request again after the seconds that Retry-After says.',
  },
  'store.unavailable': {
    status: 503,
    title: 'The store does not answer',
    fix: 'Send the same request again after the seconds that Retry-After says; look at /readyz and the log of the server.',
  },
  'store.locked': {
    status: 500,
    title: 'The data directory is in use',
    fix: 'Stop the other server on this directory, or give this one a directory of its own with ASSAY_DATA_DIR.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong inside Assay',
    fix: 'Look in the log of the server for the request id; please report it if it happens again.',
  },
} as const;

/** Code of an error in the registry. */
export type ErrorCode = keyof typeof ERRORS;

/** Where and why an {@link AssayError} happened. */
export interface ErrorContext {
  /** What is wrong here, in one sentence, without secrets. */
  readonly detail?: string;
  /** JSON path of the offending field, such as `$.items[3].score`. */
  readonly path?: string;
  readonly cause?: unknown;
}

/** A fault with a code from the registry. Expected outcomes are values, not errors. */
export class AssayError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly path: string | undefined;

  constructor(code: ErrorCode, context: ErrorContext = {}) {
    super(
      context.detail === undefined
        ? ERRORS[code].title
        : `${ERRORS[code].title}: ${context.detail}`,
      context.cause === undefined ? undefined : { cause: context.cause },
    );
    this.name = 'AssayError';
    this.code = code;
    this.detail = context.detail;
    this.path = context.path;
  }
}

/** Body of an error answer, `application/problem+json` (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly fix: string;
  readonly path?: string;
}

/** Registry entry of a code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return ERRORS[code];
}

/** True when the text is a code of the registry. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/** Problem document of a code. */
export function problemOf(code: ErrorCode, context: ErrorContext = {}): Problem {
  const entry = ERRORS[code];
  return {
    type: `urn:assay:error:${code}`,
    title: entry.title,
    status: entry.status,
    code,
    ...(context.detail === undefined ? {} : { detail: context.detail }),
    fix: entry.fix,
    ...(context.path === undefined ? {} : { path: context.path }),
  };
}
