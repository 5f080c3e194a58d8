import type { Parser, Tree } from 'web-tree-sitter';

/** Characters that the parser is given at once; it keeps a buffer of 5,119. */
const CHUNK = 4096;
/** Ordinary code is read less than three times, with retries. */
const READS_PER_CHARACTER = 20;
const LEAST_READS = 100_000;
/** The parser reports after every 100 steps; the densest code makes 6 steps per character. */
const REPORTS_PER_CHARACTER = 0.5;
const LEAST_REPORTS = 1000;

/**
 * Parses a text, and gives up (null) when the work grows faster than the text: error recovery on
 * hostile text can read it once per character. The bounds count work and not time, so that a file
 * either has a tree on every machine or on none.
 */
export function parseBounded(parser: Parser, text: string): Tree | null {
  const readLimit = LEAST_READS + text.length * READS_PER_CHARACTER;
  const reportLimit = LEAST_REPORTS + text.length * REPORTS_PER_CHARACTER;
  let reads = 0;
  let reports = 0;
  const isOverLimit = (): boolean => reads > readLimit || reports > reportLimit;
  const tree = parser.parse(
    (index) => {
      if (isOverLimit()) return undefined;
      const chunk = text.slice(index, index + CHUNK);
      reads += chunk.length;
      return chunk;
    },
    null,
    {
      progressCallback: () => {
        reports++;
        return isOverLimit();
      },
    },
  );
  if (tree === null || !isOverLimit()) return tree;
  // The parser saw an early end of the text before it looked whether it should stop.
  tree.delete();
  return null;
}
