import type { Mail } from '../mail/corpus.ts';
import type { MailContent } from '../mail/parse.ts';
import type { TriageAgent } from './agent.ts';
import { countTokens, tokensOf } from './tokens.ts';

const SLOTS = 2 ** 16;
const EPOCHS = 6;
const STEP = 4;

/** Sparse vector: slots and their values, in the same order. */
interface Features {
  readonly slots: Uint32Array;
  readonly values: Float64Array;
}

/** FNV-1a, 32 bit, over UTF-16 units, folded to the number of slots. */
export function slotOf(token: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < token.length; index += 1) {
    hash = Math.imul(hash ^ token.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % SLOTS;
}

function shapeTokens(mail: MailContent): string[] {
  const tokens = [`#type:${mail.contentType}`, `#files:${Math.min(3, mail.attachments)}`];
  if (mail.hasHtml) tokens.push('#html');
  if (/^\s*re:/i.test(mail.subject)) tokens.push('#re');
  return tokens;
}

const known = new WeakMap<MailContent, Features>();

function featuresOf(mail: MailContent): Features {
  const kept = known.get(mail);
  if (kept !== undefined) return kept;
  const counts = countTokens([...tokensOf(mail), ...shapeTokens(mail)]);
  const slots = new Uint32Array(counts.size);
  const values = new Float64Array(counts.size);
  let index = 0;
  let squares = 0;
  for (const [token, count] of counts) {
    const value = 1 + Math.log(count);
    slots[index] = slotOf(token);
    values[index] = value;
    squares += value * value;
    index += 1;
  }
  const norm = Math.sqrt(squares) || 1;
  for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) / norm;
  const features = { slots, values };
  known.set(mail, features);
  return features;
}

function scoreOf(weights: Float64Array, bias: number, { slots, values }: Features): number {
  let score = bias;
  for (let i = 0; i < slots.length; i += 1) {
    score += (weights[slots[i] ?? 0] ?? 0) * (values[i] ?? 0);
  }
  return score;
}

/**
 * Trains logistic regression on hashed tokens by stochastic gradient descent: 6 epochs in the
 * order given, step 4 / (1 + epoch), a tenth of it for the bias.
 */
export function trainLinear(version: string, training: readonly Mail[]): TriageAgent {
  const weights = new Float64Array(SLOTS);
  let bias = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    const step = STEP / (1 + epoch);
    for (const mail of training) {
      const features = featuresOf(mail);
      const chance = 1 / (1 + Math.exp(-scoreOf(weights, bias, features)));
      const pull = step * ((mail.isSpam ? 1 : 0) - chance);
      for (let i = 0; i < features.slots.length; i += 1) {
        const slot = features.slots[i] ?? 0;
        weights[slot] = (weights[slot] ?? 0) + pull * (features.values[i] ?? 0);
      }
      bias += pull / 10;
    }
  }
  return {
    agentId: 'linear',
    version,
    trainedOn: training.map((mail) => mail.id),
    triage: (mail) => (scoreOf(weights, bias, featuresOf(mail)) >= 0 ? 'spam' : 'keep'),
  };
}
