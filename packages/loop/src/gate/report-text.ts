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

/**
 * The answer of a gate for a terminal: verdict, then metric by metric, then why, what to do and
 * which items changed. One printable line per entry: what would steer a terminal is taken out.
 */
export function renderGateText(report: GateReport): string {
  const { result } = report;
  const { baseline, candidate } = result.aggregate;
  const compared = comparedOf(report);
  const categories = categoryRows(result);
  const lines = [
    compared === '' ? headlineOf(report) : `${headlineOf(report)}  ${compared}`,
    ...(candidate === null ? [] : [`aggregate  ${baseline ?? 'none'} -> ${candidate}`]),
    ...section(tableOf(result.metrics.map(metricRow))),
    ...section(tableOf(categories.rows, 'category')),
    ...(categories.hidden > 0 ? [`and ${categories.hidden} more categories (--json has all)`] : []),
    ...section(
      result.reasons.map((one) => `${one.severity === 'stop' ? '!' : '·'} ${reasonText(one)}`),
    ),
    ...adviceOf(result).map((text) => `  ${text}`),
    ...section(
      changedItemsOf(result).map(({ what, count, shown, hidden }) => {
        const more = hidden > 0 ? ` and ${hidden} more` : '';
        return `${what} (${count}): ${shown.join(', ')}${more}`;
      }),
    ),
  ];
  return `${lines.map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trimEnd()).join('\n')}\n`;
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

function tableOf(rows: readonly (readonly string[])[], first?: string): readonly string[] {
  if (rows.length === 0) return [];
  const head = first === undefined ? METRIC_COLUMNS : [first, ...METRIC_COLUMNS.slice(1)];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}
