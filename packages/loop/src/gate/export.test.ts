import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildScorecard } from './build-scorecard.ts';
import { scorecardBadge } from './export-badge.ts';
import { renderScorecardHtml } from './export-html.ts';
import { evalResultsYaml, modelIndexYaml } from './export-hugging-face.ts';
import type { Scorecard } from './scorecard.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u001b[31m & \'';

function card(name: string, more: { description?: string } = {}): Scorecard {
  return buildScorecard(
    Array.from({ length: 250 }, (_, at) => ({
      id: `i${at}`,
      category: name,
      expected: name,
      predicted: at < 211 ? name : 'other',
      score: Number(at < 211),
    })),
    {
      agentId: name,
      agentVersion: '0.5.0',
      generatedAt: '2026-07-16T10:00:00Z',
      dataset: { reference: name, size: 299, ...more },
      methodology: name,
      config: { [name]: name },
      reproduction: [name],
      aggregateName: name,
      scorer: { id: name, version: '1', digest: null },
    },
    hash,
  );
}

describe('exports of a card', () => {
  it('gives Hugging Face its fields, with n and interval', () => {
    const names = { taskType: 'text-classification', sourceUrl: 'https://example.invalid/card' };
    expect(parse(modelIndexYaml(card('Email Triage'), names))['model-index'][0]).toMatchObject({
      name: 'Email Triage',
      results: [
        {
          task: { type: 'text-classification' },
          dataset: { name: 'Email Triage', type: 'email-triage' },
          metrics: [{ type: 'accuracy', value: 0.844, verified: false, args: { n: 250 } }],
          source: { url: 'https://example.invalid/card' },
        },
      ],
    });
    expect(parse(evalResultsYaml(card('Email Triage'), names))).toMatchObject([
      {
        dataset: { id: 'email-triage', task_id: 'text-classification' },
        value: 0.844,
        date: '2026-07-16',
        notes: 'accuracy: n=250; 95% CI 79.4-88.4',
      },
    ]);
  });

  it('draws a badge with n and interval', () => {
    const svg = scorecardBadge(card('Email Triage'));
    expect(svg).toContain('84.4 [79.4, 88.4] (n 250)');
  });

  it('lets hostile texts do nothing', () => {
    for (const text of [
      renderScorecardHtml(card(HOSTILE)),
      scorecardBadge(card(HOSTILE), HOSTILE),
    ]) {
      expect(text).not.toMatch(/<script|<img|onerror=alert\(2\)>/);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(text).toContain('&lt;script&gt;');
    }
    const names = { taskType: 'x', datasetId: HOSTILE };
    expect(parse(evalResultsYaml(card(HOSTILE), names))[0].dataset.id).toBe(HOSTILE);
    expect(parse(modelIndexYaml(card(HOSTILE), names))['model-index'][0].name).toBe(HOSTILE);
  });

  it('shows everything that the Markdown shows', () => {
    const html = renderScorecardHtml(card('triage', { description: 'made of mail' }));
    for (const part of [
      '84.40 %',
      '79.4 – 88.4 %',
      'made of mail',
      '250 of 299 items run',
      'triage',
    ]) {
      expect(html).toContain(part);
    }
    expect(html).toMatch(/= 100 × \(1 × 0\.844\) \/ \(1\)\n= 84\.4/);
  });
});
