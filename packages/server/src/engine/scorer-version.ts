import {
  canonicalJson,
  DEFAULT_ANSWER_SHARE,
  RESPONSE_SCORE_VERSION,
  type ScoreFactor,
} from '@assay/loop';
import { LEXICON_VERSION } from '../adapters/text/lexicon-version.ts';

/** Version of a score, with a digest of whatever differs from the plain definition. */
export function scorerOf(
  hash: (text: string) => string,
  weights: Readonly<Partial<Record<ScoreFactor, number>>> | undefined,
  answerShare: number,
  factorsDigest: string | null,
): string {
  const own = {
    ...(weights === undefined ? {} : { weights: { ...weights } }),
    ...(answerShare === DEFAULT_ANSWER_SHARE ? {} : { answerShare }),
    ...(factorsDigest === null ? {} : { factors: factorsDigest }),
  };
  const plain = `${RESPONSE_SCORE_VERSION}+${LEXICON_VERSION}`;
  if (Object.keys(own).length === 0) return plain;
  return `${plain}+${hash(canonicalJson(own)).slice(0, 8)}`;
}
