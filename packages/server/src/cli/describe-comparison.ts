import type { CodeComparison, FileComparison } from '@assay/loop';
import { printable } from './printable.ts';

const MOST_FILES = 30;
const MOST_EVIDENCE = 40;

/** A comparison of code as text for people: numbers, then files, then what was found. */
export function describeComparison(comparison: CodeComparison): string {
  const { metrics, similarity, lines, scaffolding, files } = comparison;
  const parsed = files.filter((file) => file.similarity !== null).length;
  const head = [
    `reward multiplier  ${number(metrics.rewardMultiplier, 2)}${comparison.label === null ? '' : `  ${comparison.label}`}`,
    `syntax similarity  ${number(similarity.exact, 3)} exact, ${number(similarity.shape, 3)} shape (${parsed} of ${files.length} files parsed)`,
    `files touched      ${files.length}${countChanges(files)}`,
    `lines              +${lines.added} -${lines.removed}, ratio ${number(metrics.lineChangeRatio, 3)}`,
    `scaffolding        ${number(metrics.scaffoldingPenalty, 2)} (${scaffolding.scaffoldingLines} of ${scaffolding.addedLines} added lines)`,
  ];
  const evidence = scaffolding.evidence.map(
    ({ kind, path, firstLine, lastLine, name }) =>
      `${path}:${firstLine === lastLine ? firstLine : `${firstLine}-${lastLine}`}  ${kind.replaceAll('-', ' ')}${name === null ? '' : `: ${name}`}`,
  );
  return [
    ...head,
    ...section('files', fileTable(files), MOST_FILES),
    ...section('scaffolding', evidence, MOST_EVIDENCE),
    ...section('notes', comparison.notes, MOST_EVIDENCE),
  ]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

function number(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? 'unscored' : value.toFixed(digits);
}

function countChanges(files: readonly FileComparison[]): string {
  const counts = ['added', 'removed', 'changed', 'renamed']
    .map((change) => ({ change, count: files.filter((file) => file.change === change).length }))
    .filter(({ count }) => count > 0)
    .map(({ change, count }) => `${count} ${change}`);
  return counts.length === 0 ? '' : ` (${counts.join(', ')})`;
}

function fileTable(files: readonly FileComparison[]): readonly string[] {
  const rows = files.map((file) => [
    file.change,
    file.similarity === null ? '-' : file.similarity.exact.toFixed(3),
    `+${file.linesAdded}`,
    `-${file.linesRemoved}`,
    file.renamedFrom === null ? file.path : `${file.renamedFrom} -> ${file.path}`,
  ]);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 4
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}

function section(title: string, lines: readonly string[], most: number): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length > most ? [`  and ${lines.length - most} more (--json has all)`] : [];
  return ['', title, ...lines.slice(0, most).map((line) => `  ${line}`), ...more];
}
