import type { Mail } from '../mail/corpus.ts';
import type { MailContent } from '../mail/parse.ts';
import type { TriageAgent } from './agent.ts';
import { countTokens, tokensOf } from './tokens.ts';

const NEIGHBOURS = 5;

interface Posting {
  readonly documents: number[];
  readonly weights: number[];
  idf: number;
}

function buildIndex(training: readonly Mail[]): Map<string, Posting> {
  const index = new Map<string, Posting>();
  for (const [document, mail] of training.entries()) {
    for (const [token, count] of countTokens(tokensOf(mail))) {
      const posting = index.get(token) ?? { documents: [], weights: [], idf: 0 };
      posting.documents.push(document);
      posting.weights.push(1 + Math.log(count));
      index.set(token, posting);
    }
  }
  const norms = new Float64Array(training.length);
  for (const posting of index.values()) {
    posting.idf = Math.log(1 + training.length / posting.documents.length);
    for (const [i, document] of posting.documents.entries()) {
      const weight = (posting.weights[i] ?? 0) * posting.idf;
      posting.weights[i] = weight;
      norms[document] = (norms[document] ?? 0) + weight * weight;
    }
  }
  for (const posting of index.values()) {
    for (const [i, document] of posting.documents.entries()) {
      posting.weights[i] = (posting.weights[i] ?? 0) / (Math.sqrt(norms[document] ?? 0) || 1);
    }
  }
  return index;
}

function similarities(index: Map<string, Posting>, size: number, mail: MailContent): Float64Array {
  const similarity = new Float64Array(size);
  for (const [token, count] of countTokens(tokensOf(mail))) {
    const posting = index.get(token);
    if (posting === undefined) continue;
    const weight = (1 + Math.log(count)) * posting.idf;
    for (let i = 0; i < posting.documents.length; i += 1) {
      const document = posting.documents[i] ?? 0;
      similarity[document] = (similarity[document] ?? 0) + weight * (posting.weights[i] ?? 0);
    }
  }
  return similarity;
}

function largest(similarity: Float64Array): number[] {
  const best: number[] = [];
  for (let document = 0; document < similarity.length; document += 1) {
    const value = similarity[document] ?? 0;
    const last = best[best.length - 1];
    if (best.length === NEIGHBOURS && value <= (similarity[last ?? 0] ?? 0)) continue;
    let at = best.length;
    while (at > 0 && value > (similarity[best[at - 1] ?? 0] ?? 0)) at -= 1;
    best.splice(at, 0, document);
    if (best.length > NEIGHBOURS) best.pop();
  }
  return best;
}

/** Builds the agent of the 5 nearest mails: TF-IDF cosine, votes weighted by similarity. */
export function trainNearest(version: string, training: readonly Mail[]): TriageAgent {
  const index = buildIndex(training);
  const labels = training.map((mail) => mail.isSpam);
  return {
    agentId: 'nearest',
    version,
    trainedOn: training.map((mail) => mail.id),
    triage: (mail) => {
      const similarity = similarities(index, labels.length, mail);
      let balance = 0;
      for (const document of largest(similarity)) {
        balance += (labels[document] === true ? 1 : -1) * (similarity[document] ?? 0);
      }
      return balance > 0 ? 'spam' : 'keep';
    },
  };
}
