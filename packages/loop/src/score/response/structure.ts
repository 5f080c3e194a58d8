import type { AnswerForm } from '../response-to-score.ts';
import { countItems, isConsecutive, type Layout } from './layout.ts';
import type { PreparedText } from './prepared-text.ts';
import { ramp } from './words.ts';

/** Fit of bare code where nobody asked for code. */
const CODE_ONLY = 0.6;

/**
 * Fit of the form to what was asked, times soundness of the form: fences closed, JSON that parses,
 * numbers that count up, regular tables, no shouting. No form earns points by being there:
 * connectives, bold and headings are worth nothing, and prose is as good as a list unless a list was
 * asked for. 0..1.
 */
export function structureFit(answer: PreparedText, form: AnswerForm): number {
  if (answer.text === '') return 0;
  return formFit(answer, form) * soundness(answer);
}

function formFit(answer: PreparedText, form: AnswerForm): number {
  const { layout } = answer;
  switch (form) {
    case 'json':
      return jsonFit(answer);
    case 'table':
      return layout.tables.some((table) => table.rows >= 2) ? 1 : 0.3;
    case 'code':
      return layout.fences.some((fence) => fence.code.trim() !== '') ? 1 : 0.3;
    case 'steps':
      return stepsFit(answer);
    case 'list':
      return listFit(answer);
    case 'short':
      return answer.words.length === 0 ? CODE_ONLY : 1 - 0.3 * ramp(answer.tokens.length, 60, 400);
    case 'prose':
      return proseFit(answer);
  }
}

function jsonFit(answer: PreparedText): number {
  if (isJson(answer.text)) return 1;
  const blocks = answer.layout.fences.filter((fence) => isJson(fence.code));
  if (blocks.length === 0) return 0.1;
  return answer.layout.prose.trim() === '' ? 1 : 0.7;
}

function stepsFit(answer: PreparedText): number {
  if (countItems(answer.layout) >= 2) return 1;
  const ordinals = answer.tokens.filter((word) =>
    /^(?:first|second|third|then|next|finally|lastly)(?:ly)?$/.test(word),
  );
  if (ordinals.length >= 2) return 0.8;
  return answer.sentences.length >= 3 ? 0.6 : 0.4;
}

function listFit(answer: PreparedText): number {
  if (countItems(answer.layout) >= 2 || answer.layout.tables.length > 0) return 1;
  const lines = answer.text.split('\n').filter((line) => line.trim() !== '').length;
  if (lines >= 3 || (answer.text.match(/[,;]/g)?.length ?? 0) >= 2) return 0.9;
  return 0.6;
}

/** Sentences are sentences: neither bare words nor a flood without a stop. */
function proseFit(answer: PreparedText): number {
  const { sentences } = answer;
  if (sentences.length === 0) return answer.layout.fences.length > 0 ? CODE_ONLY : 0.5;
  const whole = sentences.filter(({ words }) => {
    const hasFunctionWord = words.some((word) => word.kind === 'function');
    return hasFunctionWord && words.length >= 3 && words.length <= 80;
  });
  return 0.5 + 0.5 * Math.min(1, (whole.length / sentences.length) * 1.5);
}

function soundness(answer: PreparedText): number {
  const { layout } = answer;
  let sound = 1;
  if (layout.fences.some((fence) => !fence.isClosed)) sound *= 0.7;
  if (layout.fences.some((fence) => fence.language === 'json' && !isJson(fence.code))) sound *= 0.7;
  if (isShouted(answer.text)) sound *= 0.8;
  if (!isConsecutive(layout.numbers)) sound *= 0.85;
  if (layout.tables.some((table) => !table.isRegular)) sound *= 0.85;
  return sound;
}

function isShouted(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  return letters >= 20 && capitals > 0.6 * letters;
}

/**
 * Gate on decoration: headings and bold are for long texts, and more than the words can bear costs
 * up to a half. 0..1.
 */
export function decorationGate({ layout, tokens }: PreparedText): number {
  const headings = layout.headings / Math.max(1, tokens.length / 40);
  const bolds = boldsBeyondItems(layout) / Math.max(1, tokens.length / 20);
  return 1 - 0.5 * Math.max(ramp(headings, 1, 3), ramp(bolds, 1.5, 4));
}

/** A bold lead in every item of a list is ordinary. */
function boldsBeyondItems(layout: Layout): number {
  return Math.max(0, layout.bolds - countItems(layout) - layout.headings);
}

function isJson(text: string): boolean {
  const trimmed = text.trim();
  if (!/^[[{"\d\-tfn]/.test(trimmed)) return false;
  try {
    JSON.parse(trimmed);
    return true;
  } catch {
    return false;
  }
}
