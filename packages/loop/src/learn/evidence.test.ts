import { describe, expect, it } from 'vitest';
import type { Outcome } from '../record/outcome.ts';
import { scoreInterval } from '../stats/score-interval.ts';
import { carryOver } from './carry-over.ts';
import {
  addOutcome,
  cellsOf,
  createEvidence,
  metricOf,
  pseudoCounts,
  totalPseudoCounts,
} from './evidence.ts';
import { restoreEvidence } from './restore.ts';
import { summarize } from './summary.ts';

const DAY = 86_400_000;
const BASE: Outcome = {
  agentId: 'linear',
  agentVersion: '1',
  taskType: 'triage',
  taskKind: 'html',
  success: true,
  quality: 1,
  latencyMs: 20,
  costUsd: null,
  tokens: 5,
  timestampMs: DAY,
  countsRun: true,
};
const at = (days: number): number => days * DAY;

describe('evidence', () => {
  it('counts a failed run once: as quality 0 until its evaluation arrives', () => {
    const evidence = createEvidence();
    addOutcome(evidence, { ...BASE, quality: null });
    addOutcome(evidence, { ...BASE, countsRun: false, success: null, quality: 0.9 });
    addOutcome(evidence, { ...BASE, success: false, quality: null });
    const counts = (): { a: number; b: number } =>
      pseudoCounts(evidence, 'linear', '1', 'triage', 'html', 'quality');
    expect(counts().a).toBeCloseTo(0.9, 12);
    expect(counts().b).toBeCloseTo(1.1, 12);
    addOutcome(evidence, { ...BASE, countsRun: false, success: null, quality: 0.2 });
    expect(counts().a).toBeCloseTo(1.1, 12);
    expect(counts().b).toBeCloseTo(0.9, 12);
  });

  it('keeps what is unknown apart from what is 0', () => {
    const evidence = createEvidence();
    addOutcome(evidence, { ...BASE, quality: null, success: null, latencyMs: null });
    const [cell] = summarize(evidence);
    expect(cell).toMatchObject({
      n: 1,
      quality: null,
      success: null,
      latencyMeanMs: null,
      costMeanUsd: null,
    });
    addOutcome(evidence, { ...BASE, quality: 0, success: false, costUsd: 0 });
    expect(summarize(evidence)[0]).toMatchObject({
      n: 2,
      quality: { n: 1, mean: 0, low: 0 },
      success: { n: 1, mean: 0 },
      costMeanUsd: 0,
    });
  });

  it('does not count a later verdict as a run', () => {
    const evidence = createEvidence();
    addOutcome(evidence, { ...BASE, quality: null });
    const watermark = addOutcome(evidence, {
      ...BASE,
      success: null,
      quality: 0.7,
      countsRun: false,
    });
    expect(watermark).toBe(2);
    expect(summarize(evidence)[0]).toMatchObject({
      n: 1,
      success: { n: 1 },
      quality: { n: 1, mean: 0.7 },
    });
  });

  it('lets evidence count half after one half-life, whatever the order of arrival', () => {
    const counts = (times: readonly number[]) => {
      const evidence = createEvidence({ halfLifeMs: at(10) });
      for (const timestampMs of times) addOutcome(evidence, { ...BASE, timestampMs });
      return pseudoCounts(evidence, 'linear', '1', 'triage', 'html', 'quality').a;
    };
    expect(counts([at(1), at(11)])).toBeCloseTo(1.5, 12);
    expect(counts([at(11), at(1)])).toBeCloseTo(1.5, 12);
    expect(counts([at(1), at(11), at(21)])).toBeCloseTo(1.75, 12);
  });

  it('ages all agents of a kind by decision, as discounted Thompson sampling does', () => {
    const evidence = createEvidence({ perDecisionDiscount: 0.9 });
    addOutcome(evidence, BASE);
    addOutcome(evidence, { ...BASE, agentId: 'rules' });
    addOutcome(evidence, { ...BASE, agentId: 'rules', taskKind: 'reply' });
    const a = (agentId: string) =>
      pseudoCounts(evidence, agentId, '1', 'triage', 'html', 'quality').a;
    expect(a('linear')).toBeCloseTo(0.9, 12);
    expect(a('rules')).toBe(1);
    expect(totalPseudoCounts(evidence, 'rules', '1', 'triage', 'quality').a).toBeCloseTo(1.9, 12);
  });

  it('restores from hourly rows what it would have learnt', () => {
    const options = { halfLifeMs: at(10) };
    const live = createEvidence(options);
    const half = DAY + 1_800_000;
    for (let i = 0; i < 10; i++) {
      addOutcome(live, { ...BASE, quality: i < 7 ? 1 : 0, success: i < 7, timestampMs: half });
    }
    const restored = restoreEvidence(
      [
        {
          agentKey: 'linear',
          agentVersion: '1',
          taskType: 'triage',
          taskKind: 'html',
          hourMs: DAY,
          n: 10,
          ok: 7,
          qN: 10,
          qSum: 7,
          qSq: 7,
          latN: 10,
          latSum: 200,
          costSum: 0,
        },
      ],
      options,
    );
    expect(cellsOf(restored)).toEqual(cellsOf(live));
    expect(restored.sequence).toBe(10);
    expect(metricOf(restored, 'triage', 'auto')).toBe('quality');
  });

  it('judges by success where only failures have a score', () => {
    const evidence = createEvidence();
    for (let i = 0; i < 5; i++) addOutcome(evidence, { ...BASE, quality: null });
    addOutcome(evidence, { ...BASE, quality: 0, success: false });
    expect(metricOf(evidence, 'triage', 'auto')).toBe('success');
    addOutcome(evidence, { ...BASE, success: null, quality: 0.4, countsRun: false });
    expect(metricOf(evidence, 'triage', 'auto')).toBe('quality');
  });

  it('starts a promoted version as asked, without inventing observations', () => {
    const fresh = () => {
      const evidence = createEvidence();
      for (let i = 0; i < 100; i++) addOutcome(evidence, { ...BASE, quality: i < 80 ? 1 : 0 });
      return evidence;
    };
    const counts = (evidence: ReturnType<typeof fresh>, kind = 'html') =>
      pseudoCounts(evidence, 'linear', '2', 'triage', kind, 'quality');
    const inherit = fresh();
    expect(carryOver(inherit, 'linear', '1', '2', { mode: 'inherit' })).toBe(101);
    expect(counts(inherit)).toEqual({ a: 80, b: 20 });
    expect(summarize(inherit, { agentVersion: '2' })[0]).toMatchObject({ n: 0, quality: null });
    const reset = fresh();
    carryOver(reset, 'linear', '1', '2', { mode: 'reset' });
    expect(counts(reset)).toEqual({ a: 0, b: 0 });
    const prior = fresh();
    const kinds = [{ taskType: 'triage', taskKind: 'html', mean: 0.9, n: 245 }];
    carryOver(prior, 'linear', '1', '2', { mode: 'prior', prior: kinds });
    expect(counts(prior).a).toBeCloseTo(18, 12);
    expect(counts(prior).b).toBeCloseTo(2, 12);
    expect(counts(prior, 'reply')).toEqual({ a: 0, b: 0 });
  });
});

describe('score intervals', () => {
  it('use Wilson for rates and few scores, a narrower one for many graded scores', () => {
    expect(scoreInterval(25, 10, 10).low).toBeCloseTo(0.234033, 6);
    const graded = scoreInterval(100, 70, 50);
    expect(graded.mean).toBeCloseTo(0.7, 12);
    expect(graded.low).toBeCloseTo(0.7 - 1.959964 * Math.sqrt(1 / 99 / 100), 6);
    expect(scoreInterval(3, 2.9, 2.81).high).toBeLessThanOrEqual(1);
  });
});
