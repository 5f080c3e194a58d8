/** A response as the scorer of requirements/004's own system sees it. */
export interface OriginalInput {
  readonly query: string;
  readonly content: string | null;
  readonly reasoning?: string | null;
}

/** Running means of the two types of models, which that scorer keeps between calls. */
export interface OriginalState {
  readonly direct: number;
  readonly reasoning: number;
}

/** The state of a scorer that has seen nothing. */
export const FRESH: OriginalState = { direct: 0.72, reasoning: 0.78 };

/** The six factors, each 0..1. */
export interface OriginalFactors {
  readonly completeness: number;
  readonly actionability: number;
  readonly clarity: number;
  readonly depth: number;
  readonly alignment: number;
  readonly density: number;
}

const HEDGES = ['maybe', 'perhaps', 'might', 'could', 'possibly', 'depends'];
const ACTIONS = [
  'step',
  'method',
  'procedure',
  'implementation',
  'code',
  'example',
  'solution',
  'approach',
  'technique',
  'process',
  'algorithm',
];
const EXAMPLES = ['for example', 'such as', 'like', 'instance', 'e.g.'];
const TRANSITIONS = ['however', 'therefore', 'moreover', 'furthermore', 'consequently'];
const DEPTHS = [
  'algorithm',
  'function',
  'method',
  'parameter',
  'variable',
  'syntax',
  'protocol',
  'architecture',
  'implementation',
  'optimization',
  'complexity',
];
const EVASIONS = ['it depends', 'varies', 'not sure', 'hard to say'];
const STOP_WORDS = new Set('the a an and or but in on at to for of with by'.split(' '));
const UNDERSTANDING = ['analyze', 'consider', 'examine', 'evaluate', 'break down'];
const CAUSAL = ['because', 'since', 'due to', 'as a result', 'leads to', 'causes'];
const CONDITIONAL = ['if', 'when', 'assuming', 'provided that', 'in case'];
const DECOMPOSITION = [
  'break down',
  'first we need',
  'let me consider',
  'analyze the',
  'identify the',
];
const ALTERNATIVES = [
  'however',
  'alternatively',
  'another approach',
  'different method',
  'could also',
  'or we could',
  'another option',
];
const ERRORS = [
  'error',
  'mistake',
  'issue',
  'problem',
  'bug',
  'exception',
  'debug',
  'troubleshoot',
  'diagnose',
  'identify',
  'incorrect',
];
const META = [
  'thinking',
  'reasoning',
  'analysis',
  'consider',
  'let me think',
  'step by step',
  'first',
  'second',
  'finally',
];
const CONCLUSIONS = ['therefore', 'thus', 'so', 'consequently', 'as a result'];
const VERDICTS = ['the answer is', 'solution is', 'result is'];

const isWord = (word: string): boolean => /^\p{L}+$/u.test(word) && word.length > 2;
const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const hits = (text: string, list: readonly string[]): number =>
  list.filter((entry) => text.includes(entry)).length;
const any = (text: string, list: readonly string[]): number => Number(hits(text, list) > 0);
const shared = (left: ReadonlySet<string>, right: ReadonlySet<string>): number =>
  [...left].filter((word) => right.has(word)).length;

function isNumbered(text: string): number {
  return Number(/(^|\s)\d+[.)]/.test(text) || /\b(first|second|third|fourth|fifth)/.test(text));
}

/**
 * Six factors of the scorer that requirements/004 came out of, written from its published formulas.
 * Word lists are matched as substrings, on purpose: this is a reference to compare with, not a model.
 */
