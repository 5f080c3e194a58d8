import { AssayError } from '@assay/protocol';
import { type Command, Option } from 'commander';
import type { ModelPort } from '../adapters/models/model-port.ts';
import type { ModelPrice } from '../adapters/models/model-price.ts';
import type { ModelWait } from '../adapters/models/retrying.ts';
import { countFrom, numberUpTo } from './option-values.ts';
import { printable } from './printable.ts';
import type { ScoreIo } from './score-io.ts';

/** Options of every command that asks a model. */
export interface ModelOptions {
  readonly baseUrl?: string;
  readonly model?: string;
  readonly temperature: number | null;
  readonly maxTokens: number;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  readonly timeout: number;
  readonly maxRetries: number;
  readonly maxWait: number;
  readonly concurrency: number;
  readonly inputPrice?: number;
  readonly cachedInputPrice?: number;
  readonly outputPrice?: number;
}

/** Options that take replies from a file. */
export interface RecordOptions {
  readonly replay?: string;
  readonly record?: string;
  readonly jsonMode?: boolean;
}

/** Adds the options of {@link ModelOptions}. */
export function addModelOptions(command: Command): Command {
  return command
    .option('--base-url <url>', 'OpenAI-compatible endpoint (ASSAY_JUDGE_URL)')
    .option('--model <id>', 'model to ask (ASSAY_JUDGE_MODEL)')
    .addOption(
      new Option('--temperature <number>', '0 to 2, or none to leave it to the endpoint')
        .argParser((text) => (text === 'none' ? null : numberUpTo(2)(text)))
        .default(0),
    )
    .option(
      '--max-tokens <number>',
      'most tokens of a reply, thinking included',
      countFrom(1),
      2048,
    )
    .addOption(
      new Option('--max-tokens-field <name>', 'what the endpoint calls that')
        .choices(['max_tokens', 'max_completion_tokens'])
        .default('max_tokens'),
    )
    .option('--timeout <seconds>', 'longest time of one request', countFrom(1), 120)
    .option('--max-retries <number>', 'how often a request is repeated', countFrom(0), 4)
    .option('--max-wait <seconds>', 'longest time that a request may wait', numberUpTo(86_400), 120)
    .option('--concurrency <number>', 'requests at a time', countFrom(1), 4)
    .option('--input-price <usd>', 'price of a million input tokens', numberUpTo(1e9))
    .option('--cached-input-price <usd>', 'the same for cached ones', numberUpTo(1e9))
    .option('--output-price <usd>', 'price of a million output tokens', numberUpTo(1e9));
}

/** Adds the options of {@link RecordOptions}. */
export function addRecordOptions(command: Command): Command {
  return command
    .option('--replay <file>', 'take all replies from this file and ask nobody')
    .option('--record <file>', 'keep replies in this file and ask only for those it lacks')
    .option('--json-mode', 'the endpoint understands response_format json_object');
}

/** An endpoint with a model, as options and environment name it. */
export interface NamedEndpoint {
  readonly baseUrl: string;
  readonly modelId: string;
  readonly apiKey: string | null;
  readonly price: ModelPrice | null;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly maxWaitMs: number;
  readonly onWait: (wait: ModelWait) => void;
}

/** The endpoint that options and environment name; null when they name none. */
export function endpointOf(options: ModelOptions, io: ScoreIo): NamedEndpoint | null {
  const baseUrl = options.baseUrl ?? io.env['ASSAY_JUDGE_URL']?.trim() ?? '';
  const modelId = options.model ?? io.env['ASSAY_JUDGE_MODEL']?.trim() ?? '';
  if (baseUrl === '' || modelId === '') return null;
  return {
    baseUrl,
    modelId,
    apiKey: io.env['ASSAY_JUDGE_API_KEY']?.trim() || null,
    price: priceOf(options),
    timeoutMs: options.timeout * 1000,
    maxRetries: options.maxRetries,
    maxWaitMs: options.maxWait * 1000,
    onWait: waitTeller(io),
  };
}

/** A model with what has to be closed after it. */
export interface OpenModel {
  readonly model: ModelPort;
  close(): Promise<void>;
}

/**
 * Opens the model that options and environment name, with its file of recorded replies.
 * @throws AssayError `model.not-configured`, `model.record-invalid`
 */
export async function openModel(
  options: ModelOptions & RecordOptions,
  io: ScoreIo,
): Promise<OpenModel> {
  const { replay, record } = options;
  const records = await import('../adapters/models/recorded-replies.ts');
  if (replay !== undefined) {
    const replies = await records.openRecordedReplies(replay, 'read');
    const modelId = options.model ?? replies.models[0] ?? '';
    return { model: records.createReplayPort(modelId, replies), close: replies.close };
  }
  const endpoint = endpointOf(options, io);
  if (endpoint === null) throw new AssayError('model.not-configured');
  const { createOpenAiCompatiblePort } = await import('../adapters/models/openai-compatible.ts');
  const port = createOpenAiCompatiblePort({
    ...endpoint,
    maxOutputTokens: options.maxTokens,
    maxTokensField: options.maxTokensField,
    hasJsonMode: options.jsonMode === true,
  });
  if (record === undefined) return { model: port, close: () => Promise.resolve() };
  const replies = await records.openRecordedReplies(record, 'append');
  return { model: records.createRecordingPort(port, replies), close: replies.close };
}

function priceOf(options: ModelOptions): ModelPrice | null {
  const { inputPrice, cachedInputPrice, outputPrice } = options;
  if (inputPrice === undefined || outputPrice === undefined) return null;
  return {
    inputPerMillionUsd: inputPrice,
    outputPerMillionUsd: outputPrice,
    ...(cachedInputPrice === undefined ? {} : { cachedInputPerMillionUsd: cachedInputPrice }),
  };
}

/** Says that requests wait, once for all that wait together. */
function waitTeller(io: ScoreIo): (wait: ModelWait) => void {
  let silentUntil = 0;
  return ({ reason, waitMs }) => {
    const now = Date.now();
    if (now < silentUntil) return;
    silentUntil = now + waitMs;
    io.err(`waiting ${Math.ceil(waitMs / 1000)} s: ${printable(reason)}\n`);
  };
}
