import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Replaces what stands between `<!-- begin name -->` and `<!-- end name -->` of a Markdown file and
 * leaves the rest as it is. A file without the markers gets them at its end.
 */
export function writeMarkedSection(path: string, name: string, body: string): void {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const section = `${begin}\n${body}\n${end}`;
  const from = text.indexOf(begin);
  writeFileSync(
    path,
    from < 0
      ? `${text.trimEnd()}\n\n${section}\n`
      : text.slice(0, from) + section + text.slice(text.indexOf(end) + end.length),
  );
}
