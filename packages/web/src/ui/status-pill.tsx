import type { JSX } from 'react';

const TONE: Readonly<Record<string, string>> = {
  succeeded: 'good',
  failed: 'bad',
  running: 'warn',
};

/** A word with its colour; the word alone carries the meaning. */
export function StatusPill({ status }: { readonly status: string }): JSX.Element {
  return <span className={`pill ${TONE[status] ?? 'muted'}`}>{status}</span>;
}
