import { diffLines, type LineDiff, lineChangeRatio, linesOf } from './line-diff.ts';
import { type FileChange, type FilePair, pathOfPair } from './pair-files.ts';
import {
  type CodeLanguage,
  languageOf,
  type ParseCode,
  type ParsedCode,
  type SyntaxTree,
} from './syntax-tree.ts';
import { treeSimilarity } from './tree-similarity.ts';

/** What happened to one file. */
export interface FileComparison {
  readonly path: string;
  /** Path before the change when it was another; else null. */
  readonly renamedFrom: string | null;
  readonly change: FileChange;
  readonly language: CodeLanguage | null;
  /** Similarity of the syntax, 0..1 each; null when there is no tree on one side. */
  readonly similarity: { readonly exact: number; readonly shape: number } | null;
  /** Why there is no similarity of the syntax; null when there is one. */
  readonly notParsed: string | null;
  /** 1 - the share of changed lines; null for a file that is not text. */
  readonly lineSimilarity: number | null;
  readonly linesAdded: number;
  readonly linesRemoved: number;
  /** Characters before + after: the weight of the file in means. */
  readonly size: number;
}

/** The two texts of a touched file. */
export interface PairedTexts {
  readonly path: string;
  readonly isNewFile: boolean;
  readonly linesBefore: readonly string[];
  readonly linesAfter: readonly string[];
  readonly diff: LineDiff;
  readonly treeBefore: SyntaxTree | null;
  readonly treeAfter: SyntaxTree | null;
  /** Code in a language that Assay reads, of which there is no tree after the change. */
  readonly isUnparsedCode: boolean;
}

/** Compares the two contents of a file; `texts` is null when one of them is not text. */
export function compareFile(
  pair: FilePair,
  parse: ParseCode,
): { readonly comparison: FileComparison; readonly texts: PairedTexts | null } {
  const path = pathOfPair(pair);
  const about = {
    path,
    renamedFrom: pair.change === 'renamed' ? pair.before.path : null,
    change: pair.change,
    language: languageOf(path),
  };
  const before = pair.before === null ? '' : pair.before.text;
  const after = pair.after === null ? '' : pair.after.text;
  if (before === null || after === null) {
    const nothing = { similarity: null, lineSimilarity: null, linesAdded: 0, linesRemoved: 0 };
    const without = before === null ? pair.before : pair.after;
    const notParsed = without?.withoutText ?? 'not text';
    return { comparison: { ...about, ...nothing, notParsed, size: 0 }, texts: null };
  }
  const textBefore = normalText(before);
  const textAfter = normalText(after);
  const linesBefore = linesOf(textBefore);
  const linesAfter = linesOf(textAfter);
  const diff = diffLines(linesBefore, linesAfter);
  const trees = treesOf(pair, textBefore, textAfter, parse);
  return {
    comparison: {
      ...about,
      similarity: trees.similarity,
      notParsed: trees.similarity === null ? trees.notParsed : null,
      lineSimilarity: 1 - lineChangeRatio(diff),
      linesAdded: diff.added,
      linesRemoved: diff.removed,
      size: textBefore.length + textAfter.length,
    },
    texts: {
      path,
      isNewFile: pair.change === 'added',
      linesBefore,
      linesAfter,
      diff,
      treeBefore: trees.before,
      treeAfter: trees.after,
      isUnparsedCode: about.language !== null && pair.after !== null && trees.after === null,
    },
  };
}

/** A byte order mark and the form of line breaks are no part of what a file says. */
function normalText(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
}

interface Trees {
  readonly before: SyntaxTree | null;
  readonly after: SyntaxTree | null;
  readonly similarity: { readonly exact: number; readonly shape: number } | null;
  readonly notParsed: string | null;
}

function treesOf(pair: FilePair, before: string, after: string, parse: ParseCode): Trees {
  const parsed = (path: string | undefined, text: string): ParsedCode | null =>
    path === undefined ? null : parse(path, text);
  const first = parsed(pair.before?.path, before);
  const second = parsed(pair.after?.path, after);
  const treeBefore = first?.kind === 'tree' ? first.tree : null;
  const treeAfter = second?.kind === 'tree' ? second.tree : null;
  const failed = [
    first?.kind === 'not-parsed' ? `before the change ${first.reason}` : null,
    second?.kind === 'not-parsed' ? `after the change ${second.reason}` : null,
  ].filter((reason) => reason !== null);
  const notParsed = failed.length === 0 ? null : failed.join('; ');
  if (notParsed !== null)
    return { before: treeBefore, after: treeAfter, similarity: null, notParsed };
  const similarity =
    treeBefore === null || treeAfter === null
      ? { exact: 0, shape: 0 }
      : treeSimilarity(treeBefore, treeAfter);
  const { exact, shape } = similarity;
  return { before: treeBefore, after: treeAfter, similarity: { exact, shape }, notParsed: null };
}
