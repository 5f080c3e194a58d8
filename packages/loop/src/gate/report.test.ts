import { describe, expect, it } from 'vitest';
import { buildScorecard } from './build-scorecard.ts';
import { decideGate } from './gate.ts';
import { gatePolicy } from './gate-policy.ts';
import { readItem, readItemLines, scorecardItemLines } from './read-items.ts';
import { renderGateHtml } from './report-html.ts';
import { renderGateJunit } from './report-junit.ts';
import { renderGateMarkdown } from './report-markdown.ts';
import { type GateReport, reportedCard } from './report-parts.ts';
import { renderGateText } from './report-text.ts';
import type { ScorecardItem } from './scorecard.ts';

const HOSTILE = '<script>alert(1)</script>"\'&\u001b[2J\u202e|`@all](javascript:x)';

const hash = (text: string): string =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7).toString(16);

function hostileReport(): GateReport {
  const scored = (version: string, failing: number) => {
    const items: readonly ScorecardItem[] = Array.from({ length: 100 }, (_, at) => ({
      id: `${HOSTILE} ${at}`,
      category: HOSTILE,
      score: Number(at >= failing),
    }));
    const card = buildScorecard(
      items,
      {
        agentId: HOSTILE,
        agentVersion: version,
        generatedAt: '2026-01-01T00:00:00Z',
        dataset: { reference: HOSTILE },
        methodology: HOSTILE,
        metrics: [{ name: HOSTILE, weight: 1 }],
      },
      hash,
    );
    return { card, items };
  };
  const candidate = scored('1.1.0', 30);
  const baseline = scored('1.0.0', 5);
  const result = decideGate({ candidate, baseline, policy: gatePolicy(), firstRelease: false });
  return {
    result,
    candidate: reportedCard(candidate.card),
    baseline: reportedCard(baseline.card),
  };
}

describe('reports of a gate', () => {
  const report = hostileReport();

  it('is about a regression', () => expect(report.result.verdict).toBe('regressed'));

  it('shows names of others in HTML and XML as text', () => {
    for (const text of [renderGateHtml(report), renderGateJunit(report)]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/<script|[\p{Cc}\p{Cf}]/u);
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    }
  });

  it('closes every tag of the XML that it opens', () => {
    const open: string[] = [];
    const junit = renderGateJunit(report).replace(/<\?xml[^>]*\?>/, '');
    for (const [tag, end, name = '', , empty] of junit.matchAll(
      /<(\/?)([a-z-]+)((?:\s[a-z]+="[^"<]*")*)(\/?)>/g,
    )) {
      expect(tag).not.toBe('');
      if (end === '/') expect(open.pop()).toBe(name);
      else if (empty === '') open.push(name);
    }
    expect(open).toEqual([]);
    expect(junit).toMatch(/tests="3" failures="3" errors="0" skipped="0"/);
  });

  it('fails no case of XML when the release may go out', () => {
    const override = { who: HOSTILE, why: HOSTILE };
    const result = { ...report.result, mayRelease: true, override };
    const junit = renderGateJunit({ ...report, result });
    expect(junit).toContain('tests="3" failures="0"');
    expect(junit).not.toContain('<failure');
  });

  it('keeps names of others inside their cell of Markdown', () => {
    const text = renderGateMarkdown(report);
    expect(text.replaceAll('\n', '')).not.toMatch(/<script|[\p{Cc}\p{Cf}]|@all|\]\(javascript/u);
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    for (const row of rows) expect(row.replace(/\\\|/g, '').match(/\|/g)).toHaveLength(7);
  });

  it('shows the worst 20 of many categories', () => {
    const [one] = report.result.categories;
    if (one === undefined) throw new Error('no category');
    const categories = Array.from({ length: 50 }, (_, at) => {
      const verdict: typeof one.verdict = at === 49 ? 'regressed' : 'passed';
      return { ...one, metric: `c${at}`, verdict };
    });
    const many = { ...report, result: { ...report.result, categories } };
    const lines = renderGateText(many).split('\n');
    expect(lines.filter((line) => /^c\d/.test(line))).toHaveLength(20);
    expect(lines.find((line) => /^c\d/.test(line))).toMatch(/^c49 .* regressed$/);
    expect(lines).toContain('and 30 more categories (--json has all)');
    for (const render of [renderGateMarkdown, renderGateHtml]) {
      expect(render(many)).toContain('and 30 more categories');
    }
  });

  it('begins with the verdict, then metric by metric', () => {
    const lines = renderGateText(report).split('\n');
    expect(lines[0]).toMatch(/^REGRESSED {2}/);
    expect(lines[1]).toBe('aggregate  95 -> 70');
    expect(lines[3]).toMatch(
      /^metric +baseline -> now +difference \[low, high\] +sees +n +verdict$/,
    );
    expect(lines[4]).toMatch(/95\.00 -> 70\.00 +-25\.00 \[-3\d\.\d\d, -1\d\.\d\d\]/);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('items beside a card', () => {
  it('are read as they were written', () => {
    const items: readonly ScorecardItem[] = [
      { id: 'a', score: 1, category: 'x', expected: 'y', predicted: 'n', metrics: { m: null } },
      { id: 'b', score: null, status: 'infrastructure', latencyMs: null, costUsd: 0.1 },
    ];
    const text = `\ufeff${scorecardItemLines(items).replaceAll('\n', '\r\n')}\n`;
    expect(readItemLines(text)).toEqual({ kind: 'items', items });
  });

  it.each([
    [{ id: 'a' }, 'score'],
    [{ id: '', score: 1 }, 'id'],
    [{ id: 'a', score: 1.5 }, 'score'],
    [{ id: 'a', score: '1' }, 'score'],
    [{ id: 'a', score: 1, status: 'toString' }, 'status'],
    [{ id: 'a', score: 1, metrics: [1] }, 'metrics'],
    [{ id: 'a', score: 1, latencyMs: -1 }, 'latencyMs'],
    [[], 'map'],
    [null, 'map'],
  ])('are refused with the member that is wrong: %j', (value, named) => {
    expect(readItem(value)).toEqual({ kind: 'invalid', message: expect.stringContaining(named) });
  });

  it('name the line that is wrong', () => {
    expect(readItemLines('{"id":"a","score":1}\n{')).toMatchObject({ kind: 'invalid', line: 2 });
  });
});
