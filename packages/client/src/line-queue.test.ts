import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createLineQueue,
  encodeLines,
  joinLines,
  type LineQueue,
  splitLines,
} from './line-queue.ts';

const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 3000 }) }) },
  fc.record({ take: fc.integer({ min: 1, max: 4000 }), size: fc.integer({ min: 1, max: 9000 }) }),
  fc.record({ drop: fc.integer({ min: 1, max: 50 }) }),
);

type Command = { push: number } | { take: number; size: number } | { drop: number };
type Model = { lines: string[]; pushed: number };

function push(queue: LineQueue, model: Model, count: number): void {
  for (let i = 0; i < count; i += 1) {
    model.pushed += 1;
    queue.push(`${model.pushed}`);
    model.lines.push(`${model.pushed}`);
  }
}

function take(queue: LineQueue, model: Model, maxLines: number, maxSize: number): void {
  const taken = queue.take(maxLines, maxSize);
  expect(taken === null).toBe(model.lines.length === 0);
  if (taken === null) return;
  const count = taken.lines.length;
  expect(taken.lines).toEqual(model.lines.slice(0, count));
  expect(`${taken.firstSeq}`).toBe(model.lines[0]);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(maxLines);
  if (count > 1) expect(taken.size).toBeLessThanOrEqual(maxSize);
  model.lines = model.lines.slice(count);
}

function obey(queue: LineQueue, model: Model, command: Command): void {
  if ('push' in command) push(queue, model, command.push);
  else if ('take' in command) take(queue, model, command.take, command.size);
  else {
    for (let i = 0; i < command.drop; i += 1) queue.dropOldest();
    model.lines = model.lines.slice(command.drop);
  }
}

describe('createLineQueue', () => {
  it('is first in, first out, and numbers and measures its lines', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const queue = createLineQueue();
        const model: Model = { lines: [], pushed: 0 };
        for (const step of commands) {
          obey(queue, model, step);
          expect(queue.length).toBe(model.lines.length);
          expect(queue.size).toBe(model.lines.reduce((sum, line) => sum + line.length + 1, 0));
          expect(queue.headSeq).toBe(model.pushed - model.lines.length + 1);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('splitLines and joinLines', () => {
  it('give back what was split', () => {
    const run = { lines: ['a', 'bb', 'ccc'], firstSeq: 5, size: 9 };
    for (const count of [1, 2, 3, 9]) {
      const [first, rest] = splitLines(run, count);
      expect(joinLines(first, rest)).toEqual(run);
    }
    expect(joinLines(null, run)).toBe(run);
  });
});

describe('encodeLines', () => {
  it('ends every line with a newline, in UTF-8', () => {
    expect(new TextDecoder().decode(encodeLines(['{"a":"é"}', '{}']))).toBe('{"a":"é"}\n{}\n');
  });
});
