import type { ChangedCode, CodeFile } from './changed-code.ts';
import type { Declaration } from './declarations.ts';
import { childrenOf, kindName, nodeText, type SyntaxTree } from './syntax-tree.ts';

/** New code that is judged. */
export interface Candidate {
  readonly file: ChangedCode;
  readonly declaration: Declaration;
}

/**
 * The candidates that nothing names, in the changed files and in other texts, outside of themselves
 * and of other candidates that nothing names. Candidates of one name are named together.
 */
export function unusedCandidates(
  candidates: readonly Candidate[],
  after: readonly ChangedCode[],
  otherTexts: readonly string[],
): readonly Candidate[] {
  const names = new Set(candidates.map(({ declaration }) => declaration.name));
  const usedBy = findUses(names, candidates, after, otherTexts);
  // From the code that is not judged to all that it names, directly or not.
  const used = new Set<string>();
  const pending: (string | null)[] = [null];
  for (let user = pending.pop(); user !== undefined; user = pending.pop()) {
    for (const name of usedBy.get(user) ?? []) {
      if (used.has(name)) continue;
      used.add(name);
      pending.push(name);
    }
  }
  return candidates.filter(({ declaration }) => !used.has(declaration.name));
}

/** Names that each candidate uses, by its own name; under null what all other code uses. */
function findUses(
  names: ReadonlySet<string>,
  candidates: readonly Candidate[],
  after: readonly ChangedCode[],
  otherTexts: readonly string[],
): ReadonlyMap<string | null, ReadonlySet<string>> {
  const uses = new Map<string | null, Set<string>>([[null, new Set()]]);
  const add = (user: string | null, name: string): void => {
    const used = uses.get(user);
    if (used === undefined) uses.set(user, new Set([name]));
    else used.add(name);
  };
  for (const text of otherTexts) {
    for (const [word] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) {
      if (names.has(word)) add(null, word);
    }
  }
  const byFile = new Map(after.map((file): [ChangedCode, Candidate[]] => [file, []]));
  for (const candidate of candidates) byFile.get(candidate.file)?.push(candidate);
  for (const file of after) {
    const isDeclaring = declaringNodes(file);
    forEachLeaf(file, byFile.get(file) ?? [], (leaf, around) => {
      const name = nodeText(file.tree, leaf);
      if (!names.has(name) || isDeclaring.has(leaf)) return;
      const isOwn = around.some(({ declaration }) => declaration.name === name);
      if (!isOwn) add(around.at(-1)?.declaration.name ?? null, name);
    });
  }
  return uses;
}

/** Calls `visit` with each leaf and the candidates that it is in, the innermost last. */
function forEachLeaf(
  file: ChangedCode,
  own: readonly Candidate[],
  visit: (leaf: number, around: readonly Candidate[]) => void,
): void {
  const open: Candidate[] = [];
  let next = 0;
  for (let node = 0; node < file.tree.nodeCount; node++) {
    while (open.length > 0 && endOf(open.at(-1)) <= node) open.pop();
    const begun = own[next];
    if (begun?.declaration.node === node) {
      open.push(begun);
      next++;
    }
    if (file.tree.size[node] === 1) visit(node, open);
  }
}

function endOf(candidate: Candidate | undefined): number {
  if (candidate === undefined) return 0;
  const { node } = candidate.declaration;
  return node + (candidate.file.tree.size[node] ?? 1);
}

/** Names that say what something is called and do not use it. */
function declaringNodes({ tree, declarations }: CodeFile): ReadonlySet<number> {
  const declaring = new Set(declarations.map(({ nameNode }) => nameNode));
  for (let node = 0; node < tree.nodeCount; node++) {
    switch (kindName(tree, node)) {
      case 'export_specifier':
      case 'constructor_declaration':
        for (const child of childrenOf(tree, node)) declaring.add(child);
        break;
      case 'impl_item':
        for (const child of childrenOf(tree, node)) {
          if (kindName(tree, child) !== 'declaration_list') addSubtree(tree, child, declaring);
        }
        break;
      case 'method_declaration':
        // The receiver of a method in Go.
        if (tree.language === 'go') addSubtree(tree, node + 2, declaring);
        break;
      default:
    }
  }
  return declaring;
}

function addSubtree(tree: SyntaxTree, node: number, to: Set<number>): void {
  const end = node + (tree.size[node] ?? 1);
  for (let each = node; each < end; each++) to.add(each);
}
