import type { TextTools } from '@assay/loop';
import { compressedRatio } from './compressed-ratio.ts';

let loading: Promise<TextTools> | undefined;

/**
 * The text tools of scoring: analyser, lexicon, compressor. Loaded on the first call (about 0.2 s
 * and 70 MB) and shared afterwards, so that a process that never scores pays nothing.
 */
export function loadTextTools(): Promise<TextTools> {
  loading ??= load();
  return loading;
}

async function load(): Promise<TextTools> {
  const [{ analyseWithWink }, { createWordLexicon }] = await Promise.all([
    import('./wink-analyse.ts'),
    import('./word-lexicon.ts'),
  ]);
  return { analyse: analyseWithWink, lexicon: createWordLexicon(), compressedRatio };
}
