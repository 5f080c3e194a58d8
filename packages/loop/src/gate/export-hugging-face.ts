import type { Json } from '../record/canonical-json.ts';
import type { MetricResult, Scorecard } from './scorecard.ts';
import { yamlBlock } from './yaml-text.ts';

/** What Hugging Face asks for and a card does not know. */
export interface HuggingFaceNames {
  /** Task of their list, such as `text-classification`. */
  readonly taskType: string;
  /** Id of the data set on the Hub; a short form of the card's reference when absent. */
  readonly datasetId?: string;
  /** Page on which the card can be read. */
  readonly sourceUrl?: string;
}

/**
 * The `model-index` part of a model card's front matter, one result per metric. n and interval go
 * into `args`: the format has no field of its own for either.
 */
export function modelIndexYaml(card: Scorecard, names: HuggingFaceNames): string {
  const result: { readonly [key: string]: Json | undefined } = {
    task: { type: names.taskType },
    dataset: {
      name: card.recipe.dataset.reference,
      type: names.datasetId ?? slugOf(card.recipe.dataset.reference),
      ...(card.digests.items === null ? {} : { revision: card.digests.items }),
    },
    metrics: card.results.metrics.map((metric) => ({
      type: slugOf(metric.name),
      name: metric.name,
      value: metric.value,
      verified: false,
      args: {
        n: metric.n,
        ci_level: metric.interval.level,
        ci_low: metric.interval.low,
        ci_high: metric.interval.high,
      },
    })),
    ...(names.sourceUrl === undefined
      ? {}
      : { source: { name: `Scorecard of ${card.agent.version}`, url: names.sourceUrl } }),
  };
  return `${yamlBlock({ 'model-index': [{ name: card.agent.name, results: [result] }] })}\n`;
}

/** A file of `.eval_results`: one entry per metric, n and interval in its notes. */
export function evalResultsYaml(card: Scorecard, names: HuggingFaceNames): string {
  const dataset = {
    id: names.datasetId ?? slugOf(card.recipe.dataset.reference),
    task_id: names.taskType,
    ...(card.digests.items === null ? {} : { revision: card.digests.items }),
  };
  const entries = card.results.metrics.map((metric) => ({
    dataset: { ...dataset },
    value: metric.value,
    ...(card.generatedAt === null ? {} : { date: card.generatedAt.slice(0, 10) }),
    ...(names.sourceUrl === undefined
      ? {}
      : { source: { url: names.sourceUrl, name: 'Scorecard' } }),
    notes: notesOf(metric),
  }));
  // The file is a list; its entries are written as the only member of a map and moved to the left.
  const block = yamlBlock({ entries });
  const lines = block.split('\n').slice(1);
  return `${lines.map((line) => line.slice(2)).join('\n')}\n`;
}

function notesOf({ name, n, interval }: MetricResult): string {
  const points = (share: number): string => (100 * share).toFixed(1);
  const level = Math.round(100 * interval.level);
  return `${name}: n=${n}; ${level}% CI ${points(interval.low)}-${points(interval.high)}`;
}

function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return slug === '' ? 'unnamed' : slug;
}
