export type {
  Database,
  DatabaseHealth,
  Dialect,
  QueryResult,
  RunStatement,
  Statement,
} from './database.ts';
export { tenantScope } from './database.ts';
export { readDocuments, type ScanRange, scanDocuments } from './documents.ts';
export * from './health.ts';
export * from './jobs.ts';
export * from './learn.ts';
export { openStore, type StoreOptions } from './open.ts';
export { ensurePartitions, listPartitions, type Partition } from './partitions.ts';
export * from './record.ts';
export { rebuildDays, rollUp, tenantsWithWork } from './rollups.ts';
export * from './runs.ts';
export type { IngestScore } from './score.ts';
export * from './score-queries.ts';
export * from './state.ts';
export * from './tenants.ts';
