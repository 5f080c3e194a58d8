import type { PreparedText } from './prepared-text.ts';
import { ramp } from './words.ts';

const INJECTION = [
  /\b(?:rate|score|grade|mark|evaluate|judge|rank)\s+(?:this|it|me|my|mine|as|at|with|the\s+(?:answer|response|output|above|following))\b[^.!?\n]{0,50}\b(?:10|ten|100|1\.0|5|five|full|highest|maximum|perfect|top|best|excellent)\b/i,
  /\b(?:score|rating|grade)\s*[:=]\s*(?:10\s*(?:\/|out of)\s*10|5\s*(?:\/|out of)\s*5|100\s*(?:\/|out of)\s*100)/i,
  /\b(?:give|award|assign|deserves?|merits?)\b[^.!?\n]{0,50}\b(?:10\s*(?:\/|out of)\s*10|5\s*\/\s*5|100\s*%|full marks|(?:highest|maximum|perfect|top|best)\s+(?:possible\s+)?(?:score|rating|grade|marks?))/i,
  /\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:previous|prior|above|all|any|other|your|these)\b[^.!?\n]{0,30}\b(?:instructions?|prompts?|rules|rubric|criteria|guidelines|answers?)\b/i,
  /\b(?:dear|note to|attention|hello|hey|message (?:for|to)|as (?:a|an|the))\s+(?:the\s+)?(?:llm|ai|model|automated|automatic|impartial)?\s*(?:judge|grader|evaluator|reviewer|rater|scorer|assessor)\b/i,
  /\b(?:this|my|the above|the following|assistant|model|output|response|answer)\s+(?:[ab1]\s+)?(?:answer|response|output|reply)?\s*(?:is|was|should be|must be)\s+(?:clearly\s+|definitely\s+|obviously\s+)?(?:the\s+)?(?:better|best|superior|preferred|winner|flawless|perfect|rated|scored|graded)\b/i,
  /\[\[(?:[ABC]|10|rating|\d{1,3})\]\]|<\|(?:im_start|im_end|system|assistant|user|endoftext)\|>|###\s*(?:system|instruction)\b/i,
  /"(?:score|rating|grade|verdict|preferred|winner|output)"\s*:\s*(?:"?(?:10|5|1\.0|100|model_|[abm]\b)|"m")/i,
];
const JUDGING_ASKED =
  /\b(?:rate|score|grade|rating|review|evaluate|judge|rank|rubric|feedback|compare)\b/i;

const REFUSAL =
  /^(?:[^.!?\n]{0,80}\b)?(?:i(?:'m| am)? (?:really |very |so )?(?:sorry|afraid|unable|not able|can(?:no|')t|cannot|won't|must decline|do not feel comfortable|don't feel comfortable)|i (?:can(?:not|'t)|won't|will not|am unable to|'m unable to|must decline to) |as an ai(?: language)? model|i do(?:n't| not) have (?:access|the ability|enough information)|unfortunately,? i)/i;

const CITATION =
  /\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]|\((?:[A-Z][\p{L}'-]{1,30}(?:\s+(?:et al\.?|and|&)\s*[\p{L}'-]*)?),?\s+(?:19|20)\d\d[a-z]?\)|\b[A-Z][\p{L}'-]{1,30}\s+et al\.?,?\s*\(?(?:19|20)\d\d|\bdoi:\s*10\./gu;
const PRECISE_NUMBER = /\b\d{1,3}(?:\.\d+)?\s?%|\b\d+\.\d{2,}\b/g;
const SOURCES_ASKED =
  /\b(?:cite|citations?|references?|sources?|bibliography|literature|papers?|stud(?:y|ies)|statistics|percent(?:age)?s?|data|figures|numbers|calculate|compute)\b/i;

/** Whether the text talks to whoever grades it. Not when the query itself is about grading. */
export function isJudgeInjection(answer: string, query: string): boolean {
  const found = INJECTION.filter((pattern) => pattern.test(answer)).length;
  return JUDGING_ASKED.test(query) ? found >= 3 : found >= 1;
}

/** Whether the answer declines. A type of answer, not a bad one. */
export function isRefusal(answer: string): boolean {
  return REFUSAL.test(answer.slice(0, 300).replaceAll('’', "'"));
}

/** Whether the text stops in the middle: an open fence, or a long text whose last line has no end. */
export function isTruncated({ text, layout, tokens }: PreparedText): boolean {
  if (layout.fences.some((fence) => !fence.isClosed)) return true;
  if (tokens.length < 40 || layout.fences.length > 0 || layout.tables.length > 0) return false;
  const last = text.slice(text.lastIndexOf('\n') + 1).trim();
  if (/^(?:[-*•#|>]|\d+[.)])/.test(last)) return false;
  return /[\p{L}\p{N},;:(–-]$/u.test(last) && last.split(/\s+/).length >= 6;
}

/**
 * Gate on citations and exact figures that nobody asked for and nobody can check from the text:
 * a few are ordinary, one in every dozen words is decoration. 0..1.
 */
export function citationGate({ text, tokens }: PreparedText, query: string): number {
  if (SOURCES_ASKED.test(query) || tokens.length === 0) return 1;
  const marks =
    (text.match(CITATION)?.length ?? 0) + 0.5 * (text.match(PRECISE_NUMBER)?.length ?? 0);
  const queried = query.match(PRECISE_NUMBER)?.length ?? 0;
  if (queried > 0 || marks < 2) return 1;
  return 1 - 0.7 * ramp(marks / tokens.length, 0.03, 0.1);
}
