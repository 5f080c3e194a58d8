import type { Mail } from '../mail/corpus.ts';
import type { MailContent } from '../mail/parse.ts';

/** What an agent says of a mail. */
export type Verdict = 'spam' | 'keep';

/** An agent that sorts mail, at one version. */
export interface TriageAgent {
  readonly agentId: string;
  readonly version: string;
  /** Ids of the mails it was trained on; empty for agents that do not learn. */
  readonly trainedOn: readonly string[];
  readonly triage: (mail: MailContent) => Verdict;
}

/** Makes an agent at a version from labelled mail, in the order given. */
export type TrainAgent = (version: string, training: readonly Mail[]) => TriageAgent;
