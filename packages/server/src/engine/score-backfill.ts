import { type BackfillRequest, backfillRequestSchema } from '@assay/protocol';
import { readDocuments, unscoredRuns } from '@assay/store';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';
import type { Scoring } from './scoring.ts';

/** What one call of a backfill came to. */
export interface BackfillAnswer {
  /** Executions without a score that held a response. */
  readonly scored: number;
  /** Responses that could not be scored; the reason is recorded. */
  readonly unscored: number;
  /** Executions without a score that hold no response. */
  readonly withoutResponse: number;
  /** Where to go on; null at the end of the range. */
  readonly nextCursor: string | null;
}

const GROUP = 16;

/**
 * Scores the recorded responses of a range that the scorer in use has not scored. Doing it again
 * changes nothing.
 * @throws AssayError `request.invalid`, `score.busy`, `ingest.busy`, `store.unavailable`
 */
export function scoreRecorded(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  body: unknown,
): Promise<BackfillAnswer> {
  return scoreRange(context, scoring, tenantId, parseBody(backfillRequestSchema, body));
}

/** As {@link scoreRecorded}, for a request that has been read. */
export async function scoreRange(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  request: BackfillRequest,
): Promise<BackfillAnswer> {
  const { settings } = await scoring.settings.of(tenantId);
  const page = await unscoredRuns(context.db, tenantId, {
    fromMs: request.from,
    toMs: request.to ?? context.now() + 1,
    scorer: settings.scorer,
    limit: request.limit,
    ...(request.cursor === undefined ? {} : { after: request.cursor }),
  });
  let scored = 0;
  let unscored = 0;
  for (let start = 0; start < page.runs.length; start += GROUP) {
    const part = page.runs.slice(start, start + GROUP);
    const lines = await readDocuments(
      context.db,
      tenantId,
      part.map(({ id }) => id),
    );
    const group = part.flatMap(({ id, taskRef }) => {
      const line = lines.get(id);
      return line === undefined ? [] : [{ tenantId, taskRef, line: Buffer.from(line) }];
    });
    const outcome = await scoring.scoreLines(tenantId, group);
    scored += outcome.scored;
    unscored += outcome.unscored;
  }
  const withoutResponse = page.runs.length - scored - unscored;
  return { scored, unscored, withoutResponse, nextCursor: page.next };
}
