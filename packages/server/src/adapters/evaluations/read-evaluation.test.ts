import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { AssayError } from '@assay/protocol/errors';
import { describe, expect, it } from 'vitest';
import { guessFormat, readEvaluation } from './read-evaluation.ts';
import { itemsOfRuns } from './recorded-runs.ts';
import { readXml } from './xml-elements.ts';

const codeOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return error instanceof AssayError ? error.code : String(error);
  }
  return 'nothing thrown';
};

describe('promptfoo results', () => {
  const result = (more: object): object => ({
    testIdx: 0,
    promptIdx: 0,
    success: true,
    score: 1,
    failureReason: 0,
    latencyMs: 120,
    cost: 0.002,
    vars: { q: 'a' },
    provider: { id: 'openai:gpt', label: '' },
    testCase: { metadata: { category: 'spam' } },
    ...more,
  });
  const file = (...results: readonly object[]): string =>
    JSON.stringify({ evalId: 'e', results: { version: 3, results } });

  it('become items; an error of the provider is lost to infrastructure', () => {
    const text = file(
      result({}),
      result({ testIdx: 1, success: false, score: 0.25, failureReason: 1 }),
      result({ testIdx: 2, success: false, score: 0, failureReason: 2, latencyMs: undefined }),
    );
    const items = readEvaluation('promptfoo', text);
    expect(items.map(({ digest: _, ...item }) => item)).toEqual([
      {
        id: 'test 0',
        score: 1,
        metrics: { pass: 1 },
        category: 'spam',
        latencyMs: 120,
        costUsd: 0.002,
      },
      {
        id: 'test 1',
        score: 0.25,
        metrics: { pass: 0 },
        category: 'spam',
        latencyMs: 120,
        costUsd: 0.002,
      },
      {
        id: 'test 2',
        score: null,
        status: 'infrastructure',
        category: 'spam',
        costUsd: 0.002,
      },
    ]);
    expect(items[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('of several providers are not mixed', () => {
    const other = { provider: { id: 'ollama:x' }, score: 0.5 };
    const text = file(result({}), result(other));
    expect(() => readEvaluation('promptfoo', text)).toThrow(/openai:gpt.*ollama:x/);
    expect(readEvaluation('promptfoo', text, 'ollama:x').map(({ score }) => score)).toEqual([0.5]);
    expect(codeOf(() => readEvaluation('promptfoo', text, 'none'))).toBe('scorecard.invalid');
  });

  it('that repeat a test are one family', () => {
    const items = readEvaluation('promptfoo', file(result({}), result({ score: 0 })));
    expect(items.map(({ id, cluster }) => [id, cluster])).toEqual([
      ['test 0#1', 'test 0'],
      ['test 0#2', 'test 0'],
    ]);
  });

  it.each([['{}'], ['{"results":[]}'], ['not JSON'], [file(result({ score: 7 }))]])(
    'are refused when they are none: %s',
    (text) => expect(codeOf(() => readEvaluation('promptfoo', text))).toBe('scorecard.invalid'),
  );
});

describe('Inspect logs', () => {
  const log = (...samples: readonly object[]): string =>
    JSON.stringify({ version: 2, eval: {}, samples });
  const scored = (value: unknown): object => ({ match: { value, answer: 'Yes' } });

  it('become items; letters are numbers, what has no score is unscored', () => {
    const values = ['C', 'I', 'P', 'N', 0.5, true, 'toString', null];
    const samples = values.map((value, id) => ({
      id,
      epoch: 1,
      target: 'Yes',
      scores: scored(value),
    }));
    const items = readEvaluation('inspect', log(...samples, { id: 'e', error: { message: 'x' } }));
    expect(items.map(({ score }) => score)).toEqual([1, 0, 0.5, 0, 0.5, 1, null, null, null]);
    expect(items.map(({ status }) => status).slice(6)).toEqual(['unscored', 'unscored', 'failed']);
    expect(items[0]).toMatchObject({ id: '0', expected: 'Yes', predicted: 'Yes' });
  });

  it('keep the epochs of a sample together, and take the scorer that is named', () => {
    const scores = { a: { value: 1 }, b: { value: 0 } };
    const text = log({ id: 1, epoch: 1, scores }, { id: 1, epoch: 2, scores });
    expect(readEvaluation('inspect', text, 'b')).toEqual([
      { id: '1#1', cluster: '1', score: 0, status: 'scored', metrics: { a: 1 } },
      { id: '1#2', cluster: '1', score: 0, status: 'scored', metrics: { a: 1 } },
    ]);
    expect(codeOf(() => readEvaluation('inspect', text, 'c'))).toBe('scorecard.invalid');
  });

  const REAL = new URL('../../../../../../shared/data/gate/inspect/', import.meta.url);
  it.skipIf(!existsSync(REAL))('of the real kind agree with their own totals (shared data)', () => {
    let compared = 0;
    for (const name of readdirSync(REAL)) {
      const text = readFileSync(new URL(name, REAL), 'utf8');
      expect(guessFormat(name, text)).toBe('inspect');
      const items = readEvaluation('inspect', text);
      const value = JSON.parse(text);
      expect(items).toHaveLength(value.samples.length);
      const accuracy = value.results?.scores?.[0]?.metrics?.accuracy?.value;
      // One of the logs is an excerpt: its samples are not those of its totals.
      if (value.results?.completed_samples !== items.length) continue;
      const mean = items.reduce((sum, { score }) => sum + (score ?? 0), 0) / items.length;
      expect(mean).toBeCloseTo(accuracy, 12);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(3);
  });
});

describe('JUnit XML', () => {
  const XML = `<?xml version="1.0"?><!-- <testcase name="no"/> -->
<testsuites><testsuite name="spam &amp; &#104;am">
<testcase classname="a" name="x &lt;1&gt;" time="0.25"/>
<testcase classname="a" name="y"><failure message="m"><![CDATA[</testcase>]]></failure></testcase>
<testcase classname="a" name="z"><error/></testcase>
<testcase classname="a" name='w "q"'><skipped/></testcase>
</testsuite></testsuites>`;

  it('becomes items', () => {
    const category = 'spam & ham';
    expect(readEvaluation('junit', XML)).toEqual([
      { id: 'a x <1>', category, score: 1, status: 'scored', latencyMs: 250 },
      { id: 'a y', category, score: 0, status: 'scored' },
      { id: 'a z', category, score: null, status: 'failed' },
      { id: 'a w "q"', category, score: null, status: 'skipped' },
    ]);
    expect(guessFormat('x', XML)).toBe('junit');
  });

  it.each([
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY x "y">]><testsuites/>'],
    ['a file of others', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><testsuites/>'],
    ['an element that stays open', '<testsuites><testsuite>'],
    ['elements that cross', '<testsuites><testsuite></testsuites></testsuite>'],
    ['two roots', '<testsuites/><testsuites/>'],
    ['an attribute without quotes', '<testsuites a=b/>'],
    ['a comment that stays open', '<testsuites/><!--'],
    ['a deep nest', `${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`],
    ['another document', '<html></html>'],
    ['no cases', '<testsuites/>'],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(codeOf(() => readEvaluation('junit', text))).toBe('scorecard.invalid');
  });

  it('reads a large hostile tag in linear time', () => {
    const text = `<a ${'b="c" '.repeat(50_000)}`;
    expect(codeOf(() => readXml(text))).toBe('scorecard.invalid');
    expect(readXml('<a __proto__="1" toString="2"/>').attributes['toString']).toBe('2');
  });
});

it('recorded runs become items, the newest of a task first', () => {
  const run = {
    taskId: 't',
    taskType: 'mail',
    quality: 1,
    success: true,
    latencyMs: 5,
    costUsd: null,
  };
  expect(
    itemsOfRuns([
      run,
      { ...run, quality: 0 },
      { ...run, taskId: 'u', quality: null, success: false, latencyMs: null },
      { ...run, taskId: 'v', quality: null, costUsd: 1 },
      { ...run, taskId: null },
    ]),
  ).toEqual([
    { id: 't', taskId: 't', score: 1, category: 'mail', latencyMs: 5 },
    { id: 'u', taskId: 'u', score: null, status: 'failed', category: 'mail' },
    { id: 'v', taskId: 'v', score: null, category: 'mail', latencyMs: 5, costUsd: 1 },
  ]);
});
