import { type ModelUsage, summariseScores, sumUsage } from '@assay/loop';
import { AssayError, type ScorerItem, scorerItemSchema } from '@assay/protocol';
import type { Command } from 'commander';
import type { ScorerOutcome, ScorerResult, ThirdPartyScorer } from '../adapters/scorers/scorer.ts';
import { addModelOptions, endpointOf, type ModelOptions } from './model-options.ts';
import { processIo, type ScoreIo } from './score-io.ts';
import { clusterOf, type RunMode, type RunResult, runItems } from './score-items.ts';
import { columnsOfUnscored, linesOfCounts, textOfShare, textOfUsage } from './score-text.ts';

/** Options of `assay score with`. */
export interface WithOptions extends ModelOptions {
  readonly scorer: readonly string[];
  readonly json?: boolean;
}

/** `assay score with`: scores answers by scorers that did not come with Assay. */
export function addScoreWithCommand(score: Command): void {
  const command = score
    .command('with')
    .description(
      'score answers with scorers of autoevals, when that is installed, or of your own files; exit codes as of judge',
    )
    .argument(
      '[file]',
      'JSON lines {id, query, response, reference?, arguments?}; - for standard input',
      '-',
    )
    .requiredOption(
      '--scorer <name>',
      'autoevals:NAME, file:PATH or file:PATH#EXPORT; may be given several times',
      (name: string, names: readonly string[] = []) => [...names, name],
    );
  addModelOptions(command)
    .option('--json', 'print a line of JSON for each item, then one with the summary')
    .action(async (file: string, options: WithOptions) => {
      process.exitCode = await runScoreWith(file, options, processIo());
    });
}

/**
 * Runs `assay score with` and gives its exit code.
 * @throws AssayError for what stops the whole run: no such scorer, no endpoint where one is needed
 */
export async function runScoreWith(
  file: string,
  options: WithOptions,
  io: ScoreIo,
): Promise<number> {
  const scorers: ThirdPartyScorer[] = [];
  for (const name of new Set(options.scorer)) scorers.push(await openScorer(name, options, io));
  return runItems(file, scorerItemSchema, options, io, scorerMode(scorers));
}

async function openScorer(
  name: string,
  options: WithOptions,
  io: ScoreIo,
): Promise<ThirdPartyScorer> {
  const colon = name.indexOf(':');
  const kind = name.slice(0, Math.max(0, colon));
  const rest = name.slice(colon + 1);
  if (kind === 'autoevals') {
    const { openAutoevalsScorer } = await import('../adapters/scorers/autoevals.ts');
    return openAutoevalsScorer(rest, await autoevalsModel(options, io));
  }
  if (kind === 'file' && rest !== '') {
    const { openFileScorer } = await import('../adapters/scorers/file-scorer.ts');
    const hash = rest.lastIndexOf('#');
    return hash > 0
      ? openFileScorer(rest.slice(0, hash), rest.slice(hash + 1))
      : openFileScorer(rest);
  }
  throw new AssayError('scorer.unknown', { detail: name });
}

async function autoevalsModel(options: WithOptions, io: ScoreIo) {
  const endpoint = endpointOf(options, io);
  if (endpoint === null) return null;
  const { createRawEndpoint } = await import('../adapters/models/raw-endpoint.ts');
  const { modelId, price } = endpoint;
  const { temperature } = options;
  return { endpoint: createRawEndpoint(endpoint), modelId, price, temperature };
}

function scorerMode(scorers: readonly ThirdPartyScorer[]): RunMode<ScorerItem> {
  const kept = scorers.map(() => [] as { verdict: ScorerOutcome; cluster: string }[]);
  const usages: ModelUsage[] = [];
  return {
    async score(item, signal): Promise<RunResult> {
      // One after the other: the limit of requests at a time is one of items.
      const results: ScorerResult[] = [];
      for (const scorer of scorers) results.push(await scorer.score(item, signal));
      const named = results.map(({ outcome, usage }, at) => {
        const name = scorers[at]?.name ?? '';
        return [name, { ...outcome, ...(usage === null ? {} : { usage }) }] as const;
      });
      return {
        json: { scores: Object.fromEntries(named) },
        columns: results.flatMap(({ outcome }, at) => [
          scorers[at]?.name ?? '',
          ...(outcome.kind === 'scored' ? [outcome.score.toFixed(3)] : columnsOfUnscored(outcome)),
        ]),
        isFault: results.some(
          ({ outcome }) => outcome.kind === 'unscored' && outcome.reason.startsWith('model.'),
        ),
        keep: () => {
          const cluster = clusterOf(item);
          for (const [at, { outcome, usage }] of results.entries()) {
            kept[at]?.push({ verdict: outcome, cluster });
            if (usage !== null) usages.push(usage);
          }
        },
      };
    },
    summary: () => {
      const summaries = kept.map((items) => summariseScores(items));
      const names = scorers.map(({ name }) => name);
      const usage = usages.length === 0 ? null : sumUsage(usages);
      return {
        json: {
          scorers: Object.fromEntries(names.map((name, at) => [name, summaries[at]])),
          usage,
        },
        lines: [
          ...summaries.flatMap((summary, at) => [
            `${names[at]}: ${linesOfCounts(summary).join('; ')}`,
            ...(summary.mean === null ? [] : [`  mean ${textOfShare(summary.mean)}`]),
          ]),
          ...(usage === null ? [] : [`models: ${textOfUsage(usage, usages.length)}`]),
        ],
        scored: summaries.reduce((total, { scored }) => total + scored, 0),
      };
    },
  };
}
