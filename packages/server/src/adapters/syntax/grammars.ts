import { createRequire } from 'node:module';
import type { CodeLanguage, SyntaxKinds } from '@assay/loop';
import { Language } from 'web-tree-sitter';
import { startParserRuntime } from './parser-runtime.ts';

/** A loaded grammar. */
export interface Grammar {
  readonly language: Language;
  readonly kinds: SyntaxKinds;
}

const require = createRequire(import.meta.url);
let runtime: Promise<void> | undefined;
const loading = new Map<CodeLanguage, Promise<Grammar>>();

/** Loads the grammar of a language; the second call for one gives what the first one loaded. */
export function loadGrammar(language: CodeLanguage): Promise<Grammar> {
  const known = loading.get(language);
  if (known !== undefined) return known;
  const grammar = readGrammar(language).catch((error: unknown) => {
    loading.delete(language);
    throw error;
  });
  loading.set(language, grammar);
  return grammar;
}

async function readGrammar(name: CodeLanguage): Promise<Grammar> {
  runtime ??= startParserRuntime();
  await runtime;
  const file = require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`);
  const language = await Language.load(file);
  const names = Array.from(language.types, (type) => type ?? '');
  return {
    language,
    kinds: { names, isNamed: names.map((_, id) => language.nodeTypeIsNamed(id)) },
  };
}
