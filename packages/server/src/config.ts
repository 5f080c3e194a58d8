import { AssayError } from '@assay/protocol';

/** Everything that can be set from outside, read once at start. */
export interface ServerConfig {
  /** Folder of the embedded store and of exported files. */
  readonly dataDirectory: string;
  /** Owner URL of a PostgreSQL or Citus database; null = embedded store. */
  readonly databaseUrl: string | null;
  readonly isCitus: boolean;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** null = no listener of its own for OpenTelemetry. */
  readonly otlpPort: number | null;
  readonly adminKey: string | null;
  readonly logLevel: string;
  /** Requests per second and key; 0 = no limit. */
  readonly rateLimitPerSecond: number;
  /** How far back facts are taken, days. */
  readonly recordWindowDays: number;
  /** Silence after which the execution of a trace is derived, ms. */
  readonly traceQuietMs: number;
  /** False gives durability of the embedded store up. */
  readonly isDurable: boolean;
  readonly forceUnlock: boolean;
  readonly scoring: ScoringConfig;
}

/** How responses are scored where a tenant has said nothing. */
export interface ScoringConfig {
  /** Score recorded responses in the background. */
  readonly isBackground: boolean;
  /** Apply bias corrections that are in force; there is none that the evidence does not warrant. */
  readonly isBiasCorrected: boolean;
  /** Let the probability of a calibrated score count as an overall score. */
  readonly isEvidence: boolean;
  /** Scores below it are not stored as experience, 0..1. */
  readonly minThreshold: number;
  /** Share of the answer in the composite of a reasoning response, 0..1. */
  readonly answerShare: number;
  /** Execute code that is sent to be judged. */
  readonly isSandboxed: boolean;
  /** Log the factors of every score that is made in the background. */
  readonly isDebug: boolean;
  /** Module with factors of one's own; null = none. */
  readonly factorsModule: string | null;
}

/** One setting as the documentation shows it. */
export interface SettingEntry {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** Every environment variable that the server reads. */
export const SETTINGS: readonly SettingEntry[] = [
  {
    name: 'ASSAY_DATA_DIR',
    fallback: '.assay',
    meaning: 'Folder of the embedded store and of exported batches.',
  },
  {
    name: 'ASSAY_DATABASE_URL',
    fallback: '',
    meaning: 'PostgreSQL 15 to 18 by URL, as the owner of the schema. Empty: embedded store.',
  },
  {
    name: 'ASSAY_CITUS',
    fallback: '0',
    meaning: '1 when the URL is the coordinator of a Citus cluster.',
  },
  {
    name: 'ASSAY_HOST',
    fallback: '127.0.0.1',
    meaning: 'Address to listen on. Put a proxy with TLS before anything but loopback.',
  },
  {
    name: 'ASSAY_PORT',
    fallback: '7070',
    meaning: 'Port of the interface and the dashboard; 0 picks a free one.',
  },
  {
    name: 'ASSAY_OTLP_PORT',
    fallback: '4318',
    meaning:
      'Port for OpenTelemetry exporters; 0 picks a free one, `off` opens none. The paths work on the main port too.',
  },
  {
    name: 'ASSAY_ADMIN_KEY',
    fallback: '',
    meaning:
      'Admin key of the first tenant, `assay_<id>_<secret>`. Empty: one is made on the first start and printed once.',
  },
  {
    name: 'ASSAY_LOG_LEVEL',
    fallback: 'info',
    meaning: 'trace, debug, info, warn, error or silent.',
  },
  {
    name: 'ASSAY_RATE_LIMIT',
    fallback: '2000',
    meaning: 'Requests per second and key; 0 switches the limit off.',
  },
  {
    name: 'ASSAY_RECORD_WINDOW_DAYS',
    fallback: '400',
    meaning: 'How many days back a fact may lie. Older facts are rejected one by one.',
  },
  {
    name: 'ASSAY_TRACE_QUIET_MS',
    fallback: '2000',
    meaning:
      'Milliseconds without a new span after which the execution of a trace is derived from its spans, unless the trace came whole.',
  },
  {
    name: 'ASSAY_NOT_DURABLE',
    fallback: '0',
    meaning:
      '1 gives up the promise that an acknowledged fact is on disk (embedded store). Health and log say so.',
  },
  {
    name: 'ASSAY_FORCE_UNLOCK',
    fallback: '0',
    meaning:
      '1 ignores a lock that another machine left on the embedded store. Only when that process is certainly gone.',
  },
  {
    name: 'ASSAY_QUALITY_SCORING',
    fallback: '0',
    meaning:
      '1 scores every recorded execution with a prompt and a response, in a thread of its own, after it was acknowledged. A tenant may set it for itself.',
  },
  {
    name: 'ASSAY_QUALITY_BIAS_CORRECTION',
    fallback: '1',
    meaning:
      '1 shows a corrected score beside the raw one where a bias correction is in force; there is none until one was made and the evidence warranted it. 0 gives raw scores only.',
  },
  {
    name: 'ASSAY_QUALITY_MIN_THRESHOLD',
    fallback: '0.1',
    meaning:
      'Responses with a score below this, 0 to 1, are marked and kept out of training batches; the batch counts them.',
  },
  {
    name: 'ASSAY_QUALITY_ANSWER_SHARE',
    fallback: '0.7',
    meaning:
      'Share of the answer, 0 to 1, in the composite score of a response with reasoning. The answer score itself never depends on reasoning.',
  },
  {
    name: 'ASSAY_QUALITY_AS_EVIDENCE',
    fallback: '0',
    meaning:
      '1 lets the probability of a calibrated score count as the overall score of a task that nobody else has scored. Without a calibration for its task type a text score never counts.',
  },
  {
    name: 'ASSAY_QUALITY_FACTORS',
    fallback: '',
    meaning:
      'Path of a JavaScript module whose default export is an array of factors of your own, `{ name, weight, score(input, tools) }`. It runs as part of the server.',
  },
  {
    name: 'ASSAY_SANDBOX',
    fallback: '0',
    meaning:
      '1 executes code that writers send to `POST /v1/score/executions`, in WASM interpreters in processes of their own, without network and files.',
  },
  {
    name: 'ASSAY_QUALITY_DEBUG',
    fallback: '0',
    meaning:
      '1 logs the factors of every score that is made in the background, at level info. Never the texts.',
  },
  {
    name: 'ASSAY_JUDGE_URL',
    fallback: '',
    meaning:
      'Base URL of an OpenAI-compatible endpoint for `assay score judge` and `assay score with`, such as `http://127.0.0.1:11434/v1`. Texts to be judged are sent there and nowhere else.',
  },
  {
    name: 'ASSAY_JUDGE_MODEL',
    fallback: '',
    meaning: 'Model that judges, by the name that the endpoint gives it.',
  },
  {
    name: 'ASSAY_JUDGE_API_KEY',
    fallback: '',
    meaning: 'Key of that endpoint. Sent in one header, never logged, stored or printed.',
  },
];

type Environment = Readonly<Record<string, string | undefined>>;

function settingOf(env: Environment, name: string): string {
  const given = env[name]?.trim();
  if (given) return given;
  return SETTINGS.find((entry) => entry.name === name)?.fallback ?? '';
}

function wholeNumber(env: Environment, name: string, highest: number): number {
  const text = settingOf(env, name);
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= highest) return value;
  throw new AssayError('config.invalid', {
    detail: `${name} must be a whole number from 0 to ${highest}, not "${text}".`,
  });
}

