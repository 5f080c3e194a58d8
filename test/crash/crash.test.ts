import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../packages/store/test/embedded-postgres.ts';
import { runCrashTrials } from './crash-trials.ts';

const TRIALS = 3;

async function expectNothingLost(env: Readonly<Record<string, string>>): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'assay-crash-'));
  try {
    const report = await runCrashTrials(TRIALS, { ASSAY_DATA_DIR: work, ...env });
    expect(report.trials.map((trial) => trial.lost)).toEqual(Array(TRIALS).fill(0));
    expect(report.sent).toBeGreaterThan(0);
    expect(report.counted).toBe(report.sent);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

describe('kill -9 under load: every acknowledged fact is there once', () => {
  test('PGlite', () => expectNothingLost({}), 120_000);

  test('PostgreSQL', async () => {
    const postgres = await startEmbeddedPostgres();
    try {
      await expectNothingLost({ ASSAY_DATABASE_URL: postgres.url });
    } finally {
      await postgres.stop();
    }
  }, 120_000);
});
