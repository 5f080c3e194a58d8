import createClassifier from 'wink-naive-bayes-text-classifier';
import type { Mail } from '../mail/corpus.ts';
import type { TriageAgent } from './agent.ts';
import { tokensOf } from './tokens.ts';

/** Trains the naive Bayes agent (presence of tokens only, smoothing 0.5). */
export function trainBayes(version: string, training: readonly Mail[]): TriageAgent {
  const classifier = createClassifier();
  classifier.definePrepTasks([(tokens) => tokens]);
  classifier.defineConfig({ considerOnlyPresence: true, smoothingFactor: 0.5 });
  for (const mail of training) classifier.learn(tokensOf(mail), mail.isSpam ? 'spam' : 'keep');
  classifier.consolidate();
  return {
    agentId: 'bayes',
    version,
    trainedOn: training.map((mail) => mail.id),
    triage: (mail) => (classifier.predict(tokensOf(mail)) === 'spam' ? 'spam' : 'keep'),
  };
}
