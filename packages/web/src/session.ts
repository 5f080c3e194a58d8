import { type Assay, createAssay } from '@assay/client';

const STORED_KEY = 'assay.key';

/** Takes the key out of `#key=…`, once, so that it does not stay in the address bar. */
export function takeKeyFromAddress(): void {
  const match = /[#&]key=([^&]+)/.exec(window.location.hash);
  if (!match?.[1]) return;
  sessionStorage.setItem(STORED_KEY, decodeURIComponent(match[1]));
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
}

/** The key of this browser tab, if there is one. */
export function currentKey(): string | null {
  return sessionStorage.getItem(STORED_KEY);
}

/** Remembers the key until the tab is closed. */
export function rememberKey(key: string): void {
  sessionStorage.setItem(STORED_KEY, key.trim());
}

/** Forgets the key. */
export function forgetKey(): void {
  sessionStorage.removeItem(STORED_KEY);
}

/** A client for the server that served this page. */
export function openAssay(key: string): Assay {
  return createAssay({ url: window.location.origin, apiKey: key });
}
