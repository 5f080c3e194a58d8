import { escapeXml } from './escape-xml.ts';
import {
  adviceOf,
  categoryRows,
  changedItemsOf,
  comparedOf,
  type GateReport,
  headlineOf,
  METRIC_COLUMNS,
  metricRow,
  reasonText,
} from './report-parts.ts';

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0;width:100%}
th,td{text-align:left;padding:.4rem .75rem;border-bottom:1px solid #8886}
h1{font-size:1.5rem}.may{color:#1a7f37}.mayNot{color:#cf222e}
@media (prefers-color-scheme:dark){.may{color:#3fb950}.mayNot{color:#ff7b72}}`;

/** The answer of a gate as one HTML file. It loads nothing and runs nothing. */
export function renderGateHtml(report: GateReport): string {
  const { result } = report;
  const { baseline, candidate } = result.aggregate;
  const categories = categoryRows(result);
  const compared = escapeXml(comparedOf(report));
  const headline = escapeXml(headlineOf(report));
  const body = [
    `<h1 class="${result.mayRelease ? 'may' : 'mayNot'}">${headline}</h1>`,
    ...(compared === '' ? [] : [`<p>${compared}</p>`]),
    ...(candidate === null
      ? []
      : [`<p>Aggregate: ${baseline ?? 'none'} → <strong>${candidate}</strong></p>`]),
    ...tableOf(METRIC_COLUMNS, result.metrics.map(metricRow)),
    ...tableOf(['category', ...METRIC_COLUMNS.slice(1)], categories.rows),
    ...(categories.hidden > 0 ? [`<p>and ${categories.hidden} more categories</p>`] : []),
    ...listOf(
      'Why',
      result.reasons.map((one) => `${one.severity}: ${reasonText(one)}`),
    ),
    ...listOf('What to do', adviceOf(result)),
    ...changedItemsOf(result).flatMap(({ what, count, shown, hidden }) =>
      listOf(`${what} (${count})`, hidden > 0 ? [...shown, `and ${hidden} more`] : shown),
    ),
  ];
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Gate: ${headline} ${compared}</title><style>${STYLE}</style></head><body>`,
    ...body,
    '</body></html>',
    '',
  ].join('\n');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return ['<table>', row(head, 'th'), ...rows.map((cells) => row(cells, 'td')), '</table>'];
}

function listOf(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const entries = lines.map((line) => `<li>${escapeXml(line)}</li>`);
  return [`<h2>${escapeXml(title)}</h2>`, '<ul>', ...entries, '</ul>'];
}
