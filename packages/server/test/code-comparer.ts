import { type CodeComparison, type ComparisonSettings, compareCode } from '@assay/loop';
import { openCodeParser } from '../src/adapters/syntax/parse-code.ts';

/** Texts by path. */
export type Files = Readonly<Record<string, string>>;

/** Compares two states of some files. */
export type CompareFiles = (
  before: Files,
  after: Files,
  settings?: ComparisonSettings,
) => CodeComparison;

/** Opens a comparison with every grammar that the product ships. */
export async function openComparer(): Promise<CompareFiles> {
  const parse = await openCodeParser(['.ts', '.tsx', '.js', '.py', '.go', '.java', '.rs']);
  const filesOf = (files: Files): { readonly path: string; readonly text: string }[] =>
    Object.entries(files).map(([path, text]) => ({ path, text }));
  return (before, after, settings) => compareCode(filesOf(before), filesOf(after), parse, settings);
}

/** A small file of code. */
export const COUNTER = `export class Counter {
  private count = 0;

  add(amount: number): number {
    if (amount < 0) throw new RangeError('below zero');
    this.count += amount;
    return this.count;
  }
}
`;
