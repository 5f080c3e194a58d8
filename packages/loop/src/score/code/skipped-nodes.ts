import { LANGUAGE_RULES, type LanguageRules } from './language-rules.ts';
import { forEachChild, kindName, nodeText, type SyntaxTree } from './syntax-tree.ts';

const OPENERS = new Set(['(', '[', '{', '<']);
const CLOSERS = new Set([')', ']', '}', '>']);

/**
 * Marks the nodes that formatting and comments make and that mean nothing: 1 for a node that is
 * left out of comparisons, with all below it. These are comments, commas before a closing bracket,
 * statement terminators that a formatter may put in or leave out, and blank lines between JSX
 * elements. What has a meaning somewhere (the comma of `(a,)`, the holes of `[,a]`) stays. Nodes that
 * are compared by their text alone keep their place and lose their children.
 */
export function markSkippedNodes(tree: SyntaxTree): Uint8Array {
  const rules = LANGUAGE_RULES[tree.language];
  const roles = tree.kinds.names.map((name, kind) =>
    roleOf(name, tree.kinds.isNamed[kind] === true, rules),
  );
  const skipped = new Uint8Array(tree.nodeCount);
  for (let node = 0; node < tree.nodeCount; node++) {
    const size = tree.size[node] ?? 1;
    const role = roles[tree.kind[node] ?? 0];
    if (role === 'comment' || (role === 'jsx-text' && jsxText(nodeText(tree, node)) === '')) {
      skipped.fill(1, node, node + size);
      node += size - 1;
    } else if (role === 'atom') {
      skipped.fill(1, node + 1, node + size);
      node += size - 1;
    } else if (size > 1) {
      markTokens(tree, node, roles, rules, skipped);
    }
  }
  return skipped;
}

/** JSX text as React sees it: line breaks with the blanks around them only separate words. */
export function jsxText(text: string): string {
  const lines = text.split('\n');
  const last = lines.length - 1;
  return lines
    .map((line, row) => {
      const begun = row === 0 ? line : line.trimStart();
      return row === last ? begun : begun.trimEnd();
    })
    .filter((line) => line !== '')
    .join(' ');
}

type NodeRole =
  | 'comment'
  | 'atom'
  | 'jsx-text'
  | 'comma'
  | 'terminator'
  | 'opener'
  | 'closer'
  | 'other';

function roleOf(name: string, isNamed: boolean, rules: LanguageRules): NodeRole {
  if (isNamed) {
    if (rules.comments.has(name)) return 'comment';
    if (rules.atoms.has(name)) return 'atom';
    return name === 'jsx_text' ? 'jsx-text' : 'other';
  }
  if (rules.terminators.has(name)) return 'terminator';
  if (name === ',') return 'comma';
  if (OPENERS.has(name)) return 'opener';
  return CLOSERS.has(name) ? 'closer' : 'other';
}

function markTokens(
  tree: SyntaxTree,
  parent: number,
  roles: readonly NodeRole[],
  rules: LanguageRules,
  skipped: Uint8Array,
): void {
  const parentKind = kindName(tree, parent);
  const isLoose = rules.looseSeparators.has(parentKind);
  const keepsTerminators = rules.meaningfulTerminators.has(parentKind);
  const keepsCommas = rules.meaningfulCommas.has(parentKind);
  // The last comma that may turn out to stand before a closing bracket.
  let pendingComma = -1;
  let previous: NodeRole = 'opener';
  forEachChild(tree, parent, (child) => {
    const role = roles[tree.kind[child] ?? 0] ?? 'other';
    if (role === 'comment') return;
    if (role === 'terminator' && !keepsTerminators) skipped[child] = 1;
    else if (role === 'comma' && isLoose) skipped[child] = 1;
    else if (role === 'closer' && pendingComma >= 0) skipped[pendingComma] = 1;
    const isHole = previous === 'opener' || previous === 'comma';
    pendingComma = role === 'comma' && !keepsCommas && !isHole ? child : -1;
    previous = role;
  });
}
