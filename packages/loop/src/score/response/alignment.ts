import type { AnalysedWord } from '../text-tools.ts';
import type { CheckedConstraint } from './constraints.ts';
import type { AskedType } from './expected-form.ts';
import type { PreparedSentence, PreparedText } from './prepared-text.ts';
import { ramp } from './words.ts';

/** How far an answer addresses what was asked. All 0..1. */
export interface Alignment {
  readonly value: number;
  /** Share of the parts of the question that some passage of the answer takes up. */
  readonly clauses: number | null;
  /** Whether the answer has the kind of thing that was asked for; null for open questions. */
  readonly askedType: number | null;
  /** Share of the exact constraints that are met; null when there is none. */
  readonly constraints: number | null;
}

/** Share of a clause's weight that counts as taking it up in full; right answers often have half. */
const FULL_COVERAGE = 0.5;
/** Sentences of the answer that are looked at together. */
const WINDOW = 2;
const LEAST_WEIGHT = 0.05;
/** Value where it cannot be told; also the least that bare code gets, whose words are its own. */
const UNKNOWN = 0.5;
const TERSE_WORDS = 20;
const MAX_CLAUSES = 24;
/** Words of an answer that may be a name in lower case. */
const TERSE = 3;

/**
 * Query alignment: clauses of the query whose weighted concepts occur together in a window of two
 * sentences; the kind of answer that the question asks for; and constraints, which are checked
 * exactly and weigh most.
 */
export function alignmentOf(
  answer: PreparedText,
  query: PreparedText,
  asked: AskedType,
  constraints: readonly CheckedConstraint[],
): Alignment {
  const clauses = clauseCoverage(answer, query);
  const askedType = fitsAskedType(answer, query, asked);
  const met =
    constraints.length === 0
      ? null
      : constraints.filter((constraint) => constraint.isMet).length / constraints.length;
  const covered = addressed(clauses, askedType, answer.words.length);
  const isCode = answer.layout.fences.length > 0 && answer.words.length < TERSE_WORDS;
  const base = isCode ? Math.max(covered, UNKNOWN) : covered;
  return {
    value: met === null ? base : 0.5 * base * (0.4 + 0.6 * met) + 0.5 * met,
    clauses,
    askedType,
    constraints: met,
  };
}

/** A short answer need not repeat the words of the question when it is of the kind asked for. */
function addressed(clauses: number | null, askedType: number | null, words: number): number {
  if (askedType === null) return clauses ?? UNKNOWN;
  const coverage = clauses ?? askedType;
  const brevity = 1 - ramp(words, 12, 60);
  return Math.max(0.75 * coverage + 0.25 * askedType, 0.8 * askedType * brevity);
}

/** Weighted mean over the clauses of the query of their best coverage; null without concepts. */
export function clauseCoverage(answer: PreparedText, query: PreparedText): number | null {
  const inCode = codeConcepts(answer);
  let sum = 0;
  let weights = 0;
  for (const clause of clausesOf(query)) {
    const weight = clause.reduce((total, [, own]) => total + own, 0);
    if (weight === 0) continue;
    const best = bestCoverage(clause, answer.sentences, inCode) / weight;
    sum += weight * Math.min(1, best / FULL_COVERAGE);
    weights += weight;
  }
  return weights === 0 ? null : sum / weights;
}

type Clause = readonly (readonly [string, number])[];

/** Greatest weight of a clause's concepts in any window of sentences, with those of the code. */
function bestCoverage(
  clause: Clause,
  sentences: readonly PreparedSentence[],
  inCode: ReadonlySet<string>,
): number {
  let best = 0;
  for (let from = 0; from < Math.max(1, sentences.length); from++) {
    let found = 0;
    for (const [lemma, weight] of clause) {
      const isFound = inCode.has(lemma) || isInWindow(lemma, sentences, from);
      if (isFound) found += weight;
    }
    best = Math.max(best, found);
  }
  return best;
}

function isInWindow(lemma: string, sentences: readonly PreparedSentence[], from: number): boolean {
  for (let at = from; at < from + WINDOW; at++) {
    if (sentences[at]?.concepts.has(lemma)) return true;
  }
  return false;
}

function codeConcepts(answer: PreparedText): ReadonlySet<string> {
  if (answer.layout.fences.length === 0) return new Set();
  const spoken = answer.sentences;
  return new Set(
    [...answer.concepts.keys()].filter(
      (lemma) => !spoken.some(({ concepts }) => concepts.has(lemma)),
    ),
  );
}

/** Concepts of each sentence of the query, cut again where a second request or question begins. */
function clausesOf(query: PreparedText): Clause[] {
  const clauses = query.sentences.flatMap(({ words }) => cutAtRequests(words));
  return clauses.slice(0, MAX_CLAUSES).map((words) => {
    const lemmas = new Set(words.map((word) => word.lemma));
    return [...lemmas].flatMap((lemma) => {
      const weight = query.concepts.get(lemma);
      return weight === undefined ? [] : [[lemma, LEAST_WEIGHT + weight] as const];
    });
  });
}

const JOIN = /^(?:and|then|also|but|or|plus)$/;
const REQUEST =
  /^(?:what|why|how|who|when|where|which|explain|describe|give|list|compare|write|tell|show|say|name|discuss|suggest|summari[sz]e|state|define|translate|find|calculate)$/;

/** "Name two causes and explain why they matter" asks two things. */
function cutAtRequests(words: readonly AnalysedWord[]): AnalysedWord[][] {
  const clauses: AnalysedWord[][] = [[]];
  words.forEach((word, index) => {
    const isNext = JOIN.test(words[index - 1]?.text ?? '') && REQUEST.test(word.text);
    if (isNext) clauses.push([]);
    clauses.at(-1)?.push(word);
  });
  return clauses;
}

function fitsAskedType(answer: PreparedText, query: PreparedText, asked: AskedType): number | null {
  const start = answer.tokens.slice(0, 6);
  switch (asked) {
    case 'number':
      return Number(
        answer.words.some((word) => word.kind === 'number' || NUMBER_WORD.test(word.text)),
      );
    case 'yes-no':
      return start.some((word) => YES_NO.test(word)) ? 1 : 0.5;
    case 'name':
      return Number(
        answer.words.some(
          (word) =>
            (word.isProper || (word.kind === 'content' && answer.words.length <= TERSE)) &&
            !query.concepts.has(word.lemma),
        ),
      );
    case 'thing':
      return Number(
        answer.words.some((word) => word.kind === 'content' && !query.concepts.has(word.lemma)),
      );
    case 'choice':
      return Number([...answer.concepts.keys()].some((lemma) => query.concepts.has(lemma)));
    case 'open':
      return null;
  }
}

const NUMBER_WORD =
  /^(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|billion|none|half|once|twice)$/;
const YES_NO =
  /^(?:yes|no|not|true|false|correct|incorrect|never|always|yeah|nope|isn't|doesn't|can't|don't)$/;
