import { useEffect, useState } from 'react';

/** State of the live stream. */
export type LiveState = 'connecting' | 'open' | 'closed';

const RECONNECT_MS = 3_000;

/** Reads `data:` events until the stream ends. The browser's EventSource cannot send a key. */
async function readEvents(
  key: string,
  signal: AbortSignal,
  onOpen: () => void,
  onEvent: () => void,
): Promise<void> {
  const response = await fetch('/v1/stream', {
    headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`);
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (value.includes('data:')) onEvent();
  }
}

/** Calls `onChange` when facts arrive, at most once per `everyMs`. */
export function useLive(key: string, everyMs: number, onChange: () => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const abort = new AbortController();
    let reconnect: ReturnType<typeof setTimeout> | undefined;
    let pending: ReturnType<typeof setTimeout> | undefined;
    const onEvent = (): void => {
      pending ??= setTimeout(() => {
        pending = undefined;
        onChange();
      }, everyMs);
    };
    const connect = (): void => {
      readEvents(key, abort.signal, () => setState('open'), onEvent)
        .catch(() => undefined)
        .finally(() => {
          if (abort.signal.aborted) return;
          setState('closed');
          reconnect = setTimeout(connect, RECONNECT_MS);
        });
    };
    connect();
    return () => {
      abort.abort();
      clearTimeout(reconnect);
      clearTimeout(pending);
    };
  }, [key, everyMs, onChange]);
  return state;
}
