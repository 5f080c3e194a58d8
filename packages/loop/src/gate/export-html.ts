import { escapeXml } from './escape-xml.ts';
import type { MetricResult, Scorecard, ScoreInterval } from './scorecard.ts';

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0}
th,td{text-align:left;padding:.3rem .75rem;border-bottom:1px solid #8886}
pre{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:6px}
.score{font-size:2.5rem;font-weight:600}code{overflow-wrap:anywhere}`;

/** A card as one HTML file. It loads nothing and runs nothing, whatever its texts contain. */
export function renderScorecardHtml(card: Scorecard): string {
  const title = escapeXml(`${card.agent.name} ${card.agent.version}`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Scorecard: ${title}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${title}</h1>`,
    ...headline(card),
    ...section('Metrics', metricsTable(card.results.metrics)),
    ...section('Recomputation', recomputation(card)),
    ...section('Categories', categories(card)),
    ...section('Confusion', confusion(card)),
    ...section('Recipe', recipe(card)),
    ...section('Reproduction', reproduction(card)),
    ...section('Digests', digests(card)),
    '</main></body></html>',
    '',
  ].join('\n');
}

function headline({ aggregate, results, recipe, inheritedFrom }: Scorecard): readonly string[] {
  const { counts } = results;
  const carried =
    inheritedFrom === null ? '' : ` Carried over from ${inheritedFrom}, not measured again.`;
  const said =
    `${counts.run} of ${recipe.dataset.size} items run: ${counts.scored} scored, ` +
    `${counts.failed} failed, ${counts.unscored} unscored; ${counts.infrastructure} lost to ` +
    `infrastructure, ${counts.skipped} skipped.${carried}`;
  return [
    `<p><span class="score">${aggregate.value}</span> of 100, ${escapeXml(aggregate.name)}</p>`,
    `<p>${escapeXml(said)}</p>`,
  ];
}

function section(title: string, body: readonly string[]): readonly string[] {
  return body.length === 0 ? [] : [`<h2>${title}</h2>`, ...body];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return ['<table>', row(head, 'th'), ...rows.map((cells) => row(cells, 'td')), '</table>'];
}

function metricsTable(metrics: readonly MetricResult[]): readonly string[] {
  return table(
    ['metric', 'value', '95 % interval', 'n', 'weight', 'sees a change of'],
    metrics.map((metric) => [
      metric.name,
      percent(metric.value),
      intervalText(metric.interval),
      String(metric.n),
      String(metric.weight),
      `${(100 * metric.minimalDetectableEffect).toFixed(1)} points`,
    ]),
  );
}

function categories({ results }: Scorecard): readonly string[] {
  return table(
    ['category', 'value', 'interval', 'n'],
    results.perCategory.map(({ category, value, interval, n }) => [
      category,
      value === null ? 'unscored' : percent(value),
      interval === null ? '' : intervalText(interval),
      String(n),
    ]),
  );
}

function confusion({ results }: Scorecard): readonly string[] {
  if (results.confusion === null) return [];
  const { labels, rows } = results.confusion;
  return table(
    ['expected \\ predicted', ...labels],
    rows.map((row, index) => [labels[index] ?? '', ...row.map(String)]),
  );
}

function recomputation({ aggregate }: Scorecard): readonly string[] {
  const counting = aggregate.components.filter(({ weight }) => weight > 0);
  const top = counting.map(({ weight, value }) => `${weight} × ${value}`).join(' + ');
  const bottom = counting.map(({ weight }) => String(weight)).join(' + ');
  return pre(`${aggregate.formula}\n= 100 × (${top}) / (${bottom})\n= ${aggregate.value}`);
}

function recipe({ recipe: { dataset, methodology, config, environment, scorer } }: Scorecard) {
  const entries: (readonly [string, string])[] = [
    ['data set', `${dataset.reference}, ${dataset.size} items`],
    ...(dataset.description === null ? [] : [['description', dataset.description] as const]),
    ['method', methodology],
    ...(scorer === null ? [] : [['scorer', `${scorer.id} ${scorer.version}`] as const]),
    ...Object.entries({ ...config, ...environment }).map(
      ([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ),
  ];
  return table(['setting', 'value'], entries);
}

function reproduction({ recipe: { reproduction: commands } }: Scorecard): readonly string[] {
  return commands.length === 0 ? ['<p>No commands were given.</p>'] : pre(commands.join('\n'));
}

function digests({ digests: known, subject }: Scorecard): readonly string[] {
  const rows = [
    ...Object.entries(known).flatMap(([name, digest]) => (digest === null ? [] : [[name, digest]])),
    ...subject.map(({ name, sha256 }) => [name, sha256]),
  ];
  return table(['of', 'SHA-256'], rows);
}

function pre(text: string): readonly string[] {
  return [`<pre>${escapeXml(text)}</pre>`];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function intervalText({ low, high }: ScoreInterval): string {
  return `${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)} %`;
}
