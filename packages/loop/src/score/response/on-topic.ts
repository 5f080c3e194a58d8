import type { PreparedText } from './prepared-text.ts';
import { ramp } from './words.ts';

/** Whether an answer is about the question, as far as shared words can tell. */
export interface OnTopic {
  /** 0..1; 1 when it cannot be told. */
  readonly gate: number;
  /** Share of the weight of the query's concepts that occur in the answer; null for short queries. */
  readonly coverage: number | null;
  readonly isKnown: boolean;
}

/** A query with less weight of concepts says too little to be off. */
const LEAST_QUERY_WEIGHT = 0.5;
const LEAST_WEIGHT = 0.05;
/** Distinct concepts of an answer between which the floor comes into force. */
const SHORT_ANSWER = 4;
const LONG_ANSWER = 40;
/** Coverage at which the gate of a shorter answer opens, and over how much it then rises. */
const LEAST_FLOOR = 0.03;
const RAMP = 0.08;
/** Gate of an answer that shares no concept with the query and is not of the kind asked for. */
const MISSES = 0.4;

/**
 * On-topic gate: weighted coverage of the query's concepts, against the coverage that any text of
 * as many concepts has by chance. The floor was fitted for coverage alone: answers against the
 * queries of others; `shift` is added to it. Short answers are let through, as a right one may share
 * no word with its question, unless they are not even of the kind asked for; so are short queries.
 */
export function onTopic(
  answer: PreparedText,
  query: PreparedText,
  askedType: number | null,
  shift: number,
): OnTopic {
  const coverage = queryCoverage(answer, query);
  if (coverage === null) return { gate: 1, coverage, isKnown: false };
  const isCode = answer.layout.fences.length > 0 && answer.words.length < 20;
  const force = isCode ? 0 : ramp(answer.concepts.size, SHORT_ANSWER, LONG_ANSWER);
  const misses = coverage === 0 && askedType === 0 && !isCode;
  const gate = 1 - force * (1 - onTopicRamp(coverage, answer.concepts.size, shift));
  return {
    gate: misses ? Math.min(gate, MISSES) : gate,
    coverage,
    isKnown: force > 0,
  };
}

/** Share of the weight of a query's concepts that occur in an answer; null for a short query. */
export function queryCoverage(answer: PreparedText, query: PreparedText): number | null {
  let weight = 0;
  let found = 0;
  for (const [lemma, own] of query.concepts) {
    weight += own + LEAST_WEIGHT;
    if (answer.concepts.has(lemma)) found += own + LEAST_WEIGHT;
  }
  return query.concepts.size < 2 || weight < LEAST_QUERY_WEIGHT ? null : found / weight;
}

/** 0 below the floor for an answer of this many distinct concepts, 1 well above it. */
export function onTopicRamp(coverage: number, concepts: number, shift: number): number {
  const chance = 0.055 * Math.max(0, Math.log(Math.max(1, concepts) / LONG_ANSWER));
  const floor = LEAST_FLOOR + chance + shift;
  return ramp(coverage, floor, floor + RAMP);
}
