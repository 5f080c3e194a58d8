import { LANGUAGE_RULES } from './language-rules.ts';
import { createSequenceInterner, type SequenceInterner } from './sequence-interner.ts';
import { jsxText, markSkippedNodes } from './skipped-nodes.ts';
import { nodeText, type SyntaxTree } from './syntax-tree.ts';

/** How alike two syntax trees are. */
export interface TreeSimilarity {
  /** 0..1, with names and literals; 1 exactly when the trees are the same. */
  readonly exact: number;
  /** 0..1, without the text of names and literals. Never below `exact`. */
  readonly shape: number;
  /** Nodes of each tree that were compared. */
  readonly nodesBefore: number;
  readonly nodesAfter: number;
}

/**
 * Similarity of two trees as the Dice coefficient of their bags of subtrees: every node stands for
 * the subtree below it, and the similarity is twice the number of subtrees in common over the
 * number of all, counted with repetition. Comments and formatting are left out. Subtrees are
 * compared in full, not by hashes.
 *
 * Unrelated files in one language still share small subtrees (brackets, common names): expect
 * around 0.3, not 0.
 */
export function treeSimilarity(before: SyntaxTree, after: SyntaxTree): TreeSimilarity {
  const words = createWords();
  const exact = createSequenceInterner();
  const shape = createSequenceInterner();
  const first = subtreesOf(before, words, exact, shape);
  const second = subtreesOf(after, words, exact, shape);
  const total = first.count + second.count;
  return {
    exact: (2 * countCommon(first.exact, second.exact, exact.count())) / total,
    shape: (2 * countCommon(first.shape, second.shape, shape.count())) / total,
    nodesBefore: first.count,
    nodesAfter: second.count,
  };
}

type Words = (word: string) => number;

/** Numbers for words: 1, 2, ...; 0 stands for no word. */
function createWords(): Words {
  const numbers = new Map<string, number>();
  return (word) => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, numbers.size + 1);
    return numbers.size;
  };
}

interface Subtrees {
  /** Number of the subtree at each node, -1 for nodes that are left out. */
  readonly exact: Int32Array;
  readonly shape: Int32Array;
  readonly count: number;
}

function subtreesOf(
  tree: SyntaxTree,
  words: Words,
  exactInterner: SequenceInterner,
  shapeInterner: SequenceInterner,
): Subtrees {
  const skipped = markSkippedNodes(tree);
  const kinds = tree.kinds.names.map((_, kind) => words(kindKey(tree, kind)));
  const atoms = tree.kinds.names.map((name) => LANGUAGE_RULES[tree.language].atoms.has(name));
  const exact = new Int32Array(tree.nodeCount).fill(-1);
  const shape = new Int32Array(tree.nodeCount).fill(-1);
  const widest = widestNode(tree) + 2;
  const exactKey = new Int32Array(widest);
  const shapeKey = new Int32Array(widest);
  let count = 0;
  // Children come after their parent, so backwards every subtree is known before it is used.
  for (let node = tree.nodeCount - 1; node >= 0; node--) {
    if (skipped[node] === 1) continue;
    count++;
    const kind = tree.kind[node] ?? 0;
    const end = node + (tree.size[node] ?? 1);
    exactKey[0] = shapeKey[0] = kinds[kind] ?? 0;
    let length = 1;
    for (let child = node + 1; child < end; child += tree.size[child] ?? 1) {
      if (skipped[child] === 1) continue;
      exactKey[length] = exact[child] ?? -1;
      shapeKey[length] = shape[child] ?? -1;
      length++;
    }
    const isLeaf = end === node + 1 || atoms[kind] === true;
    if (isLeaf && tree.kinds.isNamed[kind] === true) {
      // Below zero, where no child is: a leaf is never taken for an inner node.
      exactKey[1] = -1 - words(leafText(tree, node, kind));
      shapeKey[1] = -1;
      length = 2;
    }
    exact[node] = exactInterner.intern(exactKey, length);
    shape[node] = shapeInterner.intern(shapeKey, length);
  }
  return { exact, shape, count };
}

/** No node has more children than the tree has nodes; most trees have far fewer. */
function widestNode(tree: SyntaxTree): number {
  let widest = 0;
  for (let node = 0; node < tree.nodeCount; node++) {
    const end = node + (tree.size[node] ?? 1);
    let children = 0;
    for (let child = node + 1; child < end; child += tree.size[child] ?? 1) children++;
    if (children > widest) widest = children;
  }
  return widest;
}

function countCommon(first: Int32Array, second: Int32Array, distinct: number): number {
  const left = new Int32Array(distinct);
  for (const id of first) if (id >= 0) left[id] = (left[id] ?? 0) + 1;
  let common = 0;
  for (const id of second) {
    const remaining = id >= 0 ? (left[id] ?? 0) : 0;
    if (remaining === 0) continue;
    left[id] = remaining - 1;
    common++;
  }
  return common;
}

/** Quotes of either form are one kind: which one is used is formatting. */
function kindKey(tree: SyntaxTree, kind: number): string {
  const name = tree.kinds.names[kind] ?? '';
  if (tree.kinds.isNamed[kind] === true) return `named ${name}`;
  const isQuote = name === "'" && QUOTES_ALIKE.has(tree.language);
  return isQuote ? 'token "' : `token ${name}`;
}

const QUOTES_ALIKE: ReadonlySet<string> = new Set(['typescript', 'tsx', 'javascript']);

function leafText(tree: SyntaxTree, node: number, kind: number): string {
  const text = nodeText(tree, node);
  switch (tree.kinds.names[kind]) {
    case 'jsx_text':
      return jsxText(text);
    case 'string_start':
    case 'string_end':
      return text.replace(/["']+$/, '"');
    default:
      return text;
  }
}
