import type { Assay } from '@assay/client';
import { currentKey, openAssay } from './session.ts';

let opened: { readonly key: string; readonly assay: Assay } | undefined;

/** The client of this tab. Opened once per key. */
export function assay(): Assay {
  const key = currentKey() ?? '';
  if (opened?.key !== key) opened = { key, assay: openAssay(key) };
  return opened.assay;
}
