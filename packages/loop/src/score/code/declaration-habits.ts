import type { DeclarationRole } from './language-rules.ts';
import {
  type CodeLanguage,
  childrenOf,
  forEachChild,
  kindName,
  nodeText,
  type SyntaxTree,
} from './syntax-tree.ts';

/** A declaration with what surrounds it. */
export interface DeclarationPlace {
  readonly tree: SyntaxTree;
  readonly node: number;
  readonly name: string;
  readonly role: DeclarationRole;
  /** Innermost first. */
  readonly ancestors: readonly number[];
  /** The node before it in the same parent, comments apart. */
  readonly previous: number | null;
}

/** Names that a run time, a test runner or a package manager looks for. */
const ENTRY_NAME = /^(main|init|constructor|_|__\w+__|(test|Test|Benchmark|Example|Fuzz).*)$/;

/** Who may use a declaration, by the habits of its language. */
export interface DeclarationHabits {
  /** Code outside of the file may use it. */
  readonly isPublic: boolean;
  /** Something that does not name it may call it: a framework, a base class, the run time. */
  readonly isCalledFromOutside: boolean;
  /** It may be empty on purpose, for instance because it overrides something. */
  readonly mayBeEmpty: boolean;
  /** It only says what others implement. */
  readonly isAbstract: boolean;
}

/** Tells who may use the declaration at a place. */
export function habitsAt(place: DeclarationPlace): DeclarationHabits {
  const habits = HABITS[place.tree.language];
  const isEntry = ENTRY_NAME.test(place.name);
  return {
    isPublic: habits.isPublic(place),
    isCalledFromOutside: isEntry || habits.isCalledFromOutside(place),
    mayBeEmpty: isEntry || habits.mayBeEmpty(place),
    isAbstract: habits.isAbstract(place),
  };
}

/** Whether a function is a member of a type. */
export function isMember({
  tree,
  ancestors,
}: Pick<DeclarationPlace, 'tree' | 'ancestors'>): boolean {
  return ownerOf(tree, ancestors) !== undefined;
}

const isNever = (): boolean => false;

type Habits = {
  readonly [Question in keyof DeclarationHabits]: (place: DeclarationPlace) => boolean;
};

const JAVASCRIPT: Habits = {
  isPublic: (place) =>
    place.role === 'method' ? !isPrivateInJavaScript(place) : exportOf(place) !== undefined,
  isCalledFromOutside: (place) => {
    const statement = exportOf(place);
    if (statement !== undefined && tokensOf(place.tree, statement).includes('default')) return true;
    if (hasChild(place.tree, place.node, ['decorator']) || isAfter(place, 'decorator')) return true;
    return isInObject(place) || overridesInJavaScript(place);
  },
  mayBeEmpty: (place) => isInObject(place) || overridesInJavaScript(place),
  isAbstract: isNever,
};

const PYTHON: Habits = {
  isPublic: (place) => !place.name.startsWith('_') && !isLocal(place),
  isCalledFromOutside: (place) => isDirectlyIn(place, 'decorated_definition') || overrides(place),
  mayBeEmpty: (place) => isDirectlyIn(place, 'decorated_definition') || overrides(place),
  isAbstract: isAbstractInPython,
};

const GO: Habits = {
  isPublic: (place) => /^\p{Lu}/u.test(place.name),
  // Interfaces are met without being named.
  isCalledFromOutside: (place) => place.role === 'method' && /^\p{Lu}/u.test(place.name),
  mayBeEmpty: (place) => place.role === 'method',
  isAbstract: isNever,
};

const JAVA: Habits = {
  isPublic: (place) => !modifiersOf(place).includes('private'),
  isCalledFromOutside: (place) => isAnnotated(place) || overridesInJava(place),
  mayBeEmpty: (place) => isAnnotated(place) || overridesInJava(place),
  isAbstract: isNever,
};

const RUST: Habits = {
  isPublic: (place) => hasChild(place.tree, place.node, ['visibility_modifier']),
  // Types have attributes too, mostly `derive`, which call nothing.
  isCalledFromOutside: (place) =>
    (place.role !== 'type' && isAfter(place, 'attribute_item')) || isInTrait(place),
  mayBeEmpty: isInTrait,
  isAbstract: isNever,
};

const HABITS: Readonly<Record<CodeLanguage, Habits>> = {
  typescript: JAVASCRIPT,
  tsx: JAVASCRIPT,
  javascript: JAVASCRIPT,
  python: PYTHON,
  go: GO,
  java: JAVA,
  rust: RUST,
};

function hasChild(tree: SyntaxTree, node: number, kinds: readonly string[]): boolean {
  return childrenOf(tree, node).some((child) => kinds.includes(kindName(tree, child)));
}

