import { describe, expect, it } from 'vitest';
import { madeUpMail } from '../made-up-mail.ts';
import { differenceOf, playBestPerKind, playKeep, playOracle, standingOf } from './ledger.ts';
import { fairReward } from './reward.ts';

const tasks = [
  madeUpMail({ id: '1', isSpam: true, kind: 'html' }),
  madeUpMail({ id: '2', isSpam: true, kind: 'html' }),
  madeUpMail({ id: '3', isSpam: false, kind: 'plain-long', dateMs: Date.UTC(2002, 8, 1) }),
];
const strict = { name: 'strict', verdicts: tasks.map(() => 'spam' as const) };

describe('fairReward', () => {
  it('is 1 for right, 0.4 for spam let in, 0 for a good mail lost', () => {
    expect(fairReward('spam', true)).toBe(1);
    expect(fairReward('keep', false)).toBe(1);
    expect(fairReward('keep', true)).toBe(0.4);
    expect(fairReward('spam', false)).toBe(0);
  });
});

describe('standingOf', () => {
  it('counts both kinds of error, the reward and the months', () => {
    const standing = standingOf(tasks, strict);
    expect(standing.accuracy.value).toBeCloseTo(2 / 3, 12);
    expect(standing.goodMailLost).toBe(1);
    expect(standing.spamLetIn).toBe(0);
    expect(standing.months['2002-08']?.value).toBe(1);
    expect(standing.months['2002-09']?.value).toBe(0);
    expect(standingOf(tasks, playKeep(tasks)).reward.value).toBeCloseTo((0.4 + 0.4 + 1) / 3, 12);
  });
});

describe('policies in hindsight', () => {
  it('are right wherever a policy, or the best policy of the kind, is right', () => {
    const keep = playKeep(tasks);
    expect(standingOf(tasks, playOracle(tasks, [strict, keep])).accuracy.value).toBe(1);
    expect(standingOf(tasks, playBestPerKind(tasks, [strict, keep])).accuracy.value).toBe(1);
    expect(standingOf(tasks, playOracle(tasks, [keep])).spamLetIn).toBe(2);
  });
});

describe('differenceOf', () => {
  it('is paired by task', () => {
    const { accuracy, reward } = differenceOf(tasks, strict, playKeep(tasks));
    expect(accuracy.value).toBeCloseTo(1 / 3, 12);
    expect(reward.value).toBeCloseTo((0.6 + 0.6 - 1) / 3, 12);
  });
});
