import { scorecardBadge } from '@assay/loop/gate/export-badge';
import { renderScorecardHtml } from '@assay/loop/gate/export-html';
import { evalResultsYaml, modelIndexYaml } from '@assay/loop/gate/export-hugging-face';
import type { Scorecard } from '@assay/loop/gate/scorecard';
import type { Command } from 'commander';
import { CommandFault } from './command-fault.ts';
import { runScorecardCommand, SCORECARD_IO } from './scorecard-io.ts';
import { scorecardAt } from './scorecard-render.ts';

/** Options of `assay scorecard export`. */
export interface ExportOptions {
  readonly format?: string;
  readonly taskType: string;
  readonly dataset?: string;
  readonly url?: string;
  readonly label?: string;
  readonly out?: string;
}

/** What a card can be exported as. */
const FORMATS: Readonly<Record<string, (card: Scorecard, options: ExportOptions) => string>> = {
  'model-index': (card, options) => modelIndexYaml(card, namesOf(options)),
  'eval-results': (card, options) => evalResultsYaml(card, namesOf(options)),
  badge: (card, { label }) => scorecardBadge(card, label),
  html: (card) => renderScorecardHtml(card),
};

function namesOf({ taskType, dataset, url }: ExportOptions) {
  return {
    taskType,
    ...(dataset === undefined ? {} : { datasetId: dataset }),
    ...(url === undefined ? {} : { sourceUrl: url }),
  };
}

/** `assay scorecard export`: a card for other readers. */
export function addScorecardExportCommand(scorecard: Command): void {
  scorecard
    .command('export <card>')
    .description('write a card for other readers')
    .option('--format <name>', `one of ${Object.keys(FORMATS).join(', ')}`)
    .option('--task-type <name>', 'task of the Hugging Face list', 'text-generation')
    .option('--dataset <id>', 'id of the data set on the Hugging Face Hub')
    .option('--url <url>', 'page on which the card can be read')
    .option('--label <text>', 'text on the left of the badge')
    .option('--out <file>', 'write it to a file')
    .action(async (path: string, options: ExportOptions) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, async (io) => {
        const render = FORMATS[options.format ?? ''];
        if (render === undefined) {
          throw new CommandFault(2, `--format is one of ${Object.keys(FORMATS).join(', ')}`);
        }
        const text = render((await scorecardAt(path, io)).card, options);
        if (options.out === undefined) io.out(text);
        else await io.writeFile(options.out, text);
      });
    });
}
