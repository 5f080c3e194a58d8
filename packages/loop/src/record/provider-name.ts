const KNOWN: ReadonlySet<string> = new Set([
  'openai',
  'anthropic',
  'gcp.gen_ai',
  'gcp.vertex_ai',
  'gcp.gemini',
  'aws.bedrock',
  'azure.ai.inference',
  'azure.ai.openai',
  'ibm.watsonx.ai',
  'cohere',
  'perplexity',
  'x_ai',
  'deepseek',
  'groq',
  'mistral_ai',
  'moonshot_ai',
]);

/** Older spellings of a provider. */
const FOLDED: ReadonlyMap<string, string> = new Map([
  ['vertex_ai', 'gcp.vertex_ai'],
  ['gemini', 'gcp.gemini'],
  ['az.ai.inference', 'azure.ai.inference'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['xai', 'x_ai'],
]);

/**
 * One name per provider: lower case, older spellings folded, and a suffix such as `.responses` cut
 * when what is before it is a known provider.
 */
export function providerNameOf(name: string): string {
  const lower = name.toLowerCase();
  const folded = FOLDED.get(lower) ?? lower;
  if (KNOWN.has(folded)) return folded;
  const head = folded.split('.', 1)[0] ?? folded;
  const known = FOLDED.get(head) ?? head;
  return KNOWN.has(known) ? known : folded;
}
