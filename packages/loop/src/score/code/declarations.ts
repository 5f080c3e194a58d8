import {
  type DeclarationHabits,
  type DeclarationPlace,
  habitsAt,
  isMember,
} from './declaration-habits.ts';
import { type DeclarationRole, type DeclarationRule, LANGUAGE_RULES } from './language-rules.ts';
import { childrenOf, kindName, nodeText, type SyntaxTree } from './syntax-tree.ts';

/** A named function, method or type of a file. */
export interface Declaration extends DeclarationHabits {
  readonly name: string;
  readonly role: DeclarationRole;
  readonly node: number;
  /** The node of its name. */
  readonly nameNode: number;
  /** The block of its statements; null when it has none. */
  readonly body: number | null;
}

/** The named functions, methods and types of a file, in order. */
export function declarationsOf(tree: SyntaxTree): readonly Declaration[] {
  const rules = LANGUAGE_RULES[tree.language];
  const byKind = tree.kinds.names.map((name, kind) =>
    tree.kinds.isNamed[kind] === true && Object.hasOwn(rules.declarations, name)
      ? rules.declarations[name]
      : undefined,
  );
  const isComment = tree.kinds.names.map((name) => rules.comments.has(name));
  const declarations: Declaration[] = [];
  const open: OpenNode[] = [];
  for (let node = 0; node < tree.nodeCount; node++) {
    while ((open.at(-1)?.end ?? node + 1) <= node) open.pop();
    const kind = tree.kind[node] ?? 0;
    const size = tree.size[node] ?? 1;
    if (isComment[kind] === true) {
      node += size - 1;
      continue;
    }
    const parent = open.at(-1);
    const rule = byKind[kind];
    if (rule !== undefined) {
      const ancestors = open.map((ancestor) => ancestor.node).reverse();
      const place = { tree, node, previous: parent?.lastChild ?? null, ancestors };
      const found = declarationAt(place, rule);
      if (found !== null) declarations.push(found);
    }
    if (parent !== undefined) parent.lastChild = node;
    if (size > 1) open.push({ node, end: node + size, lastChild: null });
  }
  return declarations;
}

interface OpenNode {
  readonly node: number;
  readonly end: number;
  lastChild: number | null;
}

function declarationAt(
  around: Omit<DeclarationPlace, 'name' | 'role'>,
  rule: DeclarationRule,
): Declaration | null {
  const { tree, node } = around;
  const children = childrenOf(tree, node);
  const nameNode = children.find((child) => rule.names.includes(kindName(tree, child)));
  if (nameNode === undefined) return null;
  const holder =
    rule.needs === undefined
      ? node
      : children.find((child) => rule.needs?.includes(kindName(tree, child)));
  if (holder === undefined) return null;
  const name = nodeText(tree, nameNode);
  const bodies = LANGUAGE_RULES[tree.language].bodies;
  const body = childrenOf(tree, holder).find((child) => bodies.has(kindName(tree, child)));
  const role = rule.role === 'function' && isMember(around) ? 'method' : rule.role;
  return {
    name,
    role,
    node,
    nameNode,
    body: role === 'type' ? null : (body ?? null),
    ...habitsAt({ ...around, name, role }),
  };
}
