import type { CodeLanguage } from './syntax-tree.ts';

/** What a declaration is; methods belong to a type and may be called through it. */
export type DeclarationRole = 'function' | 'method' | 'type' | 'value';

/** How a grammar writes one kind of declaration. */
export interface DeclarationRule {
  readonly role: DeclarationRole;
  /** Kinds of the direct child that names it, the first one found counts. */
  readonly names: readonly string[];
  /** Only a declaration when it has a direct child of one of these kinds. */
  readonly needs?: readonly string[];
}

/** What must be known of a grammar to compare code in it. Kinds are those of tree-sitter. */
export interface LanguageRules {
  /** Comments and other nodes without meaning. Left out of every comparison. */
  readonly comments: ReadonlySet<string>;
  /** Tokens that end a statement and may be left out or put in by a formatter. */
  readonly terminators: ReadonlySet<string>;
  /** Parents in which those tokens have a meaning. */
  readonly meaningfulTerminators: ReadonlySet<string>;
  /** Parents in which `,` and `;` are the same and mean nothing. */
  readonly looseSeparators: ReadonlySet<string>;
  /** Parents in which a comma before the closing bracket has a meaning, as in `(a,)`. */
  readonly meaningfulCommas: ReadonlySet<string>;
  /** Nodes whose text is more than that of their children: compared by their text alone. */
  readonly atoms: ReadonlySet<string>;
  readonly declarations: Readonly<Record<string, DeclarationRule>>;
  /** Kinds of the block of statements of a function. */
  readonly bodies: ReadonlySet<string>;
  /** Kinds that only hold other statements, and are looked through. */
  readonly transparent: ReadonlySet<string>;
}

const set = (...kinds: readonly string[]): ReadonlySet<string> => new Set(kinds);

const FUNCTION_VALUES = ['arrow_function', 'function_expression', 'generator_function', 'class'];

const JAVASCRIPT: LanguageRules = {
  comments: set('comment', 'html_comment', 'hash_bang_line'),
  terminators: set(';'),
  meaningfulTerminators: set('for_statement', 'empty_statement'),
  looseSeparators: set('interface_body', 'object_type'),
  meaningfulCommas: set(),
  atoms: set(),
  declarations: {
    function_declaration: { role: 'function', names: ['identifier'] },
    function_signature: { role: 'function', names: ['identifier'] },
    generator_function_declaration: { role: 'function', names: ['identifier'] },
    class_declaration: { role: 'type', names: ['type_identifier', 'identifier'] },
    abstract_class_declaration: { role: 'type', names: ['type_identifier'] },
    interface_declaration: { role: 'type', names: ['type_identifier'] },
    type_alias_declaration: { role: 'type', names: ['type_identifier'] },
    enum_declaration: { role: 'type', names: ['identifier'] },
    method_definition: {
      role: 'method',
      names: ['property_identifier', 'private_property_identifier'],
    },
    variable_declarator: { role: 'value', names: ['identifier'], needs: FUNCTION_VALUES },
  },
  bodies: set('statement_block'),
  transparent: set(),
};

const PYTHON: LanguageRules = {
  comments: set('comment', 'line_continuation'),
  terminators: set(';'),
  meaningfulTerminators: set(),
  looseSeparators: set(),
  meaningfulCommas: set('tuple', 'tuple_pattern', 'subscript', 'type_parameter'),
  atoms: set('string_content'),
  declarations: {
    function_definition: { role: 'function', names: ['identifier'] },
    class_definition: { role: 'type', names: ['identifier'] },
  },
  bodies: set('block'),
  transparent: set(),
};

const GO: LanguageRules = {
  comments: set('comment'),
  terminators: set(';', '\n'),
  meaningfulTerminators: set('for_clause', 'empty_statement'),
  looseSeparators: set(),
  meaningfulCommas: set(),
  atoms: set(),
  declarations: {
    function_declaration: { role: 'function', names: ['identifier'] },
    method_declaration: { role: 'method', names: ['field_identifier'] },
    type_spec: { role: 'type', names: ['type_identifier'] },
  },
  bodies: set('block'),
  transparent: set('statement_list'),
};

const JAVA: LanguageRules = {
  comments: set('line_comment', 'block_comment'),
  terminators: set(),
  meaningfulTerminators: set(),
  looseSeparators: set(),
  meaningfulCommas: set(),
  atoms: set(),
  declarations: {
    class_declaration: { role: 'type', names: ['identifier'] },
    interface_declaration: { role: 'type', names: ['identifier'] },
    enum_declaration: { role: 'type', names: ['identifier'] },
    record_declaration: { role: 'type', names: ['identifier'] },
    method_declaration: { role: 'method', names: ['identifier'] },
  },
  bodies: set('block'),
  transparent: set(),
};

const RUST: LanguageRules = {
  comments: set('line_comment', 'block_comment'),
  terminators: set(),
  meaningfulTerminators: set(),
  looseSeparators: set(),
  meaningfulCommas: set('tuple_expression', 'tuple_pattern', 'tuple_type', 'token_tree'),
  atoms: set(),
  declarations: {
    function_item: { role: 'function', names: ['identifier'] },
    struct_item: { role: 'type', names: ['type_identifier'] },
    enum_item: { role: 'type', names: ['type_identifier'] },
    trait_item: { role: 'type', names: ['type_identifier'] },
    type_item: { role: 'type', names: ['type_identifier'] },
  },
  bodies: set('block'),
  transparent: set(),
};

/** Rules by language. */
export const LANGUAGE_RULES: Readonly<Record<CodeLanguage, LanguageRules>> = {
  typescript: JAVASCRIPT,
  tsx: JAVASCRIPT,
  javascript: JAVASCRIPT,
  python: PYTHON,
  go: GO,
  java: JAVA,
  rust: RUST,
};
