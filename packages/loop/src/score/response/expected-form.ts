import type { AnswerForm } from '../response-to-score.ts';

/** What a question asks for by its first words. */
export type AskedType = 'yes-no' | 'number' | 'name' | 'thing' | 'choice' | 'open';

const JSON_FORM =
  /\b(?:(?:in|as|into|valid|only|return|output|a)\s+json|json\s+(?:object|array|format|only))\b/i;
const TABLE_FORM =
  /\b(?:(?:in|as|into|make|create|draw|build|give(?:\s+me)?|with|use)\s+(?:an?\s+)?(?:\w+\s+){0,2}table|markdown\s+table|tabular)\b/i;
const CODE_THING =
  'function|program|script|code|class|method|regex|regular\\s+expression|query|snippet|one-liner|unit\\s+tests?|component|sql|html|css|loop';
const CODE_FORM = new RegExp(
  `^(?:.{0,60}\\b)?(?:write|implement|create|code|develop|build|design|complete|fix|refactor|generate|give(?:\\s+me)?|need)\\b[^.?!]{0,40}\\b(?:${CODE_THING})\\b`,
  'im',
);
const STEPS_FORM =
  /\bstep[- ]by[- ]step\b|\b(?:list|give|write|show|describe|what\s+are)\b[^.?!]{0,30}\bsteps\b|\bnumbered\s+(?:list|steps)\b|\b(?:recipe|instructions)\s+(?:for|to)\b/i;
const COUNT_WORD = '\\d{1,2}|two|three|four|five|six|seven|eight|nine|ten';
const LIST_FORM = new RegExp(
  `\\b(?:bullet(?:ed)?(?:\\s+points?|\\s+list)?|bullets|list\\s+(?:of|the|all|some|${COUNT_WORD})|make\\s+a\\s+list|enumerate|(?:name|give(?:\\s+me)?|suggest|provide|come\\s+up\\s+with|generate|identify|mention)\\s+(?:me\\s+)?(?:at\\s+least\\s+)?(?:${COUNT_WORD}))\\b`,
  'i',
);
const SHORT_QUESTION =
  /^(?:(?:and|so|but|then)\s+)?(?:who|whom|whose|when|where|which|how\s+(?:many|much|old|far|long|tall|big|high|deep|often)|what(?:'s|\s+(?:is|are|was|were|year|time|day|date|number|colou?r))|in\s+(?:what|which)|(?:is|are|was|were|does|do|did|can|could|has|have|had|will|would|should)\s)/i;
const NUMBER_ASKED =
  /\b(?:how (?:many|much|old|far|long|tall|big|high|deep)|what (?:year|number|percentage|time|date|age)|which year|when (?:did|was|were|is|does)|calculate|compute|solve|what(?: is|'s) (?:the (?:sum|product|area|value|total|result|number|probability|average)|[\d(√-]))/;
const CHOICE_ASKED = /\b(?:which|what|who|is|are|was|does|do|should)\b.*\bor\b.*\?/;
const YES_NO_ASKED =
  /^(?:(?:so|and|but|then),?\s+)?(?:is|are|was|were|does|do|did|has|have|had|should|isn't|aren't|doesn't|true or false|(?:can|could|will|would)(?! you))\b/;
const NAME_ASKED =
  /^(?:(?:so|and|but|then),?\s+)?(?:who|whose)\b|\b(?:what|which)(?:'s| is| are| was| were)?(?: the)? (?:names? of|capital|author|country|city|continent|planet|river|president|composer|painter)\b/;
const THING_ASKED =
  /\b(?:where|which|what(?:'s| is| are| was| were)? the (?:name|title|largest|smallest|longest|highest|first|last|currency|symbol|colou?r))\b/;
/** More words than this and a question is not a quick one. */
const SHORT_QUESTION_WORDS = 16;

/** Form that a query asks for. Only what is said outright counts; everything else is prose. */
export function readExpectedForm(query: string): AnswerForm {
  const text = query.slice(0, 4_000);
  if (JSON_FORM.test(text)) return 'json';
  if (TABLE_FORM.test(text)) return 'table';
  if (CODE_FORM.test(text)) return 'code';
  if (STEPS_FORM.test(text)) return 'steps';
  if (LIST_FORM.test(text)) return 'list';
  const words = text.trim().split(/\s+/).length;
  return SHORT_QUESTION.test(text.trim()) && words <= SHORT_QUESTION_WORDS ? 'short' : 'prose';
}

/** What kind of thing answers the last question of a query. */
export function readAskedType(query: string): AskedType {
  const questions = query.slice(-4_000).match(/[^.?!\n]*\?/g);
  const text = (questions?.at(-1) ?? query.slice(0, 400)).trim().toLowerCase();
  if (NUMBER_ASKED.test(text)) return 'number';
  if (CHOICE_ASKED.test(text)) return 'choice';
  if (YES_NO_ASKED.test(text)) return 'yes-no';
  if (NAME_ASKED.test(text)) return 'name';
  return THING_ASKED.test(text) ? 'thing' : 'open';
}
