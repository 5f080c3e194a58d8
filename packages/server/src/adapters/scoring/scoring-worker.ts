import { parentPort, workerData } from 'node:worker_threads';
import { loadTextTools } from '../text/load-text-tools.ts';
import { loadCustomFactors } from './custom-factors.ts';
import { scoreItems } from './score-items.ts';
import type { ScoringMessage, ScoringRequest, ScoringStart } from './scoring-messages.ts';

/** The thread in which responses are scored: one request at a time, in order. */
const { factorsModule } = workerData as ScoringStart;
const [text, customFactors] = await Promise.all([
  loadTextTools(),
  factorsModule === null ? [] : loadCustomFactors(factorsModule),
]);
const post = (message: ScoringMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', async ({ id, work }: ScoringRequest) => {
  post({ kind: 'answer', id, outcomes: await scoreItems(work, { text, customFactors }) });
});
post({ kind: 'ready' });
