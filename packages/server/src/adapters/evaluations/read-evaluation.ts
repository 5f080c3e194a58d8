import { readItemLines } from '@assay/loop/gate/read-items';
import type { ScorecardItem } from '@assay/loop/gate/scorecard';
import { type EvaluationFormat, invalidEvaluation } from './evaluation-format.ts';
import { readInspect } from './read-inspect.ts';
import { readJunit } from './read-junit.ts';
import { readPromptfoo } from './read-promptfoo.ts';

/** The format that a file most likely has, by its name and its first characters. */
export function guessFormat(path: string, text: string): EvaluationFormat {
  if (/^\s*</.test(text)) return 'junit';
  if (/\.(jsonl|ndjson)$/i.test(path)) return 'jsonl';
  return /"samples"\s*:/.test(text) && /"eval"\s*:/.test(text) ? 'inspect' : 'promptfoo';
}

/**
 * Reads the results of an evaluation as items of a scorecard. `column` names the provider of a
 * promptfoo file or the scorer of an Inspect log. Throws AssayError `scorecard.invalid`.
 */
export function readEvaluation(
  format: EvaluationFormat,
  text: string,
  column?: string,
): readonly ScorecardItem[] {
  switch (format) {
    case 'promptfoo':
      return readPromptfoo(text, column);
    case 'inspect':
      return readInspect(text, column);
    case 'junit':
      return readJunit(text);
    case 'jsonl': {
      const reading = readItemLines(text);
      if (reading.kind === 'items') return reading.items;
      throw invalidEvaluation(`line ${reading.line}: ${reading.message}`);
    }
  }
}
