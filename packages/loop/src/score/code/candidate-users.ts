import type { ChangedCode, CodeFile } from './changed-code.ts';
import type { Declaration } from './declarations.ts';
import { childrenOf, kindName, nodeText, type SyntaxTree } from './syntax-tree.ts';

/** New code that is judged, with what names it; null stands for code that is not judged. */
export interface Candidate {
  readonly file: ChangedCode;
  readonly declaration: Declaration;
  readonly users: Set<Candidate | null>;
}

/** Finds what names each candidate, in the changed files and in other texts. */
export function findUsers(
  candidates: readonly Candidate[],
  after: readonly ChangedCode[],
  otherTexts: readonly string[],
): void {
  const byName = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const same = byName.get(candidate.declaration.name) ?? [];
    byName.set(candidate.declaration.name, [...same, candidate]);
  }
  for (const text of otherTexts) {
    for (const [word] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) {
      for (const candidate of byName.get(word) ?? []) candidate.users.add(null);
    }
  }
  for (const file of after) {
    const isDeclaring = declaringNodes(file);
    forEachLeaf(file, candidates, (leaf, around) => {
      if (isDeclaring.has(leaf)) return;
      for (const used of byName.get(nodeText(file.tree, leaf)) ?? []) {
        if (!around.includes(used)) used.users.add(around.at(-1) ?? null);
      }
    });
  }
}

/** Calls `visit` with each leaf and the candidates that it is in, the innermost last. */
function forEachLeaf(
  file: ChangedCode,
  candidates: readonly Candidate[],
  visit: (leaf: number, around: readonly Candidate[]) => void,
): void {
  const own = candidates.filter((candidate) => candidate.file === file);
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
