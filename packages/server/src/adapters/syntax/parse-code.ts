import { type CodeLanguage, languageOf, type ParseCode, type ParsedCode } from '@assay/loop';
import { Parser } from 'web-tree-sitter';
import { parseBounded } from './bounded-parse.ts';
import { type Grammar, loadGrammar } from './grammars.ts';
import { readTree } from './tree-arrays.ts';

/** Longest text that is parsed, in UTF-16 code units. */
export const MAX_CODE_LENGTH: number = 1 << 20;

/**
 * Opens a parser for files with these paths; loads only the grammars that they need. The parser
 * keeps nothing between files: each tree is copied out of the parser's memory and freed.
 */
export async function openCodeParser(paths: Iterable<string>): Promise<ParseCode> {
  const languages = new Set<CodeLanguage>();
  for (const path of paths) {
    const language = languageOf(path);
    if (language !== null) languages.add(language);
  }
  const grammars = new Map<CodeLanguage, Grammar>();
  for (const language of languages) grammars.set(language, await loadGrammar(language));
  return (path, text) => {
    const language = languageOf(path);
    const grammar = language === null ? undefined : grammars.get(language);
    if (language === null || grammar === undefined) return notParsed('no grammar for this file');
    if (text.length > MAX_CODE_LENGTH) {
      return notParsed(`longer than ${MAX_CODE_LENGTH.toLocaleString('en-US')} characters`);
    }
    return parse(language, grammar, text);
  };
}

function notParsed(reason: string): ParsedCode {
  return { kind: 'not-parsed', reason };
}

function parse(language: CodeLanguage, grammar: Grammar, text: string): ParsedCode {
  const parser = new Parser();
  try {
    parser.setLanguage(grammar.language);
    const tree = parseBounded(parser, text);
    if (tree === null) return notParsed('too hard to parse');
    try {
      if (tree.rootNode.hasError) return notParsed(`not valid ${language}`);
      const cursor = tree.walk();
      try {
        const arrays = readTree(cursor, grammar.kinds, text.length);
        return { kind: 'tree', tree: { language, kinds: grammar.kinds, text, ...arrays } };
      } finally {
        cursor.delete();
      }
    } finally {
      tree.delete();
    }
  } catch (error) {
    // The parser is foreign code that meets hostile text: whatever it throws, the file has no tree.
    return notParsed(
      `the parser failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    parser.delete();
  }
}
