import type { Verdict } from '../agents/agent.ts';

/** Reward of letting spam through; a good mail lost is worth 0, a right verdict 1. */
const SPAM_LET_IN = 0.4;

/** Tells whether a verdict is right. */
export function isRight(verdict: Verdict, isSpam: boolean): boolean {
  return (verdict === 'spam') === isSpam;
}

/** Fair reward of a verdict, 0..1: right 1, spam let in 0.4, good mail lost 0. */
export function fairReward(verdict: Verdict, isSpam: boolean): number {
  if (isRight(verdict, isSpam)) return 1;
  return isSpam ? SPAM_LET_IN : 0;
}
