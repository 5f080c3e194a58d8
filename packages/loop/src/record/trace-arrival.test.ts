import { describe, expect, it } from 'vitest';
import type { SpanLog } from './facts.ts';
import { canCompleteTrace, isTraceWhole } from './trace-arrival.ts';

function span(
  spanId: string,
  parentSpanId: string | null,
  spanClass: SpanLog['spanClass'] = 'other',
): SpanLog {
  const traceId = 'trace';
  return {
    taskId: traceId,
    traceId,
    timestamp: 1,
    spanId,
    parentSpanId,
    spanClass,
    name: spanId,
    attributes: {},
  };
}

const root = span('root', null, 'agent');
const child = span('child', 'root', 'inference');
const grandchild = span('grandchild', 'child', 'tool');

describe('a trace that arrives', () => {
  it.each([
    ['in one request', [], [child, root], true],
    ['with its root after the others', [child, grandchild], [span('last', 'root'), root], true],
    ['as a model call alone', [], [span('root', null, 'inference')], true],
    ['as a root alone', [], [root], false],
    ['as a root alone, sent twice', [], [root, root], false],
    ['as a root alone after the others', [child], [root], false],
    ['without its root', [], [child], false],
    ['after its root', [root], [child], false],
    ['a second time', [child, root], [child, root], false],
    ['with a parent that is not there', [], [root, grandchild], false],
    ['with a parent that came before', [child], [root, grandchild], true],
    ['after a span whose parent is not there', [grandchild], [root, span('last', 'root')], false],
  ])('%s', (_name, earlier, arriving, isWhole) => {
    expect(isTraceWhole({ earlier, arriving })).toBe(isWhole);
    // What is whole can be, or the earlier spans would not be read.
    if (isWhole) expect(canCompleteTrace(arriving)).toBe(true);
  });
});
