import { type PreparedText, weightOf } from './prepared-text.ts';

/** Expected weight of distinct concepts at a number of words: exp(A + B ln words). */
const CURVE = { a: -1.29, b: 0.93 };
/** Of bare code, whose words no curve was fitted to. */
const USUAL = 0.5;
/** Spread of ln(weight) around the curve. */
const SPREAD = 0.45;

/**
 * Semantic density: how much is said per word, against what is usual at this length. 0.5 is the
 * usual weight of distinct concepts for a text of as many words, so that being short or long earns
 * nothing by itself; repeated runs of words take their share away. 0..1.
 */
export function semanticDensity(text: PreparedText, repetition: number): number {
  const words = text.words.length;
  if (words === 0) return text.layout.fences.length > 0 ? USUAL : 0;
  const weight = weightOf(text.concepts.keys(), text.concepts);
  return (1 - repetition) * densityAgainstCurve(weight, words);
}

/** Position of a weight of concepts on the curve of its length, 0..1; 0.5 is usual. */
export function densityAgainstCurve(weight: number, words: number): number {
  if (weight <= 0) return 0;
  const excess = Math.log(weight) - (CURVE.a + CURVE.b * Math.log(words));
  return 1 / (1 + Math.exp(-excess / SPREAD));
}
