/** Shown for a value that is not known. Never 0. */
export const UNKNOWN = '–';

/** A whole number with separators. */
export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : value.toLocaleString('en-US');
}

/** A share 0..1 in percent with one decimal. */
export function formatShare(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value)
    ? UNKNOWN
    : `${(value * 100).toFixed(1)} %`;
}

/** A duration in the unit that reads best. Input in ms. */
export function formatMs(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  if (value < 1) return `${value.toFixed(2)} ms`;
  if (value < 1_000) return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  if (value < 120_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${(value / 60_000).toFixed(1)} min`;
}

/** A price in dollars; small ones keep their digits. */
export function formatUsd(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  return `$${value === 0 || value >= 1 ? value.toFixed(2) : value.toPrecision(2)}`;
}

/** A time of day in the reader's zone, with the date when it is not today. */
export function formatTime(value: number | string, nowMs: number): string {
  const time = new Date(value);
  const isToday = time.toDateString() === new Date(nowMs).toDateString();
  return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}

/** An interval in percent: `78.1–91.0 %`. */
export function formatInterval(
  low: number | null | undefined,
  high: number | null | undefined,
): string {
  if (low === null || low === undefined || high === null || high === undefined) return '';
  return `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)} %`;
}

/** The level of an interval, 0..1, in percent without needless digits: `95 %`. */
export function formatLevel(level: number): string {
  return `${Number((level * 100).toFixed(2))} %`;
}
