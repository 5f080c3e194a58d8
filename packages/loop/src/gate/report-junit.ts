import { escapeXml } from './escape-xml.ts';
import type { MetricComparison } from './gate-verdict.ts';
import {
  adviceOf,
  comparedOf,
  type GateReport,
  headlineOf,
  metricRow,
  reasonText,
} from './report-parts.ts';

/**
 * The answer of a gate as JUnit XML: one case for the verdict, one for each metric and category. A
 * metric that is inconclusive is a skipped case. No case fails when the release may go out.
 */
export function renderGateJunit(report: GateReport): string {
  const { result } = report;
  const compared = [
    ...result.metrics.map((one) => caseOf('metric', one, result.mayRelease)),
    ...result.categories.map((one) => caseOf('category', one, result.mayRelease)),
  ];
  const cases = [verdictCase(report), ...compared];
  const count = (tag: string): number => cases.filter((one) => one.includes(`<${tag} `)).length;
  const counts = `tests="${cases.length}" failures="${count('failure')}" errors="0" skipped="${count('skipped')}"`;
  const name = escapeXml(`assay gate ${comparedOf(report)}`.trim());
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="assay gate" ${counts}>`,
    `<testsuite name="${name}" ${counts}>`,
    ...cases,
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function verdictCase(report: GateReport): string {
  const { result } = report;
  const open = '<testcase classname="gate" name="verdict">';
  const reasons = [...result.reasons.map(reasonText), ...adviceOf(result)];
  const text = escapeXml(reasons.join('\n'));
  if (result.mayRelease) return `${open}<system-out>${text}</system-out></testcase>`;
  const message = escapeXml(headlineOf(report));
  return `${open}<failure message="${message}" type="${result.verdict}">${text}</failure></testcase>`;
}

function caseOf(kind: 'metric' | 'category', one: MetricComparison, mayRelease: boolean): string {
  const open = `<testcase classname="gate.${kind}" name="${escapeXml(one.metric)}">`;
  const text = escapeXml(metricRow(one).slice(1, -1).join('  '));
  if (one.verdict === 'regressed' && !mayRelease) {
    return `${open}<failure message="${text}" type="regressed"></failure></testcase>`;
  }
  if (one.verdict === 'inconclusive') {
    return `${open}<skipped message="inconclusive: ${text}"/></testcase>`;
  }
  return `${open}<system-out>${text}  ${one.verdict}</system-out></testcase>`;
}
