/**
 * Parses YAML of others; undefined when it is none. Aliases are limited, so that a few lines cannot
 * unfold into gigabytes. The parser is loaded when the first text comes.
 */
export async function yamlOf(text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    // A small limit: a card has no use for thousands of aliases.
    return parse(text.replace(/^\ufeff/, ''), { maxAliasCount: 50, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}
