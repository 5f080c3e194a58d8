import { escapeMarkdown } from './escape-markdown.ts';
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

/** The answer of a gate as Markdown, for the summary of a job or a comment on a pull request. */
export function renderGateMarkdown(report: GateReport): string {
  const { result } = report;
  const { baseline, candidate } = result.aggregate;
  const compared = comparedOf(report);
  const categories = categoryRows(result);
  const head = `## Gate: ${headlineOf(report)}`;
  const sections = [
    compared === '' ? head : `${head}\n\n${escapeMarkdown(compared)}`,
    ...(candidate === null ? [] : [`Aggregate: ${baseline ?? 'none'} → **${candidate}**`]),
    ...tableOf(METRIC_COLUMNS, result.metrics.map(metricRow)),
    ...tableOf(['category', ...METRIC_COLUMNS.slice(1)], categories.rows),
    ...(categories.hidden > 0 ? [`and ${categories.hidden} more categories`] : []),
    ...listOf(
      result.reasons.map(
        (one) =>
          `${one.severity === 'stop' ? '**stop**' : 'note'} ${escapeMarkdown(reasonText(one))}`,
      ),
    ),
    ...listOf(adviceOf(result).map((text) => `What to do: ${escapeMarkdown(text)}`)),
    ...changedItemsOf(result).map(({ what, count, shown, hidden }) => {
      const ids = shown.map((id) => `- ${escapeMarkdown(id)}`);
      const more = hidden > 0 ? [`- and ${hidden} more`] : [];
      return `${what} (${count})\n\n${[...ids, ...more].join('\n')}`;
    }),
  ];
  return `${sections.join('\n\n')}\n`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [[line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')];
}

function listOf(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join('\n')];
}
