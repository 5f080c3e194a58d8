import type { Fact } from '@assay/loop';
import type { ErrorCode } from '@assay/protocol/errors';
import { readFact } from '@assay/protocol/record';

/** Why a part of a file could not be imported. */
export interface ImportError {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly code: ErrorCode;
  /** Place within the value on that line, such as `$.finalMetrics`. */
  readonly path: string;
  readonly message: string;
}

/** One fact of an import, or what is wrong at a line. */
export type ImportItem =
  | { readonly line: number; readonly fact: Fact; readonly error?: undefined }
  | { readonly line: number; readonly error: ImportError; readonly fact?: undefined };

/** An item that tells of an error. */
export function failedItem(line: number, code: ErrorCode, message: string, path = '$'): ImportItem {
  return { line, error: { line, code, path, message } };
}

/** Checks a value that is to be a fact; the value is changed in place. */
export function factItem(line: number, value: unknown): ImportItem {
  const reading = readFact(value);
  return reading.fact === undefined
    ? failedItem(line, reading.code, reading.message, reading.path)
    : { line, fact: reading.fact };
}
