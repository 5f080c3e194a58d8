import { HtmlRenderer, Parser } from 'commonmark';
import MarkdownIt from 'markdown-it';
import { marked } from 'marked';
import showdown from 'showdown';

/** An agent that turns Markdown into HTML. */
export interface MarkdownAgent {
  readonly agentId: string;
  readonly render: (markdown: string) => string;
}

/** Four well-known renderers as agents; the first two follow the specification to the letter. */
export function markdownAgents(): MarkdownAgent[] {
  const parser = new Parser();
  const renderer = new HtmlRenderer();
  const markdownIt = new MarkdownIt('commonmark');
  const converter = new showdown.Converter();
  return [
    { agentId: 'commonmark', render: (text) => renderer.render(parser.parse(text)) },
    { agentId: 'markdown-it', render: (text) => markdownIt.render(text) },
    {
      agentId: 'marked',
      render: (text) => marked.parse(text, { gfm: false, async: false }),
    },
    { agentId: 'showdown', render: (text) => converter.makeHtml(text) },
  ];
}

/** HTML without the differences that do not count: self-closing slashes, space between tags, quotes. */
export function comparableHtml(html: string): string {
  return html
    .replace(/\s*\/>/g, '>')
    .replace(/>\s+</g, '><')
    .replace(/&quot;|&#34;/g, '"')
    .replace(/&#39;/g, "'")
    .trim();
}
