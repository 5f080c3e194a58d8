import { describe, expect, it } from 'vitest';
import { readConfig, readScoringConfig, SETTINGS } from './config.ts';

describe('the settings of scoring', () => {
  it('score nothing in the background and let no score count unless told to', () => {
    expect(readConfig({}).scoring).toEqual({
      isBackground: false,
      isBiasCorrected: true,
      isEvidence: false,
      minThreshold: 0.1,
      answerShare: 0.7,
      isSandboxed: false,
      isDebug: false,
      factorsModule: null,
    });
  });

  it('are read from the environment', () => {
    expect(
      readScoringConfig({
        ASSAY_QUALITY_SCORING: 'true',
        ASSAY_QUALITY_BIAS_CORRECTION: '0',
        ASSAY_QUALITY_AS_EVIDENCE: '1',
        ASSAY_QUALITY_MIN_THRESHOLD: '0',
        ASSAY_QUALITY_ANSWER_SHARE: ' 1 ',
        ASSAY_SANDBOX: '1',
        ASSAY_QUALITY_DEBUG: 'yes',
        ASSAY_QUALITY_FACTORS: './factors.mjs',
      }),
    ).toEqual({
      isBackground: true,
      isBiasCorrected: false,
      isEvidence: true,
      minThreshold: 0,
      answerShare: 1,
      isSandboxed: true,
      isDebug: true,
      factorsModule: './factors.mjs',
    });
  });

  it.each([
    ['ASSAY_QUALITY_MIN_THRESHOLD', '1.1'],
    ['ASSAY_QUALITY_MIN_THRESHOLD', '-0.1'],
    ['ASSAY_QUALITY_ANSWER_SHARE', 'most'],
    ['ASSAY_QUALITY_ANSWER_SHARE', 'NaN'],
    ['ASSAY_QUALITY_SCORING', '2'],
  ])('refuse %s=%s by name', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(name);
    expect(SETTINGS.map((one) => one.name)).toContain(name);
  });
});
