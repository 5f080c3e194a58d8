import { type Declaration, declarationsOf } from './declarations.ts';
import { LANGUAGE_RULES } from './language-rules.ts';
import { kindName, type SyntaxTree } from './syntax-tree.ts';

/** A parsed file. */
export interface CodeFile {
  readonly path: string;
  readonly tree: SyntaxTree;
  readonly lines: readonly string[];
  readonly declarations: readonly Declaration[];
  /** Line of an offset, 0 for the first. */
  lineAt(offset: number): number;
}

/** A parsed file after a change, with what is new in it. */
export interface ChangedCode extends CodeFile {
  /** True when the file was not there before under any name. */
  readonly isNewFile: boolean;
  /** 1 for each line that the change added. */
  readonly isAdded: Uint8Array;
}

/** Puts together what the search for scaffolding needs of a file. */
export function codeFileOf(path: string, tree: SyntaxTree, lines: readonly string[]): CodeFile {
  const starts = lineStartsOf(tree.text);
  return {
    path,
    tree,
    lines,
    declarations: declarationsOf(tree),
    lineAt: (offset) => lastNotAbove(starts, offset),
  };
}

/** First and last line of a node, 0 for the first line of the file. */
export function linesOfNode(
  code: CodeFile,
  node: number,
): { readonly first: number; readonly last: number } {
  const start = code.tree.start[node] ?? 0;
  const end = code.tree.end[node] ?? 0;
  // The end is behind the last character, which may be a line break.
  return { first: code.lineAt(start), last: code.lineAt(Math.max(start, end - 1)) };
}

/** Calls `visit` with each comment of a file. */
export function forEachComment(tree: SyntaxTree, visit: (node: number) => void): void {
  const comments = LANGUAGE_RULES[tree.language].comments;
  for (let node = 0; node < tree.nodeCount; node++) {
    const isNamed = tree.kinds.isNamed[tree.kind[node] ?? 0] === true;
    if (!isNamed || !comments.has(kindName(tree, node))) continue;
    visit(node);
    node += (tree.size[node] ?? 1) - 1;
  }
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lastNotAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
