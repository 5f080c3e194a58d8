import type { Candidate } from './candidate-users.ts';
import type { ChangedCode } from './changed-code.ts';
import type { ScaffoldingEvidence } from './scaffolding-evidence.ts';
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
  const declared = new Map<ChangedCode, Set<number>>();
  for (const { file, declaration } of unused) {
    const nodes = declared.get(file) ?? new Set();
    declared.set(file, nodes.add(declaration.node));
  }
  const suspects = [...declared].filter(
    ([file, nodes]) =>
      file.isNewFile && !ENTRY_STEM.test(stemOf(file.path)) && holdsOnly(file.tree, nodes),
  );
  if (suspects.length === 0) return [];
  const namedIn = mentions(new Set(suspects.map(([file]) => stemOf(file.path))), after);
  return suspects.flatMap(([file]): ScaffoldingEvidence[] => {
    const stem = stemOf(file.path);
    const isNamed =
      otherTexts.some((text) => text.includes(stem)) ||
      (namedIn.get(stem) ?? []).some((other) => other !== file);
    if (isNamed) return [];
    const lastLine = file.lines.length;
    return [{ kind: 'unreferenced-file', path: file.path, firstLine: 1, lastLine, name: null }];
  });
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

/** Files with a name or a text that has a stem in it, as `./stem.ts` or `package.stem` do. */
function mentions(
  stems: ReadonlySet<string>,
  after: readonly ChangedCode[],
): ReadonlyMap<string, readonly ChangedCode[]> {
  const found = new Map<string, ChangedCode[]>();
  for (const file of after) {
    const { tree } = file;
    const own = new Set<string>();
    for (let node = 0; node < tree.nodeCount; node++) {
      if (tree.size[node] !== 1 || tree.end[node] === 0) continue;
      for (const part of nodeText(tree, node).split(/[./\\]/)) if (stems.has(part)) own.add(part);
    }
    for (const stem of own) found.set(stem, [...(found.get(stem) ?? []), file]);
  }
  return found;
}
