import type { ChangedCode, CodeFile } from './changed-code.ts';
import { findCopiedBlocks } from './copied-blocks.ts';
import { findPlaceholders } from './placeholders.ts';
import type { ScaffoldingEvidence } from './scaffolding-evidence.ts';
import { findUnreferenced, type ReferenceScope } from './unreferenced.ts';

/** How much of the added code is scaffolding. */
export interface Scaffolding {
  /** Added lines that are not blank, in files that could be parsed. */
  readonly addedLines: number;
  /** How many of them belong to scaffolding. */
  readonly scaffoldingLines: number;
  /** What was found, by path and line. */
  readonly evidence: readonly ScaffoldingEvidence[];
}

/**
 * Finds the share of added code that is not wired to anything: declarations and files that nothing
 * uses, bodies that are empty or not implemented, comments in place of code, copied blocks. A line
 * counts once, whatever is wrong with it, and only when the change added it.
 */
export function findScaffolding(
  before: readonly CodeFile[],
  after: readonly ChangedCode[],
  scope: ReferenceScope,
): Scaffolding {
  const byPath = new Map(after.map((file) => [file.path, file]));
  const marked = new Map(after.map((file) => [file.path, new Uint8Array(file.lines.length)]));
  const found = [
    ...findUnreferenced(before, after, scope),
    ...after.flatMap(findPlaceholders),
    ...findCopiedBlocks(before, after),
  ];
  const evidence = found.filter((one) => {
    const file = byPath.get(one.path);
    const marks = marked.get(one.path);
    if (file === undefined || marks === undefined) return false;
    let isInAdded = false;
    for (let row = one.firstLine - 1; row < one.lastLine; row++) {
      if (!countsAsAdded(file, row)) continue;
      marks[row] = 1;
      isInAdded = true;
    }
    return isInAdded;
  });
  let addedLines = 0;
  let scaffoldingLines = 0;
  for (const file of after) {
    for (let row = 0; row < file.lines.length; row++)
      addedLines += Number(countsAsAdded(file, row));
    for (const mark of marked.get(file.path) ?? []) scaffoldingLines += mark;
  }
  return {
    addedLines,
    scaffoldingLines,
    evidence: evidence.toSorted(
      (a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)) || a.firstLine - b.firstLine,
    ),
  };
}

function countsAsAdded(file: ChangedCode, row: number): boolean {
  return file.isAdded[row] === 1 && file.lines[row]?.trim() !== '';
}
