/** Code units that XML 1.0 cannot hold, or that reorder or hide text for a reader. */
const NOT_SHOWN = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/gu;

/** Makes text safe as content or as a quoted attribute of XML 1.0 and of HTML. */
export function escapeXml(text: string): string {
  return text
    .replace(NOT_SHOWN, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}
