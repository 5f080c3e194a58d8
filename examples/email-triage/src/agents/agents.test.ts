import { describe, expect, it } from 'vitest';
import { madeUpMail, madeUpSet } from '../made-up-mail.ts';
import { trainBayes } from './bayes.ts';
import { slotOf, trainLinear } from './linear.ts';
import { trainNearest } from './nearest.ts';
import { createRulesAgent } from './rules.ts';
import { tokensOf } from './tokens.ts';

describe('tokensOf', () => {
  it('keeps words, money, percentages and runs of !, and drops stop words', () => {
    const mail = madeUpMail({ subject: 'The Offer!!!!', body: "Don't pay $1,200: 50% off, a-b c" });
    expect(tokensOf(mail)).toEqual(['offer', '!!!', "don't", 'pay', '$N', 'N%', 'off', 'a-b']);
  });
});

describe('slotOf', () => {
  it('is FNV-1a folded to 16 bits', () => {
    expect(slotOf('')).toBe(0x811c9dc5 % 65536);
    expect(slotOf('a')).toBe(0xe40c292c % 65536);
  });
});

describe('rules', () => {
  const rules = createRulesAgent();
  it.each([
    ['Win now!!', 'dear friend, click here', 'spam'],
    ['Re: mortgage', 'free loan offer, click here', 'keep'],
    ['hello', 'see you at noon', 'keep'],
    ['casino', 'x', 'spam'],
  ])('%s / %s is %s', (subject, body, verdict) => {
    expect(rules.triage(madeUpMail({ subject, body }))).toBe(verdict);
  });
});

describe.each([
  ['bayes', trainBayes],
  ['linear', trainLinear],
  ['nearest', trainNearest],
])('%s', (agentId, train) => {
  const training = madeUpSet(120);
  const agent = train('1', training);

  it('says who it is and what it learned from', () => {
    expect(agent).toMatchObject({ agentId, version: '1' });
    expect(agent.trainedOn).toEqual(training.map((mail) => mail.id));
  });

  it('tells clear mail apart', () => {
    const unseen = [
      madeUpMail({ subject: 'casino offer', body: 'winner guaranteed cheap mortgage million' }),
      madeUpMail({ subject: 'release', body: 'compiler module thread branch meeting parser' }),
    ];
    expect(unseen.map(agent.triage)).toEqual(['spam', 'keep']);
  });

  it('answers the same when trained again', () => {
    const again = train('1', training);
    expect(training.map(again.triage)).toEqual(training.map(agent.triage));
  });

  it('answers on an empty mail', () => {
    expect(['spam', 'keep']).toContain(agent.triage(madeUpMail({ subject: '', body: '' })));
  });
});
