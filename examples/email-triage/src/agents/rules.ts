import type { MailContent } from '../mail/parse.ts';
import type { TriageAgent } from './agent.ts';
import { agentText } from './tokens.ts';

const SPAM_FROM = 1.8;

/** Weights that were written once by hand and never tuned on the corpus. */
const TEXT_RULES: readonly (readonly [RegExp, number])[] = [
  [/\b(viagra|cialis|xanax|phentermine|porn|xxx|sexy?|adult|nude|penis|erection|hgh)\b/i, 3],
  [
    /\b(next of kin|beneficiary|nigeria|late (husband|president)|million (us )?dollars|foreign partner)\b/i,
    3,
  ],
  [/\b(casino|gambling|lottery|jackpot)\b/i, 3],
  [/\b(lose weight|weight loss|diet pills?|fat burn\w*)\b/i, 3],
  [
    /\b(work (from|at) home|home business|be your own boss|financial freedom|extra income|mlm)\b/i,
    3,
  ],
  [/\bdear (friend|sir|madam)\b/i, 2],
  [/\b(mortgage|loans?|debt|refinanc\w*)\b/i, 1.5],
  [/\b(click here|unsubscribe|opt[- ]?out|to be removed|remove me)\b/i, 1],
  [/\b(free|winner|guaranteed?)\b/i, 1],
  [/\$\s?\d{3}|\$\s?\d{1,3},\d{3}/, 1],
  [/!!/, 1],
  [/^>/m, -2],
  [/-----BEGIN PGP/, -2],
  [/\b(kernel|perl|patch|cvs|bug)\b|\bwrote:/i, -1.5],
];

function pointsOf(mail: MailContent): number {
  const text = agentText(mail);
  let points = 0;
  for (const [pattern, weight] of TEXT_RULES) if (pattern.test(text)) points += weight;
  if (mail.hasHtml) points += 0.8;
  if (mail.contentType === 'text/html') points += 1;
  if (/^\s*re:/i.test(mail.subject)) points -= 2.5;
  return points;
}

/** The agent of hand-written rules: spam when the sum of weights reaches 1.8. */
export function createRulesAgent(version = '1'): TriageAgent {
  return {
    agentId: 'rules',
    version,
    trainedOn: [],
    triage: (mail) => (pointsOf(mail) >= SPAM_FROM ? 'spam' : 'keep'),
  };
}