/** The keywords and punctuation among the children of a node. */
function tokensOf(tree: SyntaxTree, node: number): readonly string[] {
  const tokens: string[] = [];
  forEachChild(tree, node, (child) => {
    if (tree.kinds.isNamed[tree.kind[child] ?? 0] !== true) tokens.push(kindName(tree, child));
  });
  return tokens;
}

function hasToken({ tree, node }: DeclarationPlace, token: string): boolean {
  return childrenOf(tree, node).some((child) => tokensOf(tree, child).includes(token));
}

function isDirectlyIn({ tree, ancestors }: DeclarationPlace, kind: string): boolean {
  return ancestors[0] !== undefined && kindName(tree, ancestors[0]) === kind;
}

function isAfter({ tree, previous }: DeclarationPlace, kind: string): boolean {
  return previous !== null && kindName(tree, previous) === kind;
}

/** `export` directly around a declaration, or around the `const` that holds it. */
function exportOf({ tree, ancestors }: DeclarationPlace): number | undefined {
  return ancestors.slice(0, 2).find((ancestor) => kindName(tree, ancestor) === 'export_statement');
}

function isInObject(place: DeclarationPlace): boolean {
  return place.role === 'method' && isDirectlyIn(place, 'object');
}

/** Bodies of types, and what may stand around one. */
const OWNERS = [
  'class_declaration',
  'abstract_class_declaration',
  'class',
  'class_definition',
  'enum_declaration',
  'record_declaration',
  'interface_declaration',
];
const BETWEEN_MEMBER_AND_OWNER = [
  'class_body',
  'block',
  'decorated_definition',
  'enum_body',
  'enum_body_declarations',
  'interface_body',
];
const DERIVATIONS = [
  'class_heritage',
  'argument_list',
  'superclass',
  'super_interfaces',
  'extends_interfaces',
];

/** The type that a member belongs to. */
function ownerOf(tree: SyntaxTree, ancestors: readonly number[]): number | undefined {
  const owner = ancestors.find(
    (ancestor) => !BETWEEN_MEMBER_AND_OWNER.includes(kindName(tree, ancestor)),
  );
  return owner !== undefined && OWNERS.includes(kindName(tree, owner)) ? owner : undefined;
}

/** A method of a type that is derived from another may be one of that other. */
function overrides({ tree, role, ancestors }: DeclarationPlace): boolean {
  if (role !== 'method') return false;
  const owner = ownerOf(tree, ancestors);
  if (owner === undefined) return false;
  return kindName(tree, owner) === 'interface_declaration' || hasChild(tree, owner, DERIVATIONS);
}

function isPrivateInJavaScript(place: DeclarationPlace): boolean {
  return place.name.startsWith('#') || hasToken(place, 'private');
}

function overridesInJavaScript(place: DeclarationPlace): boolean {
  return overrides(place) && !isPrivateInJavaScript(place);
}

function overridesInJava(place: DeclarationPlace): boolean {
  return overrides(place) && !modifiersOf(place).includes('private');
}

function isAbstractInPython({ tree, node, ancestors }: DeclarationPlace): boolean {
  const around = ancestors[0];
  const isDecorated = around !== undefined && kindName(tree, around) === 'decorated_definition';
  const decorators = isDecorated ? tree.text.slice(tree.start[around], tree.start[node]) : '';
  if (/abstract|overload/.test(decorators)) return true;
  const owner = ownerOf(tree, ancestors);
  if (owner === undefined) return false;
  const bases = childrenOf(tree, owner).find((child) => kindName(tree, child) === 'argument_list');
  return bases !== undefined && /\b(ABC|ABCMeta|Protocol)\b/.test(nodeText(tree, bases));
}

function isLocal({ tree, ancestors }: DeclarationPlace): boolean {
  return ancestors.some((ancestor) => kindName(tree, ancestor) === 'function_definition');
}

function modifiersOf({ tree, node }: DeclarationPlace): readonly string[] {
  const modifiers = childrenOf(tree, node).find((child) => kindName(tree, child) === 'modifiers');
  return modifiers === undefined ? [] : tokensOf(tree, modifiers);
}

function isAnnotated({ tree, node }: DeclarationPlace): boolean {
  return childrenOf(tree, node).some(
    (child) =>
      kindName(tree, child) === 'modifiers' &&
      hasChild(tree, child, ['marker_annotation', 'annotation']),
  );
}

/** In a trait, or in the implementation of one. */
function isInTrait({ tree, ancestors }: DeclarationPlace): boolean {
  const owner = ancestors[1];
  if (owner === undefined) return false;
  const kind = kindName(tree, owner);
  return kind === 'trait_item' || (kind === 'impl_item' && tokensOf(tree, owner).includes('for'));
}
