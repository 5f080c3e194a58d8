import { linesOf } from './line-diff.ts';
import { languageOf, type SourceFile } from './syntax-tree.ts';

/** What happened to a file. A renamed file may have been changed too. */
export type FileChange = 'added' | 'removed' | 'changed' | 'renamed';

/** A file of a change with its two contents; `before` is null when added, `after` when removed. */
export type FilePair =
  | { readonly change: 'added'; readonly before: null; readonly after: SourceFile }
  | { readonly change: 'removed'; readonly before: SourceFile; readonly after: null }
  | {
      readonly change: 'changed' | 'renamed';
      readonly before: SourceFile;
      readonly after: SourceFile;
    };

/** Share of lines in common from which a removed and an added file are one that was renamed. */
const RENAME_SIMILARITY = 0.5;
/** More pairs than this are not compared: only files with the same content are then renamed. */
const MOST_RENAME_PAIRS = 10_000;

/**
 * The files that differ between two states of a project, in the order of their paths. A removed and
 * an added file with the same content are one renamed file; so are two of the same extension with at
 * least half of their lines in common, the most alike first. Of two files with one path in a list
 * the last counts.
 */
export function pairFiles(
  before: readonly SourceFile[],
  after: readonly SourceFile[],
): readonly FilePair[] {
  const first = new Map(before.map((file) => [file.path, file]));
  const second = new Map(after.map((file) => [file.path, file]));
  const pairs: FilePair[] = [];
  for (const file of second.values()) {
    const old = first.get(file.path);
    if (old !== undefined && !isSameContent(old, file)) {
      pairs.push({ change: 'changed', before: old, after: file });
    }
  }
  const removed = [...first.values()].filter((file) => !second.has(file.path));
  const added = [...second.values()].filter((file) => !first.has(file.path));
  const renames = renamesOf(removed, added);
  const renamed = new Set(renames.flatMap((rename) => [rename.before, rename.after]));
  pairs.push(...renames);
  for (const file of removed) {
    if (!renamed.has(file)) pairs.push({ change: 'removed', before: file, after: null });
  }
  for (const file of added) {
    if (!renamed.has(file)) pairs.push({ change: 'added', before: null, after: file });
  }
  return pairs.sort((a, b) => compare(pathOfPair(a), pathOfPair(b)));
}

/** Path of a file after the change, or before it when it was removed. */
export function pathOfPair(pair: FilePair): string {
  return pair.change === 'removed' ? pair.before.path : pair.after.path;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isSameContent(first: SourceFile, second: SourceFile): boolean {
  if (first.text !== null || second.text !== null) return first.text === second.text;
  // Without a digest nothing says that they are the same.
  return first.digest !== undefined && first.digest === second.digest;
}

interface Rename {
  readonly change: 'renamed';
  readonly before: SourceFile;
  readonly after: SourceFile;
}

function renamesOf(
  removed: readonly SourceFile[],
  added: readonly SourceFile[],
): readonly Rename[] {
  const same = sameContentRenames(removed, added);
  const taken = new Set(same.flatMap(({ before, after }) => [before, after]));
  const isLeft = (file: SourceFile): boolean => !taken.has(file);
  return [...same, ...alikeRenames(removed.filter(isLeft), added.filter(isLeft))];
}

function sameContentRenames(
  removed: readonly SourceFile[],
  added: readonly SourceFile[],
): readonly Rename[] {
  const waiting = new Map<string, SourceFile[]>();
  for (const file of inOrder(removed)) {
    const key = contentKey(file);
    const others = key === null ? undefined : waiting.get(key);
    if (others !== undefined) others.push(file);
    else if (key !== null) waiting.set(key, [file]);
  }
  return inOrder(added).flatMap((after) => {
    const before = waiting.get(contentKey(after) ?? '')?.shift();
    return before === undefined ? [] : [{ change: 'renamed', before, after }];
  });
}

function inOrder(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.toSorted((a, b) => compare(a.path, b.path));
}

/** The same for files with the same content; null when nothing can be said. */
function contentKey(file: SourceFile): string | null {
  if (file.text !== null) return file.text === '' ? null : `text ${file.text}`;
  return file.digest === undefined ? null : `digest ${file.digest}`;
}

/** Pairs with enough lines in common, the most alike first. */
function alikeRenames(
  removed: readonly SourceFile[],
  added: readonly SourceFile[],
): readonly Rename[] {
  if (removed.length * added.length > MOST_RENAME_PAIRS) return [];
  const bags = new Map([...removed, ...added].map((file) => [file, lineBagOf(file)]));
  const alike = removed.flatMap((before) =>
    added
      .filter((after) => extensionOf(before) === extensionOf(after))
      .map((after) => ({
        rename: { change: 'renamed' as const, before, after },
        similarity: bagSimilarity(bags.get(before) ?? null, bags.get(after) ?? null),
      }))
      .filter(({ similarity }) => similarity >= RENAME_SIMILARITY),
  );
  alike.sort(
    (a, b) =>
      b.similarity - a.similarity ||
      compare(a.rename.before.path, b.rename.before.path) ||
      compare(a.rename.after.path, b.rename.after.path),
  );
  const taken = new Set<SourceFile>();
  return alike
    .map(({ rename }) => rename)
    .filter(({ before, after }) => {
      if (taken.has(before) || taken.has(after)) return false;
      taken.add(before).add(after);
      return true;
    });
}

function extensionOf(file: SourceFile): string {
  return languageOf(file.path) ?? /\.[^./]*$/.exec(file.path)?.[0] ?? '';
}

interface LineBag {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

/** Lines that say something: a file of brackets and blank lines is like every other. */
function lineBagOf(file: SourceFile): LineBag | null {
  if (file.text === null) return null;
  const counts = new Map<string, number>();
  let total = 0;
  for (const line of linesOf(file.text)) {
    const words = line.trim();
    if (words.length < 3) continue;
    counts.set(words, (counts.get(words) ?? 0) + 1);
    total++;
  }
  return { counts, total };
}

function bagSimilarity(first: LineBag | null, second: LineBag | null): number {
  if (first === null || second === null || first.total === 0 || second.total === 0) return 0;
  const sum = first.total + second.total;
  if ((2 * Math.min(first.total, second.total)) / sum < RENAME_SIMILARITY) return 0;
  let common = 0;
  for (const [line, count] of first.counts) common += Math.min(count, second.counts.get(line) ?? 0);
  return (2 * common) / sum;
}
