export * from './archive.ts';
export {
  type BlockFact,
  type ChangeMark,
  factsOfBlocks,
  forgetChanges,
  isShared,
  putSharedState,
  readChanges,
  readEvidence,
  type TenantChange,
} from './changes.ts';
export {
  type ArchiveBlock,
  archiveBlocks,
  type FactsState,
  readArchiveBlock,
} from './copy-documents.ts';
export type {
  Database,
  DatabaseHealth,
  Dialect,
  QueryResult,
  RunStatement,
  Statement,
} from './database.ts';
export { tenantScope } from './database.ts';
export { FLAGS, readDocuments, type ScanRange, scanDocuments } from './documents.ts';
export * from './health.ts';
export * from './jobs.ts';
export {
  type AggregateKey,
  type AggregateQuery,
  type AggregateRow,
  aggregates,
  type EvidenceRow,
  evidenceRows,
  packedQuantiles,
} from './learn.ts';
export { openStore, type StoreOptions } from './open.ts';
export { ensurePartitions, listPartitions, type Partition } from './partitions.ts';
export {
  listPeriods,
  type PeriodBlocks,
  periodBlocks,
  restingSince,
  type StoredPeriod,
} from './periods.ts';
export * from './record.ts';
export {
  dropPeriod,
  type RefusalReason,
  type Rewrite,
  type RewriteOutcome,
  rewritePeriod,
  tenantsIn,
} from './rewrite-period.ts';
export { rebuildDays, rollUp, tenantsWithWork } from './rollups.ts';
export { type FactFilter, type FactRow, factsOfTask, listFacts } from './runs.ts';
export type { IngestScore } from './score.ts';
export * from './score-queries.ts';
export {
  addState,
  deleteState,
  getState,
  listStates,
  putState,
  putStates,
  type StateEntry,
} from './state.ts';
export * from './tenants.ts';
export * from './traces.ts';
