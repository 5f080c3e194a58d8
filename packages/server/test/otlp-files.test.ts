import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMessage } from '../src/adapters/otlp/codec.ts';
import { type MemoryServer, startMemoryServer } from './memory-server.ts';
import { JSON_TYPE, PROTO_TYPE, toProtobuf } from './otlp-payload.ts';

const DATA = join(import.meta.dirname, '../../../../shared/data/otlp');
const hasData = existsSync(DATA);
if (!hasData) process.stdout.write('skipped: the folder with OTLP payloads is not there\n');

type Kind = 'traces' | 'logs';
interface Payload {
  readonly name: string;
  readonly kind: Kind;
  readonly value: object;
}

function kindOf(value: object): Kind | null {
  if ('resourceSpans' in value) return 'traces';
  return 'resourceLogs' in value ? 'logs' : null;
}

function payloads(): Payload[] {
  if (!hasData) return [];
  return readdirSync(DATA, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const value = JSON.parse(readFileSync(join(DATA, name), 'utf8')) as object;
      const kind = kindOf(value);
      return kind === null ? [] : [{ name, kind, value }];
    });
}

interface Answer {
  readonly status: number;
  readonly rejected: number;
  readonly message: string;
}

const ENCODINGS = {
  json: {
    type: JSON_TYPE,
    encode: (payload: Payload) => Buffer.from(JSON.stringify(payload.value)),
    decode: (bytes: Buffer) => JSON.parse(bytes.toString()) as object,
  },
  protobuf: {
    type: PROTO_TYPE,
    encode: (payload: Payload) => Buffer.from(toProtobuf(payload.value, payload.kind)),
    decode: (bytes: Buffer, kind: Kind): object =>
      decodeMessage(
        kind === 'traces' ? 'ExportTraceServiceResponse' : 'ExportLogsServiceResponse',
        bytes,
      ),
  },
} as const;

interface PartialSuccess {
  readonly partialSuccess?: {
    readonly rejectedSpans?: string | bigint;
    readonly rejectedLogRecords?: string | bigint;
    readonly errorMessage?: string;
  };
}

async function send(
  server: MemoryServer,
  payload: Payload,
  encoding: keyof typeof ENCODINGS,
): Promise<Answer> {
  const { type, encode, decode } = ENCODINGS[encoding];
  const answer = await fetch(`${server.otlpUrl}/v1/${payload.kind}`, {
    method: 'POST',
    headers: { ...server.headers, 'content-type': type },
    body: encode(payload),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200) {
    return { status: answer.status, rejected: 0, message: bytes.toString() };
  }
  const { partialSuccess } = decode(bytes, payload.kind) as PartialSuccess;
  const rejected = partialSuccess?.rejectedSpans ?? partialSuccess?.rejectedLogRecords ?? 0;
  const message = partialSuccess?.errorMessage ?? '';
  return { status: 200, rejected: Number(rejected), message };
}

/** What the server has done with facts since it started. */
async function factCounts(server: MemoryServer): Promise<Record<string, number>> {
  const answer = await fetch(`${server.url}/metrics`, { headers: server.headers });
  const found = (await answer.text()).matchAll(/^assay_facts_total\{status="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, status, count]) => [status, Number(count)]));
}

// Their only span started a second after 1970 began, or has an id of nothing but zeros.
const REFUSED = /^langfuse-(22|23|32|34)-/;
// Log records that are neither evaluations nor decisions.
const IGNORED = /^otel-proto-example-(logs|events)/;

function expectedAnswer(name: string): RegExp {
  if (REFUSED.test(name)) return /^1 .*(outside the open window|must be 8 bytes)/;
  return IGNORED.test(name) ? /^0 \d+ log records were ignored/ : /^0 $/;
}

describe.skipIf(!hasData)('OTLP payloads of many producers', () => {
  const all = payloads();
  let server: MemoryServer;
  beforeAll(async () => {
    server = await startMemoryServer();
  });
  afterAll(() => server?.close());

  it('are taken once, whatever the encoding and however often they are sent', async () => {
    expect(all.length).toBeGreaterThan(40);
    let accepted: number | undefined;
    for (const encoding of ['json', 'json', 'protobuf', 'protobuf'] as const) {
      for (const payload of all) {
        const { status, rejected, message } = await send(server, payload, encoding);
        expect({ name: payload.name, status }).toEqual({ name: payload.name, status: 200 });
        expect(`${rejected} ${message}`).toMatch(expectedAnswer(payload.name));
      }
      const counts = await factCounts(server);
      accepted ??= counts['accepted'];
      expect(accepted).toBeGreaterThan(all.length);
      expect(counts['accepted']).toBe(accepted);
    }
  });
});
