// A process that claims the duty `report` at a given time and never ends it.
// Arguments: URL of the database, time in ms, lease in ms. Prints WORKING when the claim is its own.
import { openStore } from '@assay/store';
import { createDutyRunner, hourOf } from '../src/engine/periodic-duty.ts';
import { contextOn } from './shared-store.ts';

const [url = '', nowMs = '', leaseMs = ''] = process.argv.slice(2);
const db = await openStore({ kind: 'postgres', url });
const runner = createDutyRunner(contextOn(db, { nowMs: Number(nowMs) }), 'child', (_job, error) => {
  throw error;
});
await runner.runDue(
  {
    job: 'report',
    slotOf: hourOf,
    leaseMs: Number(leaseMs),
    run: async ({ slotMs }) => {
      await db.query('insert into effect values ($1::bigint, $2::text)', [slotMs, 'child']);
      process.stdout.write('WORKING\n');
      await new Promise(() => setInterval(() => undefined, 1_000));
    },
  },
  new AbortController().signal,
);
