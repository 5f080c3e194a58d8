import type { TrainAgent, TriageAgent } from '../agents/agent.ts';
import { trainBayes } from '../agents/bayes.ts';
import { trainLinear } from '../agents/linear.ts';
import { trainNearest } from '../agents/nearest.ts';
import type { Mail } from '../mail/corpus.ts';
import { type Estimate, wilson } from '../numbers/intervals.ts';
import type { Desk, GateAnswer, ScoredItem } from './desk.ts';
import { fairReward, isRight } from './reward.ts';
import type { Stream } from './stream.ts';

/** Least accuracy on the gate set with which a version may be promoted. */
export const ACCURACY_FLOOR = 0.9;

/** The agents that learn, by id. */
export const TRAINERS: Readonly<Record<string, TrainAgent>> = {
  bayes: trainBayes,
  linear: trainLinear,
  nearest: trainNearest,
};

/** What the gate said of one candidate, with what was measured on the gate set. */
export interface GateRound extends GateAnswer {
  readonly agentId: string;
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly before: Estimate;
  readonly after: Estimate;
  /** Mails that only the candidate had right, and mails that only the old version had right. */
  readonly onlyCandidateRight: number;
  readonly onlyOldRight: number;
  readonly trainedOn: number;
  /** Mails of the gate set that the candidate was trained on. */
  readonly overlap: number;
}

function itemsOf(agent: TriageAgent, gateSet: readonly Mail[]): ScoredItem[] {
  return gateSet.map((mail) => {
    const verdict = agent.triage(mail);
    return {
      id: mail.id,
      category: mail.kind,
      score: isRight(verdict, mail.isSpam) ? 1 : 0,
      reward: fairReward(verdict, mail.isSpam),
      expected: mail.isSpam ? 'spam' : 'keep',
      predicted: verdict,
    };
  });
}

function rightOf(items: readonly ScoredItem[]): Estimate {
  return wilson(items.filter((item) => item.score === 1).length, items.length);
}

function onlyFirstRight(first: readonly ScoredItem[], second: readonly ScoredItem[]): number {
  return first.filter((item, index) => item.score > (second[index]?.score ?? 0)).length;
}

/** Puts a candidate before the gate against the version in use. */
async function judge(
  desk: Desk,
  stream: Stream,
  old: TriageAgent,
  candidate: TriageAgent,
): Promise<{ round: GateRound; scorecard: string; items: readonly ScoredItem[] }> {
  const oldItems = itemsOf(old, stream.gateSet);
  const items = itemsOf(candidate, stream.gateSet);
  const agentId = candidate.agentId;
  const name = 'mail of 16 to 30 September 2002';
  const baseline = await desk.createScorecard(
    { agentId, agentVersion: old.version },
    name,
    oldItems,
  );
  const scorecard = await desk.createScorecard(
    { agentId, agentVersion: candidate.version },
    name,
    items,
  );
  const answer = await desk.gate(scorecard, baseline, ACCURACY_FLOOR, candidate.trainedOn);
  const known = new Set(candidate.trainedOn);
  return {
    items,
    scorecard,
    round: {
      ...answer,
      agentId,
      fromVersion: old.version,
      toVersion: candidate.version,
      before: rightOf(oldItems),
      after: rightOf(items),
      onlyCandidateRight: onlyFirstRight(items, oldItems),
      onlyOldRight: onlyFirstRight(oldItems, items),
      trainedOn: candidate.trainedOn.length,
      overlap: items.filter((item) => known.has(item.id)).length,
    },
  };
}

/**
 * Retrains the agents that learn on mail up to 15 September, puts each before the gate on the mail
 * of 16 to 30 September and promotes the ones that pass in place of the old version. Also tries
 * the version of `linear` that has seen the gate set, which must not pass.
 */
export async function runGates(
  desk: Desk,
  taskType: string,
  stream: Stream,
  active: Map<string, TriageAgent>,
  library: Map<string, TriageAgent>,
): Promise<GateRound[]> {
  const rounds: GateRound[] = [];
  for (const [agentId, train] of Object.entries(TRAINERS)) {
    const old = active.get(agentId);
    if (old === undefined) continue;
    if (agentId === 'linear') {
      const spoiled = train('2-all-of-september', stream.contaminated);
      rounds.push((await judge(desk, stream, old, spoiled)).round);
    }
    const candidate = train('2', stream.retraining);
    const { round, scorecard, items } = await judge(desk, stream, old, candidate);
    rounds.push(round);
    if (!round.hasPassed) continue;
    await desk.promote(agentId, old.version, candidate.version, scorecard, {
      taskType,
      items,
    });
    library.set(`${agentId}@${candidate.version}`, candidate);
    active.set(agentId, candidate);
  }
  return rounds;
}
