import { momentsOfSums, scoreInterval } from '@assay/loop';
import type { ScoreAnswer } from '@assay/protocol';
import { printable } from './printable.ts';

/** Writes scores as a table for people, line by line, and counts them. */
export interface ScoreTable {
  /** Line of the column names. */
  readonly head: string;
  rowOf(name: string, answer: ScoreAnswer): string;
  /** Lines under the table. */
  summary(invalidLines: number): readonly string[];
}

const NAME_WIDTH = 24;
const NUMBER_WIDTH = 9;

const cell = (text: string): string => text.padStart(NUMBER_WIDTH);
const number = (value: number | null): string => cell(value === null ? '-' : value.toFixed(3));

function nameCell(name: string): string {
  const text = printable(name);
  return (text.length > NAME_WIDTH ? `${text.slice(0, NAME_WIDTH - 1)}…` : text).padEnd(NAME_WIDTH);
}

/** A table that has seen nothing. */
export function createScoreTable(scorer: string): ScoreTable {
  let n = 0;
  let unscored = 0;
  let below = 0;
  let calibrated = 0;
  let sum = 0;
  let squares = 0;

  function notesOf(answer: Extract<ScoreAnswer, { kind: 'scored' }>): string {
    const consistency = answer.consistency === null ? [] : [`reasoning ${answer.consistency}`];
    const coverage = answer.coverage === 'full' ? [] : [`${answer.language}: gates only`];
    const threshold = answer.isBelowThreshold ? ['below threshold'] : [];
    return [...consistency, ...coverage, ...answer.flags, ...threshold].join(', ');
  }

  function count(answer: ScoreAnswer): void {
    if (answer.kind === 'unscored') {
      unscored += 1;
      return;
    }
    n += 1;
    sum += answer.composite;
    squares += answer.composite ** 2;
    if (answer.isBelowThreshold) below += 1;
    if (answer.probability !== null) calibrated += 1;
  }

  return {
    head: `${'id'.padEnd(NAME_WIDTH)}${['composite', 'answer', 'reasoning', 'prob.'].map(cell).join(' ')}  notes\n`,
    rowOf(name, answer) {
      count(answer);
      if (answer.kind === 'unscored') {
        return `${nameCell(name)}${cell('unscored')}  ${printable(answer.reason)}\n`;
      }
      const { composite, answer: own, reasoning, probability } = answer;
      const numbers = [composite, own, reasoning, probability?.value ?? null].map(number);
      const row = `${nameCell(name)}${numbers.join(' ')}  ${printable(notesOf(answer))}`;
      return `${row.trimEnd()}
`;
    },
    summary(invalidLines) {
      const { mean, low, high } = scoreInterval(n, sum, squares);
      const sd =
        n < 2 ? '' : `, sd ${Math.sqrt(momentsOfSums(n, sum, squares).m2 / (n - 1)).toFixed(3)}`;
      return [
        `scored ${n}, unscored ${unscored}, below threshold ${below}`,
        ...(n === 0
          ? []
          : [`mean composite ${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]${sd}`]),
        ...(invalidLines === 0 ? [] : [`lines that are no responses: ${invalidLines}`]),
        calibrated === n && n > 0
          ? `${scorer}, calibrated`
          : `${scorer}, an uncalibrated heuristic: it does not judge whether an answer is right`,
      ];
    },
  };
}
