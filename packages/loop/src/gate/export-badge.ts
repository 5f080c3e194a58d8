import { escapeXml } from './escape-xml.ts';
import type { Scorecard } from './scorecard.ts';

/** Width of a character in the badge, px: an average of Verdana at 11 px. */
const CHARACTER_PX = 7;
const PADDING_PX = 10;

/**
 * A badge with the aggregate, its n, and the interval when the card has one metric. Its colour says
 * nothing: whether a score is good is for a policy to say.
 * @param label text on the left; the name of the aggregate when absent
 */
export function scorecardBadge(card: Scorecard, label: string = card.aggregate.name): string {
  const value = badgeValue(card);
  const left = widthOf(label);
  const width = left + widthOf(value);
  const title = escapeXml(`${label}: ${value}`);
  const text = (x: number, content: string): string =>
    `<text x="${x}" y="14" fill="#fff" text-anchor="middle">${escapeXml(content)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<rect width="${left}" height="20" fill="#444"/>`,
    `<rect x="${left}" width="${width - left}" height="20" fill="#1f5f8b"/>`,
    '<g font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
    text(left / 2, label),
    text(left + (width - left) / 2, value),
    '</g></svg>',
    '',
  ].join('\n');
}

function badgeValue({ aggregate, results }: Scorecard): string {
  const counting = results.metrics.filter((metric) => metric.weight > 0);
  const [only] = counting;
  const n = `n ${results.counts.run}`;
  if (only === undefined || counting.length > 1) return `${aggregate.value} (${n})`;
  const { low, high } = only.interval;
  return `${aggregate.value} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}] (${n})`;
}

function widthOf(text: string): number {
  return Math.round([...text].length * CHARACTER_PX + 2 * PADDING_PX);
}
