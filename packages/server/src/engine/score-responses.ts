import {
  type ScoreAnswer,
  type ScoreItem,
  scoreItemSchema,
  scoreRequestSchema,
} from '@assay/protocol';
import type { TypedResponse } from '../adapters/scoring/scoring-messages.ts';
import { parseBody } from './parse-body.ts';
import { scoreAnswerOf } from './score-answer.ts';
import type { Scoring } from './scoring.ts';

/** Scores of a request, with the settings that they were made with. */
export interface ScoreAnswers {
  /** Version of the scores. */
  readonly scorer: string;
  readonly results: readonly ScoreAnswer[];
  /** With `debug`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Items that are handed to a thread at once. */
const GROUP = 50;

function itemsOf(body: unknown): readonly ScoreItem[] {
  const isList = typeof body === 'object' && body !== null && Object.hasOwn(body, 'items');
  return isList ? parseBody(scoreRequestSchema, body).items : [parseBody(scoreItemSchema, body)];
}

/**
 * Scores the responses of a request. Nothing is stored.
 *
 * @param body one item, or `{ items }` with at most 1,000 items
 * @throws AssayError `request.invalid` with the path of content that is missing or no text,
 *   `score.busy`
 */
export async function scoreResponses(
  scoring: Scoring,
  tenantId: number,
  body: unknown,
  isDebug: boolean,
): Promise<ScoreAnswers> {
  const items = itemsOf(body);
  const { settings } = await scoring.settings.of(tenantId);
  const results: ScoreAnswer[] = [];
  for (let start = 0; start < items.length; start += GROUP) {
    const group = items.slice(start, start + GROUP);
    const outcomes = await scoring.pool.run({
      kind: 'responses',
      items: group.map(typedResponseOf),
      settings,
    });
    outcomes.forEach((outcome, at) => {
      const detail = { index: start + at, id: group[at]?.id, settings, isDebug };
      results.push(scoreAnswerOf(outcome, detail));
    });
  }
  const { scorer, weights, answerShare, minThreshold } = settings;
  if (!isDebug) return { scorer, results };
  return { scorer, results, settings: { weights, answerShare, minThreshold } };
}

/** An item as scoring takes it. */
export function typedResponseOf(item: ScoreItem): TypedResponse {
  const { query, response, reasoning, reference, expected, priorResponses } = item;
  return {
    taskType: item.taskType ?? '',
    input: {
      query,
      response,
      reasoning: reasoning ?? null,
      reference: reference ?? null,
      expected: expected ?? null,
      ...(priorResponses === undefined ? {} : { priorResponses }),
    },
  };
}
