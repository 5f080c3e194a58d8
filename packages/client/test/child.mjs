// A program that uses the client as a user's would; started by processes.test.ts.
// argv: address, spool directory ('' = none), number of facts, prefix of task ids, what to do then.
import { createAssay } from '@assay/client';

const [url, spoolDirectory, count, prefix, ending] = process.argv.slice(2);
const assay = createAssay({
  url,
  flushIntervalMs: 50,
  ...(spoolDirectory === '' ? {} : { spoolDirectory }),
});
for (let i = 0; i < Number(count); i += 1) {
  assay.tracker.rating({ taskId: `${prefix}-${i}`, source: 'human', score: 1 });
}
if (ending === 'exit') process.exit(0);
if (ending === 'stay') {
  setInterval(() => {
    const { buffered, spooled } = assay.stats();
    process.stdout.write(`${JSON.stringify({ buffered, spooled })}\n`);
  }, 20);
}
