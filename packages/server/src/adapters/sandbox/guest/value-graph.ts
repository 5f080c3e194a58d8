/** Which interpreter owns an object that crosses by reference. */
export type Side = 'candidate' | 'test';

/**
 * A value without parts. `['#', i]` is node `i`, `['u']` undefined, `['n', text]` a number that JSON
 * does not have, `['b', digits]` a bigint, `['y', name]` a well-known symbol.
 */
export type Leaf =
  | null
  | boolean
  | number
  | string
  | readonly ['#', number]
  | readonly ['u']
  | readonly ['n', string]
  | readonly ['b', string]
  | readonly ['y', string];

/** What a foreign object can do. */
export type ReferenceKind = 'function' | 'object' | 'awaitable' | 'error-class';

/**
 * One object of a graph. `o` is the index that the object had in the request which is answered:
 * the sender of that request sees its own object changed in place, as a call in one process would.
 */
export type ValueNode =
  | {
      readonly k: 'list' | 'tuple' | 'set' | 'frozenset';
      readonly o?: number;
      readonly v: readonly Leaf[];
    }
  | { readonly k: 'object'; readonly o?: number; readonly v: readonly (readonly [string, Leaf])[] }
  | { readonly k: 'map'; readonly o?: number; readonly v: readonly (readonly [Leaf, Leaf])[] }
  | { readonly k: 'date'; readonly v: number }
  | { readonly k: 'regexp'; readonly v: readonly [source: string, flags: string] }
  | { readonly k: 'bytes'; readonly v: string; readonly c: string }
  | {
      readonly k: 'error';
      readonly v: readonly [name: string, message: string];
      /** Python: its class, and its arguments. */
      readonly c?: Leaf;
      readonly a?: readonly Leaf[];
    }
  /** Python: a value of the standard library, made again from these arguments. */
  | { readonly k: 'py'; readonly c: string; readonly v: readonly Leaf[] }
  /** Python: a built-in class. */
  | { readonly k: 'builtin'; readonly n: string }
  | {
      readonly k: 'ref';
      readonly s: Side;
      readonly i: number;
      readonly w: ReferenceKind;
      readonly n: string;
      /** Name and message of an error. */
      readonly e?: readonly [name: string, message: string];
      /** Python: names of the built-in classes that an exception class derives from. */
      readonly b?: readonly string[];
    };

/** A value as it crosses between two interpreters: flat, so that no depth can overflow a stack. */
export interface ValueGraph {
  readonly r: Leaf;
  readonly g: readonly ValueNode[];
}
