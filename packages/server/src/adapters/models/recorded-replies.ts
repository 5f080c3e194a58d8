import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { ModelReply, ModelRequest } from '@assay/loop';
import { AssayError } from '@assay/protocol';
import { z } from 'zod';
import type { ModelPort } from './model-port.ts';

const count = z.number().min(0).nullable();

const lineSchema = z.object({
  key: z.string(),
  model: z.string(),
  reply: z.object({
    text: z.string(),
    reasoning: z.string().nullable(),
    finishReason: z.enum(['stop', 'length', 'content-filter', 'tool-calls', 'error', 'other']),
    modelId: z.string().nullable(),
    usage: z.object({
      inputTokens: count,
      outputTokens: count,
      reasoningTokens: count,
      cachedInputTokens: count,
      costUsd: count,
    }),
    latencyMs: z.number(),
  }),
});

/** Replies of models by request, in a file of JSON lines `{key, model, reply}`. */
export interface RecordedReplies {
  /** Models that have a reply in the file, in the order in which they came. */
  readonly models: readonly string[];
  find(key: string): ModelReply | undefined;
  /** Resolves when the reply is written. A key that is there already keeps its reply. */
  add(key: string, model: string, reply: ModelReply): Promise<void>;
  close(): Promise<void>;
}

/**
 * Key of a request to a model: SHA-256 of everything that makes a reply another one, the number of
 * the repeat included, so that a repeat is never a copy. The texts cannot be read from it.
 */
export function replyKey(model: string, request: ModelRequest): string {
  const {
    messages,
    temperature = 0,
    maxOutputTokens = null,
    format = 'text',
    repeat = 0,
  } = request;
  const turns = messages.map(({ role, content }) => [role, content]);
  const asked = JSON.stringify([model, turns, temperature, maxOutputTokens, format, repeat]);
  return createHash('sha256').update(asked).digest('hex');
}

/**
 * Opens a file of recorded replies: to read, or to read and append, which makes the file where there
 * is none, for its owner only. A last line that a crash has cut off is dropped.
 *
 * @throws AssayError `model.record-invalid` that names the line
 */
export async function openRecordedReplies(
  path: string,
  mode: 'read' | 'append',
): Promise<RecordedReplies> {
  const file = await openFile(path, mode);
  try {
    const { replies, models, wholeBytes } = await readAll(file, path);
    if (mode === 'append') await file.truncate(wholeBytes);
    let at = wholeBytes;
    let last: Promise<unknown> = Promise.resolve();
    return {
      models,
      find: (key) => replies.get(key),
      add: (key, model, reply) => {
        if (replies.has(key)) return Promise.resolve();
        replies.set(key, reply);
        const bytes = Buffer.from(`${JSON.stringify({ key, model, reply })}\n`);
        const place = at;
        at += bytes.length;
        const written = last.then(() => writeAt(file, bytes, place));
        last = written.catch(() => {});
        return written;
      },
      close: async () => {
        await last;
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string, mode: 'read' | 'append'): Promise<FileHandle> {
  try {
    if (mode === 'read') return await open(path, 'r');
    return await open(path, 'r+', 0o600).catch(() => open(path, 'wx+', 0o600));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AssayError('model.record-invalid', { detail: reason });
  }
}

async function readAll(file: FileHandle, path: string) {
  const replies = new Map<string, ModelReply>();
  const models: string[] = [];
  const bytes = await file.readFile();
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const parsed = lineSchema.safeParse(jsonOf(line));
    if (!parsed.success) {
      throw new AssayError('model.record-invalid', { detail: `${path}, line ${index + 1}` });
    }
    const { key, model, reply } = parsed.data;
    if (!models.includes(model)) models.push(model);
    if (!replies.has(key)) replies.set(key, reply);
  }
  return { replies, models, wholeBytes };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function writeAt(file: FileHandle, bytes: Buffer, place: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(
      bytes,
      written,
      bytes.length - written,
      place + written,
    );
    written += bytesWritten;
  }
}

/** A port that only repeats what was recorded: `model.not-recorded` for everything else. */
export function createReplayPort(model: string, replies: RecordedReplies): ModelPort {
  return {
    id: model,
    complete: async (request, signal) => {
      signal?.throwIfAborted();
      const reply = replies.find(replyKey(model, request));
      if (reply === undefined) {
        throw new AssayError('model.not-recorded', { detail: `model ${model}` });
      }
      return reply;
    },
  };
}

/**
 * A port that asks another one for what was not recorded yet and records the reply, so that a run
 * that was interrupted goes on where it stopped. Equal requests under way share one question.
 */
export function createRecordingPort(port: ModelPort, replies: RecordedReplies): ModelPort {
  const underWay = new Map<string, Promise<ModelReply>>();
  const ask = async (key: string, request: ModelRequest, signal?: AbortSignal) => {
    const reply = await port.complete(request, signal);
    await replies.add(key, port.id, reply);
    return reply;
  };
  return {
    id: port.id,
    complete: async (request, signal) => {
      const key = replyKey(port.id, request);
      const known = replies.find(key) ?? underWay.get(key);
      if (known !== undefined) return known;
      const asked = ask(key, request, signal).finally(() => underWay.delete(key));
      underWay.set(key, asked);
      return asked;
    },
  };
}
