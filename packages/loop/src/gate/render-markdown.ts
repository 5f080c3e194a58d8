import type { Json } from '../record/canonical-json.ts';
import { escapeMarkdown, fencedBlock } from './escape-markdown.ts';
import { frontMatterOf } from './front-matter.ts';
import type { MetricResult, Scorecard, ScoreInterval } from './scorecard.ts';
import { yamlBlock } from './yaml-text.ts';

/**
 * Renders a scorecard as SCORECARD.md: YAML front matter for machines, tables for people. The
 * arithmetic of the aggregate is written out, so that a reader can redo it by hand.
 */
export function renderScorecard(card: Scorecard): string {
  const { agent, recipe } = card;
  const sections = [
    `# ${escapeMarkdown(agent.name)} — Eval Scorecard v${escapeMarkdown(agent.version)}`,
    headline(card),
    `## Recipe\n\n${recipeText(card)}`,
    `## Metrics\n\n${metricsTable(card.results.metrics)}`,
    `## Aggregate score recomputation\n\n${recomputation(card)}`,
    `## Reproduction\n\n${reproduction(recipe.reproduction)}`,
    ...(Object.keys(recipe.environment).length > 0
      ? [`## Environment\n\n${bulletList(recipe.environment)}`]
      : []),
    ...(card.results.perCategory.length > 0
      ? [`## Category breakdown\n\n${categoryTable(card)}`]
      : []),
    ...(card.results.confusion === null ? [] : [`## Confusion matrix\n\n${confusionTable(card)}`]),
    ...(performance(card) === '' ? [] : [`## Performance\n\n${performance(card)}`]),
    `## Digests\n\n${digests(card)}`,
  ];
  return `---\n${yamlBlock(frontMatterOf(card))}\n---\n\n${sections.join('\n\n')}\n`;
}

function headline(card: Scorecard): string {
  const { counts } = card.results;
  const inherited =
    card.inheritedFrom === null
      ? ''
      : ` Carried over from v${escapeMarkdown(card.inheritedFrom)}, not measured again.`;
  return (
    `**${card.aggregate.value} / 100** (${escapeMarkdown(card.aggregate.name)}), ` +
    `${counts.run} of ${card.recipe.dataset.size} items run: ${counts.scored} scored, ` +
    `${counts.failed} failed, ${counts.unscored} unscored; ` +
    `${counts.infrastructure} lost to infrastructure, ${counts.skipped} skipped.${inherited}`
  );
}

function recipeText(card: Scorecard): string {
  const { dataset, methodology, config } = card.recipe;
  const lines = [
    `- Data set: ${escapeMarkdown(dataset.reference)}, ${dataset.size} items`,
    ...(dataset.description === null ? [] : [`- ${escapeMarkdown(dataset.description)}`]),
    `- Method: ${escapeMarkdown(methodology)}`,
    ...(card.generatedAt === null ? [] : [`- Measured: ${escapeMarkdown(card.generatedAt)}`]),
  ];
  const settings = bulletList(config);
  return settings === '' ? lines.join('\n') : `${lines.join('\n')}\n${settings}`;
}

function bulletList(values: Readonly<Record<string, Json>>): string {
  return Object.entries(values)
    .map(([key, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `- ${escapeMarkdown(key)}: ${escapeMarkdown(text)}`;
    })
    .join('\n');
}

function metricsTable(metrics: readonly MetricResult[]): string {
  return table(
    ['metric', 'value', 'interval', 'n', 'weight', 'sees a change of'],
    metrics.map((metric) => [
      escapeMarkdown(metric.name),
      share(metric.value),
      interval(metric.interval),
      String(metric.n),
      String(metric.weight),
      `${(100 * metric.minimalDetectableEffect).toFixed(1)} points`,
    ]),
  );
}

function recomputation(card: Scorecard): string {
  const { components, formula, value } = card.aggregate;
  const counting = components.filter((component) => component.weight > 0);
  const top = counting.map((one) => `${one.weight} × ${one.value}`).join(' + ');
  const bottom = counting.map((one) => String(one.weight)).join(' + ');
  return fencedBlock(`${formula}\n= 100 × (${top}) / (${bottom})\n= ${value}`, 'text');
}

function reproduction(commands: readonly string[]): string {
  return commands.length === 0 ? 'No commands were given.' : fencedBlock(commands.join('\n'), 'sh');
}

function categoryTable(card: Scorecard): string {
  return table(
    ['category', 'value', 'interval', 'n'],
    card.results.perCategory.map((category) => [
      escapeMarkdown(category.category),
      category.value === null ? 'unscored' : share(category.value),
      category.interval === null ? '' : interval(category.interval),
      String(category.n),
    ]),
  );
}

function confusionTable(card: Scorecard): string {
  const { labels, rows } = card.results.confusion ?? { labels: [], rows: [] };
  const head = ['expected \\ predicted', ...labels.map(escapeMarkdown)];
  return table(
    head,
    rows.map((row, index) => [escapeMarkdown(labels[index] ?? ''), ...row.map(String)]),
  );
}

function performance(card: Scorecard): string {
  const { latencyMs, costUsd } = card.results;
  return [
    ...(latencyMs === null ? [] : [`- Latency: p50 ${latencyMs.p50} ms, p95 ${latencyMs.p95} ms`]),
    ...(costUsd === null ? [] : [`- Cost of the evaluation: ${costUsd} USD`]),
  ].join('\n');
}

function digests(card: Scorecard): string {
  const lines = [
    ...(card.digests.items === null ? [] : [`- Items: ${escapeMarkdown(card.digests.items)}`]),
    ...(card.digests.results === null
      ? []
      : [`- Results: ${escapeMarkdown(card.digests.results)}`]),
    ...(card.digests.config === null ? [] : [`- Config: ${escapeMarkdown(card.digests.config)}`]),
    ...card.subject.map((file) => `- ${escapeMarkdown(file.name)}: ${escapeMarkdown(file.sha256)}`),
  ];
  return lines.length === 0 ? 'None were recorded.' : lines.join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function share(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function interval({ low, high, level }: ScoreInterval): string {
  return `${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)} % (${100 * level} %)`;
}
