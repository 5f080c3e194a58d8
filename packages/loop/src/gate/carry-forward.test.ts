import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildScorecard } from './build-scorecard.ts';
import { carryForward } from './carry-forward.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const DECLARED = hash('prompt and tools');

function card(version: string, declaredDigest?: string) {
  return buildScorecard(
    Array.from({ length: 100 }, (_, at) => ({ id: `i${at}`, score: Number(at < 46) })),
    {
      agentId: 'triage',
      agentVersion: version,
      generatedAt: '2026-06-26T00:00:00Z',
      dataset: { reference: 'mail' },
      methodology: 'label against label',
      reproduction: ['assay calibrate mail'],
      ...(declaredDigest === undefined ? {} : { declaredDigest }),
    },
    hash,
  );
}

describe('carryForward', () => {
  it.each([
    ['0.2.5', true],
    ['0.2.10', true],
    ['0.3.0', false],
    ['1.0.0', false],
    ['0.2.3', false],
    ['0.2.4', false],
    ['0.2.5-rc1', false],
    ['v0.2.5', false],
    ['0.2.05', false],
    ['00.2.5', false],
  ])('from 0.2.4 to %s: %s', (version, isCarried) => {
    const carried = carryForward(card('0.2.4', DECLARED), { version, declaredDigest: DECLARED });
    expect(carried.kind).toBe(isCarried ? 'card' : 'refused');
    if (carried.kind !== 'card') return;
    expect(carried.card).toMatchObject({
      agent: { version },
      inheritedFrom: '0.2.4',
      aggregate: { value: 46 },
      recipe: { reproduction: ['assay calibrate mail'] },
    });
  });

  it('names the version that was measured, however often it is carried', () => {
    const first = carryForward(card('0.2.4', DECLARED), {
      version: '0.2.5',
      declaredDigest: DECLARED,
    });
    if (first.kind !== 'card') throw new Error('was carried');
    const second = carryForward(first.card, { version: '0.2.6', declaredDigest: DECLARED });
    expect(second).toMatchObject({ kind: 'card', card: { inheritedFrom: '0.2.4' } });
  });

  it('refuses other bytes, and takes an undeclared card only when told so', () => {
    const other = { version: '0.2.5', declaredDigest: hash('another prompt') };
    expect(carryForward(card('0.2.4', DECLARED), other).kind).toBe('refused');
    expect(carryForward(card('0.2.4', DECLARED), { ...other, declaredDigest: null }).kind).toBe(
      'refused',
    );
    expect(carryForward(card('0.2.4', DECLARED), { ...other, acceptUndeclared: true }).kind).toBe(
      'refused',
    );
    expect(carryForward(card('0.2.4'), other).kind).toBe('refused');
    expect(carryForward(card('0.2.4'), { ...other, acceptUndeclared: true }).kind).toBe('card');
  });
});
