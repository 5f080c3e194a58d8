/** A pattern for secrets. Group 1, when there is one, is the secret; else the whole match. */
export interface SecretRule {
  readonly name: string;
  /** Lower-case words of which one must be in the text before the pattern is tried. */
  readonly keywords: readonly string[];
  readonly pattern: RegExp;
  /** Further test of the secret. */
  readonly isSecret?: (secret: string) => boolean;
}

/** Shannon entropy of a text in bits per character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const PLACEHOLDER =
  /^(\$|\{|<|%)|your|example|changeme|placeholder|xxx|\*|^none$|^null$|^true$|^false$|os\.|self\.|process\.env/i;

function isLikelyPassword(value: string): boolean {
  if (PLACEHOLDER.test(value) || /[()[\]{}.]/.test(value)) return false;
  return /\d/.test(value) && entropyOf(value) > 3;
}

/** A token that nothing word-like touches on the left. */
function token(body: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9_-])(${body})(?![A-Za-z0-9])`, 'g');
}

/** Rules for secrets, by the format of the provider. */
export const SECRET_RULES: readonly SecretRule[] = [
  {
    name: 'aws-access-key',
    keywords: ['akia', 'asia', 'abia', 'acca'],
    pattern: token('(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}'),
  },
  {
    name: 'aws-secret-key',
    keywords: ['aws_secret'],
    pattern:
      /aws_secret[a-z_]{0,20}["']?\s{0,3}[:=]\s{0,3}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  },
  {
    name: 'github-token',
    keywords: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern: token('gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}'),
  },
  { name: 'gitlab-token', keywords: ['glpat-'], pattern: token('glpat-[\\w-]{20}') },
  {
    name: 'slack-token',
    keywords: ['xox'],
    pattern: token('xox[abeoprs]-[A-Za-z0-9-]{10,200}'),
  },
  {
    name: 'slack-webhook',
    keywords: ['hooks.slack.com'],
    pattern: /hooks\.slack\.com\/(?:services|workflows)\/([A-Za-z0-9+/]{40,60})/g,
  },
  {
    name: 'openai-key',
    keywords: ['t3blbkfj'],
    pattern: token('sk-[A-Za-z0-9_-]{0,90}T3BlbkFJ[A-Za-z0-9_-]{20,90}'),
  },
  {
    name: 'anthropic-key',
    keywords: ['sk-ant-'],
    pattern: token('sk-ant-[a-z0-9]+-[\\w-]{80,120}'),
  },
  { name: 'openrouter-key', keywords: ['sk-or-v1-'], pattern: token('sk-or-v1-[0-9a-f]{64}') },
  { name: 'huggingface-token', keywords: ['hf_'], pattern: token('hf_[A-Za-z]{34}') },
  { name: 'groq-key', keywords: ['gsk_'], pattern: token('gsk_[A-Za-z0-9]{52}') },
  { name: 'replicate-token', keywords: ['r8_'], pattern: token('r8_[A-Za-z0-9]{37}') },
  {
    name: 'stripe-key',
    keywords: ['_live_', '_test_', '_prod_'],
    pattern: token('[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,99}'),
  },
  { name: 'sendgrid-key', keywords: ['sg.'], pattern: token('SG\\.[\\w-]{22}\\.[\\w-]{43}') },
  { name: 'npm-token', keywords: ['npm_'], pattern: token('npm_[A-Za-z0-9]{36}') },
  { name: 'twilio-key', keywords: ['sk'], pattern: token('SK[0-9a-f]{32}') },
  { name: 'databricks-token', keywords: ['dapi'], pattern: token('dapi[0-9a-f]{32}(?:-\\d)?') },
  { name: 'linear-key', keywords: ['lin_api_'], pattern: token('lin_api_[A-Za-z0-9]{40}') },
  { name: 'pypi-token', keywords: ['pypi-'], pattern: token('pypi-AgEIcHlwaS5vcmc[\\w-]{50,200}') },
  { name: 'docker-token', keywords: ['dckr_pat_'], pattern: token('dckr_pat_[\\w-]{27}') },
  { name: 'google-key', keywords: ['aiza'], pattern: token('AIza[\\w-]{35}') },
  {
    name: 'telegram-token',
    keywords: [':aa'],
    pattern: /(?<!\d)(\d{8,10}:AA[\w-]{32,34})(?![\w-])/g,
  },
  {
    name: 'discord-webhook',
    keywords: ['/api/webhooks/'],
    pattern: /discord(?:app)?\.com\/api\/webhooks\/(\d{17,20}\/[\w-]{60,100})/g,
  },
  {
    name: 'assay-key',
    keywords: ['assay_'],
    pattern: token('assay_[A-Za-z0-9]{4,40}_[\\w-]{20,100}'),
  },
  {
    name: 'private-key',
    keywords: ['private key'],
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,8000}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g,
  },
  {
    name: 'jwt',
    keywords: ['eyj'],
    pattern: token('eyJ[\\w-]{10,4000}\\.eyJ[\\w-]{10,8000}\\.[\\w-]{10,2000}'),
  },
  {
    name: 'basic-auth-url',
    keywords: ['://'],
    pattern: /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"'<>]{1,100}:([^\s:@/"'<>]{6,200})@/gi,
    isSecret: (secret) => !PLACEHOLDER.test(secret),
  },
  {
    name: 'bearer',
    keywords: ['bearer'],
    pattern: /\bBearer\s{1,3}([A-Za-z0-9._~+/-]{20,4000}={0,2})/gi,
  },
  {
    name: 'session-cookie',
    keywords: ['sess', 'sid', 'token'],
    pattern:
      /\b[\w-]{0,40}(?:session|sess|sid|token)[\w-]{0,40}=([0-9a-f]{32,}|[A-Za-z0-9%._-]{32,})/gi,
    isSecret: (secret) => entropyOf(secret) > 3,
  },
  {
    name: 'azure-key',
    keywords: ['sig=', 'accountkey='],
    pattern: /(?:\bsig=([A-Za-z0-9%+/]{40,200})|AccountKey=([A-Za-z0-9+/]{60,200}))/gi,
  },
  {
    name: 'password',
    keywords: ['password', 'passwd', 'secret', 'token', 'api_key', 'apikey', 'api-key', 'api key'],
    pattern:
      /(?:password|passwd|secret|token|api[_ -]?key)[\w-]{0,20}["']?\s{0,3}[:=]\s{0,3}["']?([^\s"',;]{8,200})/gi,
    isSecret: isLikelyPassword,
  },
];
