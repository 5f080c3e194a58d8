import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isRetryableStatus,
  nextWaitMs,
  RETRY_BASE_MS,
  RETRY_CAP_MS,
  retryAfterMs,
} from './retry.ts';

describe('nextWaitMs', () => {
  it('stays between the base and the cap, and within three times the last wait', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (last, random01) => {
          const wait = nextWaitMs(last, random01);
          expect(wait).toBeGreaterThanOrEqual(RETRY_BASE_MS);
          expect(wait).toBeLessThanOrEqual(RETRY_CAP_MS);
          expect(wait).toBeLessThanOrEqual(Math.max(RETRY_BASE_MS, last * 3));
        },
      ),
    );
  });
});

describe('retryAfterMs', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['1', 1000],
    ['0', 0],
    [' 2.5 ', 2500],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['86400', 300_000],
    ['soon', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%s -> %s ms', (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected);
  });
});

describe('isRetryableStatus', () => {
  it.each([408, 429, 500, 502, 503, 504])('%d may succeed later', (status) => {
    expect(isRetryableStatus(status)).toBe(true);
  });
  it.each([200, 301, 400, 401, 403, 404, 409, 413, 422])('%d will not', (status) => {
    expect(isRetryableStatus(status)).toBe(false);
  });
});
