import type { FactKind, NarrowFact } from '@assay/loop';
import { FACT_KINDS } from '@assay/loop';
import type { BlockFact } from '@assay/store';

/** A fact that another process has stored, as its row tells it. */
export type ForeignFact = BlockFact & { readonly tenantId: number };

const KIND_NAMES: ReadonlyMap<number, FactKind> = new Map(
  Object.entries(FACT_KINDS).map(([name, number]) => [number, name as FactKind]),
);

/** Name of the kind of a stored fact. */
export function kindOf(row: Pick<BlockFact, 'kind'>): FactKind {
  return KIND_NAMES.get(row.kind) ?? 'span';
}

/** The typed columns of a stored fact. */
export function narrowOf(row: BlockFact): NarrowFact {
  const { agentId, agentVersion, taskType, taskKind } = row;
  const { success, latencyMs, tokens, quality, costUsd } = row;
  const names = { agentKey: agentId, agentVersion, taskType, taskKind };
  return { ...names, success, latencyMs, tokens, quality, costUsd };
}
