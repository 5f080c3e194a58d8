import { createHash } from 'node:crypto';
import {
  type AnswerToJudge,
  askForGrades,
  askForWinner,
  type JudgeQuestion,
  type JudgeRubric,
  joinOrders,
  type ModelReply,
  type ModelUsage,
  NO_USAGE,
  type NoVerdict,
  noVerdict,
  type OrderVerdict,
  type PairOrder,
  type PairToJudge,
  type PairVerdict,
  pairJudgeVersion,
  type RubricVerdict,
  readGrades,
  readWinner,
  rubricJudgeVersion,
  sumUsage,
} from '@assay/loop';
import { isItemFault, type ModelPort } from '../adapters/models/model-port.ts';

/** A verdict with what it took to get it. */
export interface Judged<Verdict> {
  readonly verdict: Verdict;
  /** Of the replies that came; a request without a reply is not in it. */
  readonly usage: ModelUsage;
  /** Replies that came. */
  readonly replies: number;
}

/**
 * Has a model grade an answer by a rubric. A fault of the endpoint that concerns this answer leaves
 * it unscored with the code as reason.
 *
 * @throws AssayError for a fault that every other answer would meet too: no key, no credit, no model
 */
export async function judgeAnswer(
  model: ModelPort,
  answer: AnswerToJudge,
  rubric: JudgeRubric,
  signal?: AbortSignal,
): Promise<Judged<RubricVerdict>> {
  const question = askForGrades(answer, rubric);
  const reply = await ask(model, question, signal);
  if ('kind' in reply) return { verdict: reply, usage: NO_USAGE, replies: 0 };
  const verdict = readGrades(reply, rubric, question.ticket);
  return { verdict, usage: reply.usage, replies: 1 };
}

/**
 * Has a model compare two answers, once in each order. The second order is not asked when the first
 * gave no verdict, since the pair is unscored then. Faults are as in {@link judgeAnswer}.
 */
export async function judgePair(
  model: ModelPort,
  pair: PairToJudge,
  rubric: JudgeRubric,
  signal?: AbortSignal,
): Promise<Judged<PairVerdict>> {
  const aFirst = await judgeOrder(model, pair, 'a-first', rubric, signal);
  if (aFirst.verdict.kind === 'unscored') return { ...aFirst, verdict: aFirst.verdict };
  const bFirst = await judgeOrder(model, pair, 'b-first', rubric, signal);
  return {
    verdict: joinOrders(aFirst.verdict, bFirst.verdict),
    usage: sumUsage([aFirst.usage, bFirst.usage]),
    replies: aFirst.replies + bFirst.replies,
  };
}

/** Version of the judge that a rubric makes, without the model: prompt, criteria, weights, scale. */
export function judgeVersion(rubric: JudgeRubric, mode: 'rubric' | 'pairwise'): string {
  return (mode === 'rubric' ? rubricJudgeVersion : pairJudgeVersion)(rubric, sha256);
}

async function judgeOrder(
  model: ModelPort,
  pair: PairToJudge,
  order: PairOrder,
  rubric: JudgeRubric,
  signal?: AbortSignal,
): Promise<Judged<OrderVerdict>> {
  const question = askForWinner(pair, order, rubric);
  const reply = await ask(model, question, signal);
  if ('kind' in reply) return { verdict: reply, usage: NO_USAGE, replies: 0 };
  return { verdict: readWinner(reply, question.ticket), usage: reply.usage, replies: 1 };
}

async function ask(
  model: ModelPort,
  { request }: JudgeQuestion,
  signal?: AbortSignal,
): Promise<ModelReply | NoVerdict> {
  try {
    return await model.complete(request, signal);
  } catch (error) {
    if (!isItemFault(error)) throw error;
    return noVerdict(error.code, error.detail);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
