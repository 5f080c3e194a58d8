import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** How the fake server treats `POST /v1/records`. */
export type Mode =
  | 'up'
  | 'fails'
  | 'busy'
  | 'hangs'
  | 'resets'
  | 'commits-then-resets'
  | 'html'
  | 'forbidden';

/** A server that keeps facts in memory, each line once, and can be made to misbehave. */
export interface FakeServer {
  readonly url: string;
  mode: Mode;
  /** Lines that were committed, in order, each once. */
  readonly facts: string[];
  /** Arrivals of batches: time, number of lines, encoding. */
  readonly batches: { readonly atMs: number; readonly count: number; readonly encoding: string }[];
  /** Lines that hold this text are rejected. */
  rejectText: string | null;
  /** Batches of more lines than this are refused with 413. */
  maxLines: number;
  /** Answers any other route; null = 404. */
  answer: ((path: string, body: string) => { status: number; body: unknown } | null) | null;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
}

/** What a server answers to a batch, after it has taken it over into `facts`. */
export function commit(facts: string[], seen: Set<string>, lines: string[], bad: string | null) {
  let accepted = 0;
  let duplicates = 0;
  const results: object[] = [];
  lines.forEach((line, index) => {
    if (bad !== null && line.includes(bad)) {
      const code = 'record.invalid';
      results.push({ index, status: 'rejected', code, path: '$.taskId', message: 'not wanted' });
    } else if (seen.has(line)) {
      duplicates += 1;
    } else {
      seen.add(line);
      facts.push(line);
      accepted += 1;
    }
  });
  return { accepted, duplicates, rejected: results.length, results };
}

function send(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const REFUSALS: Partial<Record<Mode, readonly [number, unknown, object?]>> = {
  fails: [500, { code: 'server.failed' }],
  busy: [429, {}, { 'retry-after': '1' }],
  html: [200, '<html>Please log in</html>'],
  forbidden: [401, { code: 'auth.unknown-key', detail: 'unknown key', fix: 'make a new one' }],
};

/** Starts a fake server on a free port. */
export async function startFakeServer(port = 0): Promise<FakeServer> {
  const seen = new Set<string>();
  const store = (request: IncomingMessage, response: ServerResponse, lines: string[]): void => {
    const receipt = commit(fake.facts, seen, lines, fake.rejectText);
    const isAllBad = receipt.rejected > 0 && receipt.rejected === lines.length;
    if (fake.mode === 'commits-then-resets') request.socket.destroy();
    else send(response, isAllBad ? 422 : 200, receipt);
  };
  const record = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const lines = body.split('\n').filter((line) => line !== '');
    const encoding = request.headers['content-encoding'] ?? 'identity';
    fake.batches.push({ atMs: Date.now(), count: lines.length, encoding });
    const refusal = REFUSALS[fake.mode];
    if (fake.mode === 'hangs') return;
    if (fake.mode === 'resets') request.socket.destroy();
    else if (refusal !== undefined) send(response, ...refusal);
    else if (lines.length > fake.maxLines) send(response, 413, { code: 'body.too-large' });
    else store(request, response, lines);
  };
  const server = createServer((request, response) => {
    bodyOf(request).then(
      (body) => {
        const path = request.url ?? '';
        const answer = fake.answer?.(path, body) ?? null;
        if (path === '/v1/records') record(request, response, body);
        else if (answer === null) send(response, 404, { code: 'http.not-found' });
        else send(response, answer.status, answer.body);
      },
      () => request.socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const fake: FakeServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'up',
    facts: [],
    batches: [],
    rejectText: null,
    maxLines: Number.POSITIVE_INFINITY,
    answer: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
