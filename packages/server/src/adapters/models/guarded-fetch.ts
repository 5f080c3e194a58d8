const MOST_BYTES = 16 * 1024 * 1024;

/**
 * A fetch that goes where it was sent and reads no more than it should: it does not follow
 * redirects, and a body of more than 16 MiB fails. Bodies are read to their end before it resolves.
 */
export function createGuardedFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
    const { body, status, statusText, headers } = response;
    if (body === null) return response;
    return new Response(await readAll(body), { status, statusText, headers });
  };
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of body) {
    read += chunk.byteLength;
    if (read > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
