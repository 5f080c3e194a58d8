import pg from 'pg';

const INT8 = 20;
const INTERVAL = 1186;
const BYTEA = 17;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY: number = 1009;

type Parser = (text: string) => unknown;

/** Integers are numbers as long as a number can hold them, and bigint beyond 2^53. */
function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

const parseTextArray = pg.types.getTypeParser(TEXT_ARRAY) as (text: string) => (string | null)[];
const parseHex = pg.types.getTypeParser(BYTEA) as (text: string) => Buffer;

const PARSERS: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [INT8, parseInt8],
  [INTERVAL, (text) => text],
  [
    BYTEA,
    (text) => {
      const bytes = parseHex(text);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
  ],
  [INT8_ARRAY, (text) => parseTextArray(text).map((item) => item && parseInt8(item))],
  [NUMERIC_ARRAY, parseTextArray],
]);

/** Type parsers that make `pg` give the same JavaScript values as PGlite. */
export const POSTGRES_TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(oid)) ||
    pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};
