import { readLayout } from './response/layout.ts';
import { onTopicRamp, queryCoverage } from './response/on-topic.ts';
import { type PreparedText, prepareText } from './response/prepared-text.ts';
import type { TextTools } from './text-tools.ts';

/** A floor of the on-topic gate that suits one's own questions and answers. */
export interface OnTopicFit {
  /** For `ScoreSettings.onTopicShift`. */
  readonly shift: number;
  /** Answers long enough to judge. */
  readonly n: number;
  /** Share of answers to their own query whose gate would be below 0.5. */
  readonly onTopicClosed: number;
  /** The same for answers held against the query of another. */
  readonly offTopicClosed: number;
}

/** Fewer answers of some length, or fewer different queries, are no basis for a floor. */
const LEAST_ANSWERS = 50;
const LEAST_QUERIES = 10;
/** Share of on-topic answers that may be lost. */
const MOST_LOST = 0.02;
/** Distinct concepts from which on an answer can be judged. */
const LEAST_CONCEPTS = 20;
const SHIFTS = Array.from({ length: 31 }, (_, step) => (step - 10) / 100);

/**
 * Fits the floor of the on-topic gate to answers that are taken to be on topic: each is held
 * against its own query and against that of another item, and the highest floor is kept that loses
 * at most 2 % of them. Null with fewer than 50 long enough answers or 10 different queries. English.
 */
export function fitOnTopic(
  items: readonly { readonly query: string; readonly response: string }[],
  tools: TextTools,
): OnTopicFit | null {
  const prepare = (text: string): PreparedText => prepareText(text, readLayout(text), tools);
  const queries = [...new Set(items.map((item) => item.query))];
  const prepared = new Map(queries.map((query) => [query, prepare(query)]));
  const judged = items.flatMap(({ query, response }) => {
    const answer = prepare(response);
    const other = queries[(queries.indexOf(query) + (queries.length >> 1)) % queries.length];
    const coverage = (of: string | undefined): number | null => {
      const asked = prepared.get(of ?? '');
      return asked === undefined ? null : queryCoverage(answer, asked);
    };
    const [own, foreign] = [coverage(query), coverage(other)];
    const concepts = answer.concepts.size;
    if (own === null || foreign === null || concepts < LEAST_CONCEPTS) return [];
    return [{ own, foreign, concepts }];
  });
  if (judged.length < LEAST_ANSWERS || queries.length < LEAST_QUERIES) return null;
  const closed = (shift: number, which: 'own' | 'foreign'): number =>
    judged.filter((item) => onTopicRamp(item[which], item.concepts, shift) < 0.5).length /
    judged.length;
  const allowed = SHIFTS.filter((shift) => closed(shift, 'own') <= MOST_LOST);
  const shift = allowed.at(-1) ?? SHIFTS[0] ?? 0;
  return {
    shift,
    n: judged.length,
    onTopicClosed: closed(shift, 'own'),
    offTopicClosed: closed(shift, 'foreign'),
  };
}
