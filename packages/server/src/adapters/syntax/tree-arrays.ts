import type { SyntaxKinds } from '@assay/loop';
import type { TreeCursor } from 'web-tree-sitter';

/** The nodes of a tree in document order; see `SyntaxTree` of `@assay/loop`. */
export interface TreeArrays {
  readonly nodeCount: number;
  readonly kind: Uint16Array;
  readonly size: Uint32Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

const CHARACTERS_PER_NODE = 2;

/**
 * Copies a tree out of the parser's memory. Every question to the cursor is a call into
 * WebAssembly, so none is asked whose answer is known: tokens that are not named have no children
 * and need no position.
 */
export function readTree(cursor: TreeCursor, kinds: SyntaxKinds, textLength: number): TreeArrays {
  let capacity = 64 + Math.ceil(textLength / CHARACTERS_PER_NODE);
  let kind = new Uint16Array(capacity);
  let size = new Uint32Array(capacity);
  let start = new Uint32Array(capacity);
  let end = new Uint32Array(capacity);
  const grow = (): void => {
    capacity *= 2;
    const larger = new Uint16Array(capacity);
    larger.set(kind);
    kind = larger;
    [size, start, end] = [size, start, end].map((array) => {
      const copy = new Uint32Array(capacity);
      copy.set(array);
      return copy;
    }) as [typeof size, typeof start, typeof end];
  };
  const open: number[] = [];
  let count = 0;
  const closeFinished = (): boolean => {
    while (!cursor.gotoNextSibling()) {
      const parent = open.pop();
      if (parent === undefined) return true;
      size[parent] = count - parent;
      cursor.gotoParent();
    }
    return false;
  };
  for (let isDone = false; !isDone; ) {
    if (count === capacity) grow();
    const node = count++;
    const id = cursor.nodeTypeId;
    kind[node] = id;
    size[node] = 1;
    if (kinds.isNamed[id] === true) {
      start[node] = cursor.startIndex;
      end[node] = cursor.endIndex;
      if (cursor.gotoFirstChild()) {
        open.push(node);
        continue;
      }
    }
    isDone = closeFinished();
  }
  return {
    nodeCount: count,
    kind: kind.slice(0, count),
    size: size.slice(0, count),
    start: start.slice(0, count),
    end: end.slice(0, count),
  };
}
