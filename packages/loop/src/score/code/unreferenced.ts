import { type Candidate, unusedCandidates } from './candidate-users.ts';
import { type ChangedCode, type CodeFile, linesOfNode } from './changed-code.ts';
import type { Declaration } from './declarations.ts';
import type { ScaffoldingEvidence } from './scaffolding-evidence.ts';
import { childrenOf, kindName, nodeText, type SyntaxTree } from './syntax-tree.ts';
import { findUnreferencedFiles } from './unreferenced-files.ts';

/** What is known of a change beside the parsed files. */
export interface ReferenceScope {
  /**
   * True when the files are the whole change: then what is public and new can only be used by them.
   * False for a file on its own, whose public declarations other files may use.
   */
  readonly isWholeChange: boolean;
  /** Texts of the other changed files that may name code: settings, templates, unparsed code. */
  readonly otherTexts: readonly string[];
}

/**
 * New functions, methods, types and files that nothing uses: no name in the changed files, outside
 * of themselves and of other unused code, is theirs. Files that the change does not touch were there
 * before, so they cannot use what is new. Not judged: tests, what a framework, a base class or the
 * run time may call, and names that the changed files had before.
 */
export function findUnreferenced(
  before: readonly CodeFile[],
  after: readonly ChangedCode[],
  scope: ReferenceScope,
): readonly ScaffoldingEvidence[] {
  const known = new Set(before.flatMap((file) => file.declarations.map(({ name }) => name)));
  const exported = new Set(after.flatMap((file) => [...exportedNames(file.tree)]));
  const candidates = after.flatMap((file) =>
    TEST_PATH.test(file.path)
      ? []
      : file.declarations
          .filter(
            (declaration) =>
              isNew(file, declaration) &&
              !known.has(declaration.name) &&
              !declaration.isCalledFromOutside &&
              (scope.isWholeChange || !(declaration.isPublic || exported.has(declaration.name))),
          )
          .map((declaration): Candidate => ({ file, declaration })),
  );
  if (candidates.length === 0) return [];
  const unused = unusedCandidates(candidates, after, scope.otherTexts);
  return [
    ...unused.map(({ file, declaration }) => {
      const { first, last } = linesOfNode(file, declaration.node);
      return {
        kind: 'unreferenced-declaration' as const,
        path: file.path,
        firstLine: first + 1,
        lastLine: last + 1,
        name: declaration.name,
      };
    }),
    ...(scope.isWholeChange ? findUnreferencedFiles(unused, after, scope.otherTexts) : []),
  ];
}

/** Where test runners look for tests. */
const TEST_PATH =
  /(^|\/)(tests?|__tests__|spec|testdata|fixtures)\/|[._-](test|spec)\.|(^|\/)test_|Tests?\.java$/;

function isNew(file: ChangedCode, declaration: Declaration): boolean {
  return file.isAdded[linesOfNode(file, declaration.nameNode).first] === 1;
}

/** Names in `export { a, b }`, which is no use. */
function exportedNames(tree: SyntaxTree): ReadonlySet<string> {
  const names = new Set<string>();
  for (let node = 0; node < tree.nodeCount; node++) {
    if (kindName(tree, node) !== 'export_specifier') continue;
    for (const child of childrenOf(tree, node)) names.add(nodeText(tree, child));
  }
  return names;
}