function flag(env: Environment, name: string): boolean {
  const text = settingOf(env, name).toLowerCase();
  if (['1', 'true', 'yes'].includes(text)) return true;
  if (['0', 'false', 'no'].includes(text)) return false;
  throw new AssayError('config.invalid', { detail: `${name} must be 0 or 1, not "${text}".` });
}

function share(env: Environment, name: string): number {
  const text = settingOf(env, name);
  const value = Number(text);
  if (text !== '' && value >= 0 && value <= 1) return value;
  throw new AssayError('config.invalid', {
    detail: `${name} must be a number from 0 to 1, not "${text}".`,
  });
}

/**
 * Reads how responses are scored; also used without a server.
 * @throws AssayError `config.invalid` that names the variable
 */
export function readScoringConfig(env: Environment): ScoringConfig {
  return {
    isBackground: flag(env, 'ASSAY_QUALITY_SCORING'),
    isBiasCorrected: flag(env, 'ASSAY_QUALITY_BIAS_CORRECTION'),
    isEvidence: flag(env, 'ASSAY_QUALITY_AS_EVIDENCE'),
    minThreshold: share(env, 'ASSAY_QUALITY_MIN_THRESHOLD'),
    answerShare: share(env, 'ASSAY_QUALITY_ANSWER_SHARE'),
    isSandboxed: flag(env, 'ASSAY_SANDBOX'),
    isDebug: flag(env, 'ASSAY_QUALITY_DEBUG'),
    factorsModule: settingOf(env, 'ASSAY_QUALITY_FACTORS') || null,
  };
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];
const HIGHEST_PORT = 65_535;
const HIGHEST_QUIET_MS = 600_000;

/**
 * Reads the configuration from environment variables.
 * @throws AssayError `config.invalid` that names the variable
 */
export function readConfig(env: Environment): ServerConfig {
  const logLevel = settingOf(env, 'ASSAY_LOG_LEVEL');
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new AssayError('config.invalid', {
      detail: `ASSAY_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}".`,
    });
  }
  const databaseUrl = settingOf(env, 'ASSAY_DATABASE_URL');
  if (databaseUrl !== '' && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new AssayError('config.invalid', {
      detail: 'ASSAY_DATABASE_URL must begin with postgres:// or postgresql://.',
    });
  }
  return {
    dataDirectory: settingOf(env, 'ASSAY_DATA_DIR'),
    databaseUrl: databaseUrl === '' ? null : databaseUrl,
    isCitus: flag(env, 'ASSAY_CITUS'),
    host: settingOf(env, 'ASSAY_HOST'),
    port: wholeNumber(env, 'ASSAY_PORT', HIGHEST_PORT),
    otlpPort:
      settingOf(env, 'ASSAY_OTLP_PORT') === 'off'
        ? null
        : wholeNumber(env, 'ASSAY_OTLP_PORT', HIGHEST_PORT),
    adminKey: settingOf(env, 'ASSAY_ADMIN_KEY') || null,
    logLevel,
    rateLimitPerSecond: wholeNumber(env, 'ASSAY_RATE_LIMIT', 1_000_000),
    recordWindowDays: wholeNumber(env, 'ASSAY_RECORD_WINDOW_DAYS', 20_000),
    traceQuietMs: wholeNumber(env, 'ASSAY_TRACE_QUIET_MS', HIGHEST_QUIET_MS),
    isDurable: !flag(env, 'ASSAY_NOT_DURABLE'),
    forceUnlock: flag(env, 'ASSAY_FORCE_UNLOCK'),
    scoring: readScoringConfig(env),
  };
}
