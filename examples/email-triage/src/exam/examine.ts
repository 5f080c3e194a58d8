import type { TriageAgent } from '../agents/agent.ts';
import { trainBayes } from '../agents/bayes.ts';
import { trainLinear } from '../agents/linear.ts';
import { trainNearest } from '../agents/nearest.ts';
import { createRulesAgent } from '../agents/rules.ts';
import { madeUpExam } from './made-up-exam.ts';

const EXAM_MAILS = 250;
const TRAINING_MAILS = 300;

/** Names of the agents that can be examined. */
export const EXAMINED_AGENTS: readonly string[] = ['rules', 'bayes', 'linear', 'nearest'];

/** One answer of an agent, as `assay scorecard new` reads it. */
export interface ExamItem {
  readonly id: string;
  readonly category: string;
  readonly expected: string;
  readonly predicted: string;
  readonly score: 0 | 1;
}

/** An agent as the exam finds it: those that learn are trained on other made-up mail. */
export function agentForExam(name: string): TriageAgent {
  const training = madeUpExam(TRAINING_MAILS, 7);
  const makers: Readonly<Record<string, () => TriageAgent>> = {
    rules: () => createRulesAgent(),
    bayes: () => trainBayes('1', training),
    linear: () => trainLinear('1', training),
    nearest: () => trainNearest('1', training),
  };
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (make === undefined) throw new RangeError(`no agent ${name}: ${EXAMINED_AGENTS.join(', ')}`);
  return make();
}

/** The answers of an agent to the exam. */
export function examine(agent: Pick<TriageAgent, 'triage'>): ExamItem[] {
  return madeUpExam(EXAM_MAILS, 11).map((mail) => {
    const expected = mail.isSpam ? 'spam' : 'keep';
    const predicted = agent.triage(mail);
    const score = predicted === expected ? 1 : 0;
    return { id: mail.id, category: mail.kind, expected, predicted, score };
  });
}
