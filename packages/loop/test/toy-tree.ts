import type { CodeLanguage, SyntaxTree } from '../src/score/code/syntax-tree.ts';

/** A node by hand: `kind` or `"token"`, with text when it is a leaf, or with children. */
export interface ToyNode {
  readonly kind: string;
  readonly text?: string;
  readonly children?: readonly ToyNode[];
}

/** A tree as a parser would give it. Kinds in double quotes are tokens without a name. */
export function toyTree(root: ToyNode, language: CodeLanguage = 'typescript'): SyntaxTree {
  const names: string[] = [];
  const isNamed: boolean[] = [];
  const numbers = new Map<string, number>();
  const kind: number[] = [];
  const size: number[] = [];
  const start: number[] = [];
  const end: number[] = [];
  let text = '';
  const numberOf = (label: string): number => {
    const known = numbers.get(label);
    if (known !== undefined) return known;
    const isToken = label.startsWith('"');
    names.push(isToken ? label.slice(1, -1) : label);
    isNamed.push(!isToken);
    numbers.set(label, names.length - 1);
    return names.length - 1;
  };
  const add = (node: ToyNode): void => {
    const place = kind.length;
    kind.push(numberOf(node.kind));
    size.push(1);
    start.push(text.length);
    end.push(0);
    text += node.text ?? '';
    for (const child of node.children ?? []) add(child);
    size[place] = kind.length - place;
    end[place] = text.length;
  };
  add(root);
  return {
    language,
    kinds: { names, isNamed },
    text,
    nodeCount: kind.length,
    kind: Uint16Array.from(kind),
    size: Uint32Array.from(size),
    start: Uint32Array.from(start),
    end: Uint32Array.from(end),
  };
}
