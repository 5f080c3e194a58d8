import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AssayError } from '@assay/protocol/errors';
import { decodeLogs, decodeTraces } from '../otlp/decode.ts';
import { factItem, failedItem, type ImportItem } from './import-item.ts';
import { jsonValuesOf } from './json-values.ts';
import { langfuseItems } from './langfuse.ts';
import { telemetryItem } from './telemetry.ts';

/** Formats that can be imported. */
export const IMPORT_FORMATS = ['jsonl', 'telemetry', 'otlp', 'langfuse'] as const;

/** Name of a format that can be imported. */
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

function chunksOf(source: string | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (typeof source !== 'string') return source;
  const file = createReadStream(source);
  if (!source.endsWith('.gz')) return file;
  const unzipped = createGunzip();
  file.on('error', (error) => unzipped.destroy(error));
  return Readable.from(file.pipe(unzipped));
}

/** One OTLP JSON payload, traces or logs. */
function* otlpItems(line: number, value: unknown, receivedAtMs: number): Generator<ImportItem> {
  const isLogs = typeof value === 'object' && value !== null && 'resourceLogs' in value;
  const decode = isLogs ? decodeLogs : decodeTraces;
  try {
    const body = Buffer.from(JSON.stringify(value));
    const { facts, rejected } = decode(body, 'application/json', receivedAtMs);
    for (const fact of facts) yield factItem(line, fact);
    for (const { message } of rejected) yield failedItem(line, 'otlp.undecodable', message);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    yield failedItem(line, error.code, error.detail ?? error.message);
  }
}

function* itemsOf(
  format: ImportFormat,
  line: number,
  value: unknown,
  receivedAtMs: number,
): Generator<ImportItem> {
  switch (format) {
    case 'jsonl':
      yield factItem(line, value);
      return;
    case 'telemetry':
      yield telemetryItem(line, value);
      return;
    case 'otlp':
      yield* otlpItems(line, value, receivedAtMs);
      return;
    case 'langfuse':
      yield* langfuseItems(line, value);
  }
}

/**
 * Reads facts from a file or stream: one JSON value per line, or one document. Whatever is wrong
 * with a line is an item with its line, path and code; the other lines are still read.
 *
 * - `jsonl`: facts as on the wire
 * - `telemetry`: records with `selectedAgent`, `iterations` and `finalMetrics`
 * - `otlp`: OTLP/JSON export requests, traces or logs
 * - `langfuse`: exported traces with their observations and scores
 *
 * @param source path of a file (`.gz` is unzipped) or a stream of bytes.
 * @param receivedAtMs time of the import, ms since 1970; the time of spans that have none.
 * @throws the error of the file system when the file cannot be read.
 */
export async function* readImport(
  format: ImportFormat,
  source: string | AsyncIterable<Uint8Array>,
  receivedAtMs: number = Date.now(),
): AsyncGenerator<ImportItem> {
  for await (const parsed of jsonValuesOf(chunksOf(source))) {
    if (parsed.message === undefined) {
      yield* itemsOf(format, parsed.line, parsed.value, receivedAtMs);
    } else {
      yield failedItem(parsed.line, 'fact.not-json', parsed.message);
    }
  }
}
