import type { Iteration, ToolCallLog, TurnLog, TurnScore } from '../record/facts.ts';
import { callFormat } from './call-format.ts';

/** What a turn is judged by, each 0..1; null = not measured. */
export interface TurnParts {
  /** How much of what came back was new. */
  readonly informationGain: number | null;
  /** Whether the call was well formed. */
  readonly formatCorrectness: number | null;
  /** Share of what was missing before the turn that it achieved. */
  readonly taskProgress: number | null;
  /** Whether it did nothing that it must not do. */
  readonly safety: number | null;
}

/** Weights of the parts in the reward of a turn. */
export const TURN_WEIGHTS: Readonly<Record<keyof TurnParts, number>> = {
  informationGain: 0.4,
  formatCorrectness: 0.3,
  taskProgress: 0.2,
  safety: 0.1,
};

const PART_NAMES = ['informationGain', 'formatCorrectness', 'taskProgress', 'safety'] as const;

/** Reward of a turn, or which parts it lacks. */
export type TurnReward =
  | { readonly kind: 'scored'; readonly score: number }
  | { readonly kind: 'unscored'; readonly reason: string };

/**
 * Reward of a turn, 0..1: (0.4 information gain + 0.3 format + 0.2 progress + 0.1 safety) x
 * minimality. Unscored when a part or the minimality is not known: what was not measured is neither
 * perfect nor worthless.
 *
 * @param minimality reward multiplier of the code change of the execution; 1 for a task without
 *   code; null when there was code and nobody evaluated it.
 */
export function turnReward(parts: TurnParts, minimality: number | null): TurnReward {
  const missing: string[] = PART_NAMES.filter((name) => parts[name] === null);
  if (minimality === null) missing.push('minimality');
  if (missing.length > 0 || minimality === null) {
    return { kind: 'unscored', reason: `not measured: ${missing.join(', ')}` };
  }
  const sum = PART_NAMES.reduce(
    (total, name) => total + TURN_WEIGHTS[name] * (parts[name] ?? 0),
    0,
  );
  return { kind: 'scored', score: Math.min(1, sum) * minimality };
}

/** What is recorded of the turns of an execution. */
export interface TurnFacts {
  /** What the agent was asked; what it says is not news to the agent. */
  readonly prompt?: string | null;
  /** Turns with what their reporter measured. Without any, each tool call is a turn. */
  readonly turns?: readonly TurnLog[];
  /** In the order in which they were made. */
  readonly toolCalls?: readonly ToolCallLog[];
  /** Quality after each round; the round of a turn has its number. */
  readonly iterations?: readonly Iteration[];
}

/** How turns are judged. */
export interface TurnSettings {
  /** See `turnReward`. */
  readonly minimality: number | null;
  /** Whether a call did nothing that it must not do; null when it was not looked at. */
  readonly isSafe?: (call: ToolCallLog) => boolean | null;
}

/** A turn with its reward. */
export interface RewardedTurn extends TurnScore {
  readonly safety: number | null;
  /** Why there is no reward; null when there is one. */
  readonly unscoredReason: string | null;
}

/** The turns of an execution with their rewards. */
export interface TurnRewards {
  readonly turns: readonly RewardedTurn[];
  /** Turns that have a reward. */
  readonly n: number;
  /** Why no turn has a reward; null when one has. */
  readonly reason: string | null;
}

/**
 * Judges each turn by what was recorded of it. What its reporter measured stands; the rest comes
 * from the tool call: information gain is the share of distinct words in the result that neither
 * the prompt nor an earlier call showed (0 for a call that failed), format is `callFormat`, progress
 * is (quality after - quality before) / (1 - quality before) of the round with the number of the
 * turn. The nth turn that names a tool is joined with the nth call of that tool.
 *
 * Information gain measures novelty, not use: a long text about something else is new too.
 */
export function turnRewardsOf(facts: TurnFacts, settings: TurnSettings): TurnRewards {
  const seen = new Set(wordsOf(facts.prompt ?? ''));
  const turns = joinTurns(facts).map(({ turn, call }): RewardedTurn => {
    const parts: TurnParts = {
      informationGain: turn.informationGain ?? informationGain(call, seen),
      formatCorrectness: turn.formatCorrectness ?? (call === null ? null : callFormat(call)),
      taskProgress: turn.taskProgress ?? progressOf(turn.turnNumber, facts.iterations ?? []),
      safety: safetyOf(call, settings),
    };
    remember(call, seen);
    const reward = turnReward(parts, settings.minimality);
    return {
      turnNumber: turn.turnNumber,
      toolCalled: turn.toolCalled ?? call?.toolName ?? null,
      ...parts,
      turnReward: turn.turnReward ?? (reward.kind === 'scored' ? reward.score : null),
      unscoredReason:
        (turn.turnReward ?? null) !== null || reward.kind === 'scored' ? null : reward.reason,
    };
  });
  const n = turns.filter((turn) => (turn.turnReward ?? null) !== null).length;
  const first = turns[0];
  const reason = first === undefined ? 'no turn was recorded' : first.unscoredReason;
  return { turns, n, reason: n > 0 ? null : reason };
}

interface JoinedTurn {
  readonly turn: TurnScore;
  readonly call: ToolCallLog | null;
}

function joinTurns({ turns = [], toolCalls = [] }: TurnFacts): readonly JoinedTurn[] {
  if (turns.length === 0) {
    return toolCalls.map((call, place) => ({
      turn: { turnNumber: place + 1, toolCalled: call.toolName },
      call,
    }));
  }
  const waiting = new Map<string, ToolCallLog[]>();
  for (const call of toolCalls) {
    const calls = waiting.get(call.toolName);
    if (calls === undefined) waiting.set(call.toolName, [call]);
    else calls.push(call);
  }
  return [...turns]
    .sort((a, b) => a.turnNumber - b.turnNumber)
    .map((turn) => ({ turn, call: waiting.get(turn.toolCalled ?? '')?.shift() ?? null }));
}

function informationGain(call: ToolCallLog | null, seen: ReadonlySet<string>): number | null {
  if (call === null) return null;
  if (call.success === false) return 0;
  if (call.result === undefined) return null;
  const words = new Set(wordsOf(textOf(call.result)));
  if (words.size === 0) return 0;
  const news = [...words].filter((word) => !seen.has(word));
  return news.length / words.size;
}

/** What the agent wrote itself and what came back is known from now on. */
function remember(call: ToolCallLog | null, seen: Set<string>): void {
  if (call === null) return;
  for (const word of wordsOf(textOf(call.arguments))) seen.add(word);
  for (const word of wordsOf(textOf(call.result))) seen.add(word);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function progressOf(turnNumber: number, iterations: readonly Iteration[]): number | null {
  const qualityAt = (number: number): number | null =>
    iterations.find(({ iteration }) => iteration === number)?.qualityScore ?? null;
  const isFirst = iterations.every(({ iteration }) => iteration >= turnNumber);
  const before = isFirst ? 0 : qualityAt(turnNumber - 1);
  const after = qualityAt(turnNumber);
  if (before === null || after === null) return null;
  if (before >= 1) return after >= 1 ? 1 : 0;
  return Math.min(1, Math.max(0, (after - before) / (1 - before)));
}

function safetyOf(call: ToolCallLog | null, { isSafe }: TurnSettings): number | null {
  const isFine = call === null ? null : (isSafe?.(call) ?? null);
  return isFine === null ? null : Number(isFine);
}
