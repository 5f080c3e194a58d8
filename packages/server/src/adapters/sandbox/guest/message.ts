import type { ValueGraph } from './value-graph.ts';

/**
 * What one interpreter asks of another. The values of `g` are, in this order: for `call` the
 * receiver and the arguments, for `construct` the arguments, for `get`, `has` and `delete` the key,
 * for `set` the key and the value, for `instanceof` the value, for `special` the arguments.
 */
export interface Ask {
  readonly op:
    | 'call'
    | 'construct'
    | 'get'
    | 'set'
    | 'has'
    | 'keys'
    | 'instanceof'
    | 'special'
    | 'base'
    | 'await'
    | 'value'
    | 'names'
    | 'tick';
  /** Object of the side that is asked. */
  readonly ref?: number;
  /** Name that the code defines, possibly a path; instead of `ref`. */
  readonly name?: string;
  /** Python: name of a special method. */
  readonly method?: string;
  readonly names?: readonly string[];
  /** Whether a promise or a coroutine is to be waited for before the answer. */
  readonly settle?: boolean;
  readonly g?: ValueGraph;
}

/** Answer to an ask: the value, or what was thrown. */
export interface Answer {
  readonly thrown: boolean;
  readonly g: ValueGraph;
}

/** What came of a test. */
export interface TestReport {
  /** Assertions that were evaluated, the failed one included. */
  readonly assertions: number;
  /** Assertions that failed: 0, or 1 because the first one ends the test. */
  readonly failures: number;
  /** Text of the first failure; it stays, whoever catches the exception. */
  readonly failure: string | null;
  /** What the test threw otherwise. */
  readonly error: { readonly name: string; readonly message: string } | null;
}
