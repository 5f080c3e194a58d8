import type { MinimalDiffMetrics } from '../../record/facts.ts';
import { type ChangedCode, type CodeFile, codeFileOf } from './changed-code.ts';
import { compareFile, type FileComparison, type PairedTexts } from './compare-file.ts';
import { type ChangeLabel, changeLabel, rewardMultiplier } from './minimality.ts';
import { pairFiles } from './pair-files.ts';
import { findScaffolding, type Scaffolding } from './scaffolding.ts';
import type { ParseCode, SourceFile } from './syntax-tree.ts';

/** Version of the way in which code is compared; numbers of two versions are not compared. */
export const CODE_COMPARISON_VERSION = 'code-comparison/1';

/** What the comparison is told beside the files. */
export interface ComparisonSettings {
  /**
   * True when the files are all that the change touched, so that new public code which they do not
   * use is used by nothing. Default false.
   */
  readonly isWholeChange?: boolean;
  /** How much of the scaffolding penalty counts in the multiplier, 0..1. Default 1. */
  readonly scaffoldingWeight?: number;
}

/** What a code change amounts to. */
export interface CodeComparison {
  readonly version: string;
  /** The numbers that an evaluation records. */
  readonly metrics: MinimalDiffMetrics;
  /** null when there is no multiplier. */
  readonly label: ChangeLabel | null;
  /**
   * Similarity of the syntax over the files that could be parsed, weighted by their size, 0..1;
   * null when none was. `exact` knows names and literals, `shape` does not.
   */
  readonly similarity: { readonly exact: number | null; readonly shape: number | null };
  /**
   * The similarity that the multiplier uses: that of the lines where there is none of the syntax;
   * null when the touched files hold no text at all.
   */
  readonly overallSimilarity: number | null;
  readonly lines: { readonly added: number; readonly removed: number; readonly same: number };
  readonly scaffolding: Scaffolding;
  /** The files that the change touched, by path. */
  readonly files: readonly FileComparison[];
  /** What could not be judged, and why. */
  readonly notes: readonly string[];
}

/**
 * Compares two states of a set of files: how alike their syntax is, how many files and lines the
 * change touched, how much of the added code is scaffolding, and the reward multiplier
 * (`rewardMultiplier`). Only files that differ count. A file without a syntax tree counts by its
 * lines and is named in the notes. Nothing touched gives similarity 1 and multiplier 1; a change of
 * which no text can be read has no multiplier.
 *
 * @param parse gives the syntax tree of a file; it is called with line breaks as `\n` and without a
 *   byte order mark.
 */
export function compareCode(
  before: readonly SourceFile[],
  after: readonly SourceFile[],
  parse: ParseCode,
  settings: ComparisonSettings = {},
): CodeComparison {
  const compared = pairFiles(before, after).map((pair) => compareFile(pair, parse));
  const files = compared.map(({ comparison }) => comparison);
  const texts = compared.flatMap(({ texts: found }) => (found === null ? [] : [found]));
  const added = sum(files.map((file) => file.linesAdded));
  const removed = sum(files.map((file) => file.linesRemoved));
  const same = sum(texts.map((text) => text.diff.same));
  const exact = weightedMean(files, (file) => file.similarity?.exact ?? null);
  const shape = weightedMean(files, (file) => file.similarity?.shape ?? null);
  const isUnread = files.length > 0 && texts.length === 0;
  const overallSimilarity = isUnread
    ? null
    : (weightedMean(files, (file) => file.similarity?.exact ?? file.lineSimilarity) ?? 1);
  const scaffolding = scaffoldingOf(texts, settings.isWholeChange ?? false);
  const penalty = penaltyOf(scaffolding, texts, isUnread);
  const multiplier =
    overallSimilarity === null
      ? null
      : rewardMultiplier({
          similarity: overallSimilarity,
          changedLines: added + removed,
          scaffoldingPenalty: penalty ?? 0,
          scaffoldingWeight: settings.scaffoldingWeight ?? 1,
        });
  return {
    version: CODE_COMPARISON_VERSION,
    metrics: {
      astSimilarity: files.length === 0 ? 1 : exact,
      fileTouchCount: files.length,
      lineChangeRatio: isUnread ? null : shareChanged(added + removed, same),
      scaffoldingPenalty: penalty,
      rewardMultiplier: multiplier,
    },
    label: multiplier === null ? null : changeLabel(multiplier),
    similarity: files.length === 0 ? { exact: 1, shape: 1 } : { exact, shape },
    overallSimilarity,
    lines: { added, removed, same },
    scaffolding,
    files,
    notes: notesOf(files, penalty),
  };
}

function shareChanged(changed: number, same: number): number {
  return changed === 0 ? 0 : changed / (changed + 2 * same);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Mean weighted by size over the files that have a value; null when none has. */
function weightedMean(
  files: readonly FileComparison[],
  read: (file: FileComparison) => number | null,
): number | null {
  let total = 0;
  let weights = 0;
  for (const file of files) {
    const value = read(file);
    if (value === null) continue;
    total += value * file.size;
    weights += file.size;
  }
  return weights === 0 ? null : Math.min(1, total / weights);
}

function scaffoldingOf(texts: readonly PairedTexts[], isWholeChange: boolean): Scaffolding {
  const before = texts.flatMap((text): CodeFile[] =>
    text.treeBefore === null ? [] : [codeFileOf(text.path, text.treeBefore, text.linesBefore)],
  );
  const after = texts.flatMap((text): ChangedCode[] =>
    text.treeAfter === null
      ? []
      : [
          {
            ...codeFileOf(text.path, text.treeAfter, text.linesAfter),
            isNewFile: text.isNewFile,
            isAdded: text.diff.isAdded,
          },
        ],
  );
  const otherTexts = texts
    .filter((text) => text.treeAfter === null && !PROSE.test(text.path))
    .map((text) => text.linesAfter.join('\n'));
  return findScaffolding(before, after, { isWholeChange, otherTexts });
}

/** To be mentioned in a document is not to be used. */
const PROSE = /\.(md|mdx|txt|rst|adoc)$/i;

function penaltyOf(
  scaffolding: Scaffolding,
  texts: readonly PairedTexts[],
  isUnread: boolean,
): number | null {
  if (isUnread) return null;
  if (scaffolding.addedLines > 0) return scaffolding.scaffoldingLines / scaffolding.addedLines;
  const isUnjudged = texts.some((text) => text.isUnparsedCode && text.diff.added > 0);
  return isUnjudged ? null : 0;
}

function notesOf(files: readonly FileComparison[], penalty: number | null): readonly string[] {
  const notes = files.flatMap((file) =>
    file.notParsed === null ? [] : [`${file.path}: counted by lines only, ${file.notParsed}`],
  );
  if (penalty === null) notes.push('scaffolding: not judged, no added code could be read');
  return notes;
}
