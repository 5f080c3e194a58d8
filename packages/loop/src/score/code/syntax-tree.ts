/** Languages whose syntax Assay reads. `tsx` is TypeScript with JSX. */
export type CodeLanguage = 'typescript' | 'tsx' | 'javascript' | 'python' | 'go' | 'java' | 'rust';

/** One file of a code change. */
export interface SourceFile {
  /** Path relative to the root of the change, with `/`. */
  readonly path: string;
  /** Content; null for a file that is not text. */
  readonly text: string | null;
  /** Tells contents apart where there is no text, for instance a hash of the bytes. */
  readonly digest?: string;
  /** Why there is no text: `a link`, `longer than 16 MiB`; `not text` when absent. */
  readonly withoutText?: string;
}

/** Names of the kinds of node of a grammar, by kind number. */
export interface SyntaxKinds {
  readonly names: readonly string[];
  /** Whether a kind is named (a rule of the grammar) and not a keyword or punctuation, by number. */
  readonly isNamed: readonly boolean[];
}

/**
 * A syntax tree as arrays in document order (preorder), so that no object is made per node: the
 * subtree of node i is i .. i + size[i] - 1, node 0 is the root, and the children of i begin at
 * i + 1, each `size` apart. A node whose kind is not named (keyword, punctuation) is a leaf and has
 * no position: its start and end are 0.
 */
export interface SyntaxTree {
  readonly language: CodeLanguage;
  readonly kinds: SyntaxKinds;
  /** The text that was parsed; positions are offsets in it (UTF-16 code units). */
  readonly text: string;
  readonly nodeCount: number;
  readonly kind: Uint16Array;
  readonly size: Uint32Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

/** What a parser makes of a file: a tree without errors, or why there is none. */
export type ParsedCode =
  | { readonly kind: 'tree'; readonly tree: SyntaxTree }
  | { readonly kind: 'not-parsed'; readonly reason: string };

/** Parses one file; the language follows from the path. Never throws, whatever the text is. */
export type ParseCode = (path: string, text: string) => ParsedCode;

const LANGUAGES: Readonly<Record<string, CodeLanguage>> = {
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'tsx',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  py: 'python',
  pyi: 'python',
  go: 'go',
  java: 'java',
  rs: 'rust',
};

/** Language of a file by the extension of its name, or null when Assay reads none of its kind. */
export function languageOf(path: string): CodeLanguage | null {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(LANGUAGES, extension) ? (LANGUAGES[extension] ?? null) : null;
}

/** Calls `visit` with each child of a node, in order. */
export function forEachChild(tree: SyntaxTree, node: number, visit: (child: number) => void): void {
  const end = node + (tree.size[node] ?? 1);
  for (let child = node + 1; child < end; child += tree.size[child] ?? 1) visit(child);
}

/** The children of a node, in order. */
export function childrenOf(tree: SyntaxTree, node: number): number[] {
  const children: number[] = [];
  forEachChild(tree, node, (child) => children.push(child));
  return children;
}

/** Name of the kind of a node; `ERROR` when the grammar has no name for it. */
export function kindName(tree: SyntaxTree, node: number): string {
  return tree.kinds.names[tree.kind[node] ?? 0] ?? 'ERROR';
}

/** Text of a named node; empty for keywords and punctuation. */
export function nodeText(tree: SyntaxTree, node: number): string {
  return tree.text.slice(tree.start[node], tree.end[node]);
}
