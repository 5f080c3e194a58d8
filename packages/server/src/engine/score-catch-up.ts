import { getState, listTenants, putState } from '@assay/store';
import type { Engine } from './engine.ts';
import { hourOf, type PeriodicDuty } from './periodic-duty.ts';
import { scoreRange } from './score-backfill.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What is younger is left to the queue. */
const SETTLED_MS = 5 * MINUTE_MS;
/** How far the first look goes back. */
const FIRST_LOOK_MS = 2 * DAY_MS;
const PAGE = 1_000;

async function catchUp(engine: Engine, tenantId: number, signal: AbortSignal): Promise<number> {
  const { context, scoring } = engine;
  const state = await getState(context.db, tenantId, 'score', 'caught-up');
  const known = (state?.value as { readonly toMs: number } | undefined)?.toMs ?? 0;
  const to = context.now() - SETTLED_MS;
  const from = Math.max(known, to - FIRST_LOOK_MS);
  if (from >= to) return 0;
  await engine.memory(tenantId);
  let scored = 0;
  let cursor: string | null = null;
  do {
    signal.throwIfAborted();
    const request = { from, to, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
    const answer = await scoreRange(context, scoring, tenantId, request);
    scored += answer.scored + answer.unscored;
    cursor = answer.nextCursor;
  } while (cursor !== null);
  await putState(context.db, tenantId, 'score', 'caught-up', { toMs: to }, context.now());
  return scored;
}

/**
 * Scores what background scoring has missed since the last look: responses that were dropped, or that
 * waited when their process ended. Only tenants that are scored in the background.
 */
export function catchUpDuty(engine: Engine): PeriodicDuty {
  return {
    job: 'scores',
    slotOf: hourOf,
    leaseMs: 5 * MINUTE_MS,
    async run({ signal }) {
      let scored = 0;
      for (const { tenantId } of await listTenants(engine.context.db)) {
        const { isBackground } = await engine.scoring.settings.of(tenantId);
        if (isBackground) scored += await catchUp(engine, tenantId, signal);
      }
      return { scored };
    },
  };
}
