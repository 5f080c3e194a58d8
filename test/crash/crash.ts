import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../packages/store/test/embedded-postgres.ts';
import { type CrashReport, runCrashTrials } from './crash-trials.ts';

const flag = process.argv.indexOf('--trials');
const trials = flag > 0 ? Number(process.argv[flag + 1]) : 30;
if (!Number.isInteger(trials) || trials < 1) {
  process.stderr.write('usage: npm run crash -- --trials N\n');
  process.exit(2);
}

function summarise(engine: string, report: CrashReport): boolean {
  const lost = report.trials.reduce((sum, trial) => sum + trial.lost, 0);
  const acknowledged = report.trials.reduce((sum, trial) => sum + trial.acknowledged, 0);
  const isRight = lost === 0 && report.counted === report.sent;
  process.stdout.write(
    `${engine}: ${report.trials.length} kills, ${acknowledged} facts acknowledged, ${lost} lost, ` +
      `${report.sent} sent, ${report.counted} counted: ${isRight ? 'right' : 'WRONG'}\n`,
  );
  return isRight;
}

const work = await mkdtemp(join(tmpdir(), 'assay-crash-'));
const postgres = await startEmbeddedPostgres();
try {
  const onTrial = (trial: { acknowledged: number; lost: number }, number: number): void => {
    process.stdout.write(
      `  kill ${number}: ${trial.acknowledged} acknowledged, ${trial.lost} lost\n`,
    );
  };
  const embedded = await runCrashTrials(
    trials,
    { ASSAY_DATA_DIR: join(work, 'embedded') },
    onTrial,
  );
  const byUrl = await runCrashTrials(
    trials,
    { ASSAY_DATA_DIR: join(work, 'by-url'), ASSAY_DATABASE_URL: postgres.url },
    onTrial,
  );
  const isRight = [summarise('PGlite', embedded), summarise('PostgreSQL', byUrl)].every(Boolean);
  process.exitCode = isRight ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(work, { recursive: true, force: true });
}
