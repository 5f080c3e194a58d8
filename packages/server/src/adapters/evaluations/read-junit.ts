import type { ScorecardItem } from '@assay/loop/gate/scorecard';
import { checkedItem, invalidEvaluation, withRepeats } from './evaluation-format.ts';
import { readXml, type XmlElement } from './xml-elements.ts';

/**
 * Items of JUnit XML: one for each test case. A failure scores 0, an error counts as a failed run, a
 * skipped case as skipped; the suite is the category. Throws AssayError `scorecard.invalid`.
 */
export function readJunit(text: string): readonly ScorecardItem[] {
  const root = readXml(text);
  if (root.name !== 'testsuites' && root.name !== 'testsuite') {
    throw invalidEvaluation(`the XML is not of JUnit: it begins with <${root.name}>`);
  }
  const items = casesOf(root, '');
  if (items.length === 0) throw invalidEvaluation('there are no test cases in the XML');
  return withRepeats(items);
}

function casesOf(element: XmlElement, suite: string): readonly ScorecardItem[] {
  return element.children.flatMap((child) => {
    if (child.name === 'testcase') return [itemOf(child, suite)];
    return child.name === 'testsuite' ? casesOf(child, child.attributes['name'] ?? suite) : [];
  });
}

function itemOf(element: XmlElement, suite: string): ScorecardItem {
  const { name = '', classname = '', time } = element.attributes;
  const id = [classname, name].filter((part) => part !== '').join(' ');
  const category = suite === '' ? classname : suite;
  const seconds = time === undefined ? Number.NaN : Number(time);
  return checkedItem(
    {
      id: id.slice(0, 200),
      ...resultOf(new Set(element.children.map((child) => child.name))),
      ...(category === '' ? {} : { category: category.slice(0, 200) }),
      ...(seconds >= 0 ? { latencyMs: 1_000 * seconds } : {}),
    },
    `test case "${id.slice(0, 80)}"`,
  );
}

function resultOf(children: ReadonlySet<string>): Pick<ScorecardItem, 'score' | 'status'> {
  if (children.has('skipped')) return { score: null, status: 'skipped' };
  if (children.has('error')) return { score: null, status: 'failed' };
  return { score: children.has('failure') ? 0 : 1, status: 'scored' };
}
