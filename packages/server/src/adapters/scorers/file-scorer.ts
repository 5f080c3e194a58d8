import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { noVerdict } from '@assay/loop';
import { AssayError } from '@assay/protocol';
import { outcomeOf, type ScorerInput, type ThirdPartyScorer, textOf } from './scorer.ts';

type Scorer = (input: ScorerInput, signal?: AbortSignal) => unknown;

/**
 * A scorer from a module on disk: its default export, or the one that is named, is a function from
 * `{query, response, reference, arguments}` to what `outcomeOf` reads, or a promise of that. The
 * module runs in this process with all its rights: it is the user's own code.
 *
 * @throws AssayError `scorer.unknown` when the module cannot be loaded or has no such function
 */
export async function openFileScorer(
  path: string,
  exportName: string = 'default',
): Promise<ThirdPartyScorer> {
  const url = pathToFileURL(resolve(path)).href;
  const module = await importModule(url, path);
  const found = module[exportName];
  if (typeof found !== 'function') {
    const detail = `${path} exports no function "${exportName}".`;
    throw new AssayError('scorer.unknown', { detail });
  }
  const score = found as Scorer;
  const name = `file:${path}${exportName === 'default' ? '' : `#${exportName}`}`;
  return {
    name,
    score: async (input, signal) => {
      try {
        return { outcome: outcomeOf(name, await score(input, signal)), usage: null };
      } catch (error) {
        signal?.throwIfAborted();
        return { outcome: noVerdict('the scorer failed', textOf(error)), usage: null };
      }
    },
  };
}

async function importModule(url: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const detail = `${path}: ${textOf(cause)}`;
    throw new AssayError('scorer.unknown', { detail, cause });
  }
}
