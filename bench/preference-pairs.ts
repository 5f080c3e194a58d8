import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Two responses to one query, one of which somebody or something preferred. */
export interface PreferencePair {
  readonly id: string;
  readonly query: string;
  readonly response_a: string;
  readonly response_b: string;
  readonly preferred: 'a' | 'b' | 'tie';
  readonly source: string;
  readonly category: string;
  readonly models: readonly (string | null)[];
  readonly reasoning_a?: string | null;
  readonly reasoning_b?: string | null;
  readonly thinking_a?: boolean;
  readonly thinking_b?: boolean;
  readonly score_a?: number;
  readonly score_b?: number;
  readonly gold?: string;
}

/** Files of pairs under `../shared/data/preference`. */
export type PreferenceFile = 'human' | 'objective' | 'reasoning';

/** The pairs of one file, or null where the data are absent. They are not part of the repository. */
export function readPreferencePairs(file: PreferenceFile): PreferencePair[] | null {
  const path = join('..', 'shared', 'data', 'preference', `preference-${file}.jsonl.gz`);
  if (!existsSync(path)) return null;
  const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as PreferencePair);
}
