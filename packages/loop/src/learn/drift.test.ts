import { describe, expect, it } from 'vitest';
import type { Outcome } from '../record/outcome.ts';
import { seededRandom } from '../stats/bootstrap.ts';
import {
  createDriftWatch,
  detectDrift,
  driftFindings,
  snapshotDrift,
  watchOutcome,
} from './drift.ts';
import { trendOf } from './trend.ts';

const random = seededRandom(20_260_101);

function outcomeOf(agentId: string, quality: number, index: number): Outcome {
  return {
    agentId,
    agentVersion: '1',
    taskType: 'triage',
    taskKind: 'plain-short',
    success: null,
    quality,
    latencyMs: null,
    costUsd: null,
    tokens: null,
    timestampMs: 1_000_000 + index,
    countsRun: true,
  };
}

function coins(agentId: string, shares: readonly (readonly [number, number])[]): Outcome[] {
  let index = 0;
  return shares.flatMap(([share, n]) =>
    Array.from({ length: n }, () => outcomeOf(agentId, random() < share ? 1 : 0, index++)),
  );
}

describe('drift', () => {
  // One series, so that alpha is not divided: the hardest setting for false alarms.
  const alone = { expectedSeries: 1 };

  it.each([0.95, 0.8, 0.5])('is silent on a stream that stays at %d', (share) => {
    const streams = 120;
    let alarms = 0;
    for (let i = 0; i < streams; i++) {
      if (detectDrift(coins('a', [[share, 2000]]), alone).length > 0) alarms += 1;
    }
    expect(alarms / streams).toBeLessThanOrEqual(0.05);
  });

  it('is silent on graded scores that stay', () => {
    let alarms = 0;
    for (let i = 0; i < 100; i++) {
      const stream = Array.from({ length: 1000 }, (_, k) =>
        outcomeOf('a', 0.6 + 0.1 * (random() + random() + random()), k),
      );
      if (detectDrift(stream, alone).length > 0) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(5);
  });

  it('sees .90 fall to .52 within 60 tasks in most streams, and tells when it began', () => {
    let seen = 0;
    const delays: number[] = [];
    for (let i = 0; i < 100; i++) {
      const finding = detectDrift(
        coins('linear', [
          [0.9, 190],
          [0.52, 60],
        ]),
      )[0];
      if (finding === undefined) continue;
      seen += 1;
      delays.push(finding.detectedMs - 1_000_190);
      expect(finding.from.mean).toBeGreaterThan(finding.to.mean + 0.1);
      expect(finding.from.n).toBeGreaterThan(100);
      expect(finding.pValue).toBeLessThan(0.05);
      expect(Math.abs(finding.sinceMs - 1_000_190)).toBeLessThan(60);
    }
    expect(seen).toBeGreaterThan(75);
    delays.sort((p, q) => p - q);
    expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(55);
  });

  it('does not call a rise drift, and ends a finding when the mean rises again', () => {
    expect(
      detectDrift(
        coins('rules', [
          [0.7, 200],
          [0.98, 200],
        ]),
      ),
    ).toEqual([]);
    const findings = detectDrift(
      coins('linear', [
        [0.95, 200],
        [0.4, 100],
        [0.95, 200],
      ]),
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]?.recoveredMs).toBeGreaterThan(1_000_280);
  });

  it('ignores a change too small to matter', () => {
    expect(
      detectDrift(
        coins('a', [
          [0.95, 3000],
          [0.9, 3000],
        ]),
      ),
    ).toEqual([]);
  });

  it('names the cell that fell and goes on from a snapshot', () => {
    const streams = [
      ...coins('rules', [[0.92, 260]]),
      ...coins('linear', [
        [0.9, 190],
        [0.4, 70],
      ]),
    ];
    const half = 300;
    const first = createDriftWatch();
    for (const outcome of streams.slice(0, half)) watchOutcome(first, outcome);
    const stored = JSON.parse(JSON.stringify(snapshotDrift(first))) as ReturnType<
      typeof snapshotDrift
    >;
    const second = createDriftWatch({}, stored);
    for (const outcome of streams.slice(half)) watchOutcome(second, outcome);
    expect(driftFindings(second)).toEqual(detectDrift(streams));
    expect(driftFindings(second).map((one) => one.agentId)).toEqual(['linear']);
  });

  it('sees a graded score fall sooner than a coin would show it', () => {
    const stream = Array.from({ length: 400 }, (_, k) =>
      outcomeOf('a', (k < 300 ? 0.7 : 0.55) + 0.1 * random(), k),
    );
    expect(detectDrift(stream)[0]?.detectedMs).toBeLessThan(1_000_400);
  });
});

describe('trend', () => {
  it('names a direction only when test and size agree', () => {
    const series = (f: (i: number) => number, n = 12) =>
      Array.from({ length: n }, (_, i) => ({ timeMs: i * 86_400_000, value: f(i) }));
    expect(trendOf(series((i) => 0.7 + 0.01 * i)).trend).toBe('improving');
    expect(trendOf(series((i) => 0.9 - 0.01 * i)).trend).toBe('degrading');
    expect(trendOf(series((i) => 0.9 - 0.0001 * i)).trend).toBe('stable');
    expect(trendOf(series((i) => (i % 2 === 0 ? 0.5 : 0.9))).trend).toBe('stable');
    expect(
      trendOf(
        series((i) => 900 - 20 * i),
        { isLowerBetter: true },
      ).trend,
    ).toBe('improving');
    expect(trendOf(series((i) => i, 5))).toMatchObject({ trend: 'stable', pValue: null });
  });
});
