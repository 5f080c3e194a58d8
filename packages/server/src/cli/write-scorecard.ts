import { join } from 'node:path';
import type { ScoredCard } from '@assay/loop/gate/gate-verdict';
import { scorecardJson } from '@assay/loop/gate/read-card';
import { scorecardItemLines } from '@assay/loop/gate/read-items';
import { renderScorecard } from '@assay/loop/gate/render-markdown';
import type { ScorecardIo } from './scorecard-io.ts';

/** Writes scorecard.json, SCORECARD.md and, when the items are known, scorecard.items.jsonl. */
export async function writeScorecard(
  folder: string,
  { card, items }: ScoredCard,
  io: Pick<ScorecardIo, 'writeFile' | 'out'>,
): Promise<void> {
  await io.writeFile(join(folder, 'scorecard.json'), scorecardJson(card));
  await io.writeFile(join(folder, 'SCORECARD.md'), renderScorecard(card));
  if (items !== undefined) {
    await io.writeFile(join(folder, 'scorecard.items.jsonl'), scorecardItemLines(items));
  }
  const { name, version } = card.agent;
  const { run, total } = card.results.counts;
  io.out(`${name} ${version}: ${card.aggregate.value} of 100, ${run} of ${total} items run\n`);
}
