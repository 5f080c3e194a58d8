const MOST_BYTES = 16 * 1024 * 1024;

/**
 * A fetch that goes where it was sent and reads no more than it should: it does not follow
 * redirects, and a body of more than 16 MiB fails.
 */
export function createGuardedFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
    const { body, status, statusText, headers } = response;
    if (body === null) return response;
    return new Response(body.pipeThrough(limitOf(MOST_BYTES)), { status, statusText, headers });
  };
}

function limitOf(most: number): TransformStream<Uint8Array, Uint8Array> {
  let read = 0;
  return new TransformStream({
    transform(chunk, controller) {
      read += chunk.byteLength;
      if (read > most) controller.error(new Error(`the answer has more than ${most} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
