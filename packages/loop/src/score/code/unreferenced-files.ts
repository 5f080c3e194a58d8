import type { Candidate } from './candidate-users.ts';
import type { ChangedCode, ScaffoldingEvidence } from './changed-code.ts';
import { childrenOf, kindName, nodeText, type SyntaxTree } from './syntax-tree.ts';

/** Files that something other than an import begins with. */
const ENTRY_STEM =
  /^(main|index|mod|lib|app|server|cli|setup|conftest|manage|__init__|__main__|.*[.-](config|d|stories|worker))$/;

/** New files of which nothing is used, that do nothing by themselves, and that nothing names. */
export function findUnreferencedFiles(
  unused: readonly Candidate[],
  after: readonly ChangedCode[],
  otherTexts: readonly string[],
): readonly ScaffoldingEvidence[] {
  return after
    .filter((file) => {
      const stem = stemOf(file.path);
      if (!file.isNewFile || ENTRY_STEM.test(stem)) return false;
      const nodes = new Set(
        unused.filter((one) => one.file === file).map(({ declaration }) => declaration.node),
      );
      return (
        nodes.size > 0 &&
        holdsOnly(file.tree, nodes) &&
        !otherTexts.some((text) => text.includes(stem)) &&
        !after.some((other) => other !== file && namesFile(other.tree, stem))
      );
    })
    .map((file) => ({
      kind: 'unreferenced-file',
      path: file.path,
      firstLine: 1,
      lastLine: file.lines.length,
      name: null,
    }));
}

function stemOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, '');
}

/** Imports, packages and comments at the top of a file do nothing. */
const PASSIVE =
  /^(comment|line_comment|block_comment|hash_bang_line|import_|package_|use_|mod_item|attribute_item|inner_attribute)/;

function holdsOnly(tree: SyntaxTree, declared: ReadonlySet<number>): boolean {
  return childrenOf(tree, 0).every((child) => {
    if (tree.kinds.isNamed[tree.kind[child] ?? 0] !== true) return true;
    if (PASSIVE.test(kindName(tree, child)) || kindName(tree, child) === 'impl_item') return true;
    const end = child + (tree.size[child] ?? 1);
    for (let node = child; node < end; node++) if (declared.has(node)) return true;
    return false;
  });
}

function namesFile(tree: SyntaxTree, stem: string): boolean {
  for (let node = 0; node < tree.nodeCount; node++) {
    if (tree.size[node] !== 1) continue;
    const text = nodeText(tree, node);
    if (text.includes(stem) && text.split(/[./\\]/).includes(stem)) return true;
  }
  return false;
}