export function originalFactors(query: string, content: string): OriginalFactors {
  const text = content.trim().toLowerCase();
  const words = wordsOf(text);
  const queryWords = new Set(wordsOf(query.trim().toLowerCase()));
  const wanted = [...queryWords].filter(isWord);
  const found = wanted.filter((word) => text.includes(word)).length;
  const isBulleted = Number(/•|[-*]\s/.test(text));
  const forms = any(text, EXAMPLES) + isNumbered(text) + isBulleted + any(text, TRANSITIONS);
  const inBoth = shared(queryWords, new Set(words)) / Math.max(1, queryWords.size);
  const aligned = 0.4 + Math.min(0.4, 0.8 * inBoth) - Math.min(0.2, 0.1 * hits(text, EVASIONS));
  const dense = words.filter((word) => isWord(word) && !STOP_WORDS.has(word)).length;
  return {
    completeness:
      Math.min(1, found / Math.max(1, wanted.length)) *
      (1 - Math.min(0.3, 0.05 * hits(text, HEDGES))),
    actionability: Math.min(1, 0.3 + Math.min(0.7, (10 * hits(text, ACTIONS)) / words.length)),
    clarity: Math.min(1, 0.4 + 0.1 * forms - (words.length > 500 ? 0.1 : 0)),
    depth: Math.min(1, 0.3 + Math.min(0.5, 0.2 * hits(text, DEPTHS))),
    alignment: Math.min(1, Math.max(0.2, aligned)),
    density: dense / words.length,
  };
}

/**
 * Score of that scorer, 0..1. It depends on what was scored before (`state`); a null text gives 0.5,
 * as an exception does there. Both are kept as they are.
 */
export function originalQualityScore(
  { query, content, reasoning }: OriginalInput,
  state: OriginalState = FRESH,
): number {
  if (content === null || reasoning === null) return 0.5;
  const base = baseScore(query, content);
  const isThought = reasoning !== undefined && reasoning.trim() !== '';
  const type = isThought ? 'reasoning' : 'direct';
  const raw = isThought
    ? 0.7 * base + reasoningShare(query, content, reasoning)
    : directScore(base, content);
  const after = { ...state, [type]: 0.1 * raw + 0.9 * state[type] };
  const isApart = Math.abs(after.reasoning - after.direct) >= 0.05;
  const factor = type === 'reasoning' ? 0.95 : 1.05;
  return Math.min(1, Math.max(0, isApart ? raw * factor : raw));
}

function baseScore(query: string, content: string): number {
  if (content.trim() === '') return 0;
  const factors = originalFactors(query, content);
  return (
    0.25 * factors.completeness +
    0.2 * factors.actionability +
    0.2 * factors.clarity +
    0.15 * factors.depth +
    0.15 * factors.alignment +
    0.05 * factors.density
  );
}

function directScore(base: number, content: string): number {
  const text = content.trim().toLowerCase();
  const count = wordsOf(text).length;
  const concise = count <= 20 ? 0.05 : count <= 50 ? 0.02 : 0;
  return Math.min(0.95, base + concise + 0.03 * any(text, VERDICTS));
}

/** The share that is called 30 % there: at most 0.12 from five parts and 0.1 from consistency. */
function reasoningShare(query: string, content: string, reasoning: string): number {
  const text = reasoning.trim().toLowerCase();
  const queryWords = new Set(wordsOf(query.trim().toLowerCase()));
  const thought = new Set(wordsOf(text));
  const answer = new Set(wordsOf(content.trim().toLowerCase()));
  const understanding = Math.min(
    1,
    (0.8 * shared(queryWords, thought)) / Math.max(1, queryWords.size) +
      0.2 * any(text, UNDERSTANDING),
  );
  const structure =
    (isNumbered(text) + any(text, CAUSAL) + any(text, CONDITIONAL) + any(text, DECOMPOSITION)) / 4;
  const parts = [
    understanding,
    structure,
    Math.min(1, 0.3 * hits(text, ALTERNATIVES)),
    Math.min(1, 0.4 * hits(text, ERRORS)),
    Math.min(1, 0.2 * hits(text, META)),
  ];
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  const consistency = Math.min(
    1,
    (0.7 * shared(thought, answer)) / Math.max(1, thought.size) + 0.3 * any(text, CONCLUSIONS),
  );
  return 0.12 * mean + 0.1 * consistency;
}
