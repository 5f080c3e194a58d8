import type { TriageAgent, Verdict } from '../agents/agent.ts';
import type { Mail } from '../mail/corpus.ts';
import { type Estimate, meanOf, pairedDifference, wilson } from '../numbers/intervals.ts';
import { fairReward, isRight } from './reward.ts';

/** One policy on the whole stream: who would have said what. */
export interface Played {
  readonly name: string;
  /** One per task, in stream order. */
  readonly verdicts: readonly Verdict[];
}

/** How a policy did. */
export interface Standing {
  readonly name: string;
  readonly accuracy: Estimate;
  readonly reward: Estimate;
  readonly goodMailLost: number;
  readonly spamLetIn: number;
  /** Accuracy per month, `YYYY-MM`. */
  readonly months: Readonly<Record<string, Estimate>>;
}

/** The verdicts of one agent on all tasks. */
export function playAgent(agent: TriageAgent, tasks: readonly Mail[]): Played {
  return { name: `always ${nameOf(agent)}`, verdicts: tasks.map((mail) => agent.triage(mail)) };
}

/** `agent@version`, or the bare id of an agent that does not learn. */
export function nameOf(agent: Pick<TriageAgent, 'agentId' | 'version' | 'trainedOn'>): string {
  return agent.trainedOn.length === 0 ? agent.agentId : `${agent.agentId}@${agent.version}`;
}

/** The policy that never calls anything spam. */
export function playKeep(tasks: readonly Mail[]): Played {
  return { name: 'constant "keep"', verdicts: tasks.map(() => 'keep' as const) };
}

/** Right wherever any of the policies is right: what no router over them can beat. */
export function playOracle(tasks: readonly Mail[], policies: readonly Played[]): Played {
  const verdicts = tasks.map((mail, index) => {
    const truth: Verdict = mail.isSpam ? 'spam' : 'keep';
    const other: Verdict = mail.isSpam ? 'keep' : 'spam';
    return policies.some((policy) => policy.verdicts[index] === truth) ? truth : other;
  });
  return { name: 'oracle per mail', verdicts };
}

/** The policy that knows afterwards which agent was best for each kind of mail. */
export function playBestPerKind(tasks: readonly Mail[], policies: readonly Played[]): Played {
  const best = new Map<string, Played>();
  for (const kind of new Set(tasks.map((mail) => mail.kind))) {
    let top = -1;
    for (const policy of policies) {
      const rights = tasks.filter(
        (mail, index) => mail.kind === kind && policy.verdicts[index] === truthOf(mail),
      ).length;
      if (rights > top) {
        top = rights;
        best.set(kind, policy);
      }
    }
  }
  return {
    name: 'best per kind, in hindsight',
    verdicts: tasks.map((mail, index) => best.get(mail.kind)?.verdicts[index] ?? 'keep'),
  };
}

function truthOf(mail: Mail): Verdict {
  return mail.isSpam ? 'spam' : 'keep';
}

/** Share of right verdicts on the tasks that `isCounted` lets through. */
export function accuracyWhere(
  tasks: readonly Mail[],
  played: Played,
  isCounted: (mail: Mail, index: number) => boolean,
): Estimate {
  let n = 0;
  let rights = 0;
  for (const [index, mail] of tasks.entries()) {
    if (!isCounted(mail, index)) continue;
    n += 1;
    if (played.verdicts[index] === truthOf(mail)) rights += 1;
  }
  return wilson(rights, n);
}

/** Fair reward of a policy, per task. */
export function rewardsOf(tasks: readonly Mail[], played: Played): number[] {
  return tasks.map((mail, index) => fairReward(played.verdicts[index] ?? 'keep', mail.isSpam));
}

/** How a policy did on the whole stream and per month. */
export function standingOf(tasks: readonly Mail[], played: Played): Standing {
  const wrong = (isSpam: boolean) =>
    tasks.filter(
      (mail, index) =>
        mail.isSpam === isSpam && !isRight(played.verdicts[index] ?? 'keep', mail.isSpam),
    ).length;
  const months: Record<string, Estimate> = {};
  for (const month of new Set(tasks.map((mail) => mail.month))) {
    months[month] = accuracyWhere(tasks, played, (mail) => mail.month === month);
  }
  return {
    name: played.name,
    accuracy: accuracyWhere(tasks, played, () => true),
    reward: meanOf(rewardsOf(tasks, played)),
    goodMailLost: wrong(false),
    spamLetIn: wrong(true),
    months,
  };
}

/** Paired difference of two policies on the same tasks: accuracy and fair reward. */
export function differenceOf(
  tasks: readonly Mail[],
  first: Played,
  second: Played,
): { accuracy: Estimate; reward: Estimate } {
  const rights = (played: Played) =>
    tasks.map((mail, index) => (played.verdicts[index] === truthOf(mail) ? 1 : 0));
  return {
    accuracy: pairedDifference(rights(first), rights(second)),
    reward: pairedDifference(rewardsOf(tasks, first), rewardsOf(tasks, second)),
  };
}
