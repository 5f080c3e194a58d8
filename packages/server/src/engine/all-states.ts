import { listStates } from '@assay/store';
import type { EngineContext } from './context.ts';

const PAGE = 500;

/**
 * Every document of a collection, by key, read page by page.
 * @param limit stops at the end of the page that reaches so many
 */
export async function allStates(
  context: EngineContext,
  tenantId: number,
  collection: string,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<{ key: string; value: unknown }[]> {
  const all: { key: string; value: unknown }[] = [];
  for (;;) {
    const after = all.at(-1)?.key;
    const page = await listStates(context.db, tenantId, collection, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page);
    if (page.length < PAGE || all.length >= limit) return all;
  }
}
