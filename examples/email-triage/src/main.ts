import { parseArgs } from 'node:util';
import { print } from './console/progress.ts';
import { runMarkdownStory } from './fallback/markdown-story.ts';
import { connectDesk } from './story/assay-desk.ts';
import type { Desk } from './story/desk.ts';
import { runMailStory } from './story/mail-story.ts';

const USAGE = `Sorts real mail with four agents through an Assay server.

  ASSAY_URL, ASSAY_API_KEY   the server (npm start sets both)
  ASSAY_DEMO_CACHE           where the mail is kept, outside this repository

  --limit N     only the first N mails of the stream
  --markdown    the small story without mail (also used when the mail cannot be installed)
  --json        the summary as JSON on the last line
  --once, --yes accepted; this program always ends after the summary and never asks`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      limit: { type: 'string' },
    },
    strict: false,
  });
  const limit = typeof values.limit === 'string' ? Number.parseInt(values.limit, 10) : Infinity;
  if (!(limit > 0)) throw new Error('--limit takes a whole number above 0');
  return { ...values, limit };
}

async function tellStory(desk: Desk, url: string): Promise<unknown> {
  const options = readOptions();
  if (options.markdown === true) return await runMarkdownStory(desk, options.limit, url);
  const told = await runMailStory(desk, options.limit, url);
  return told ?? (await runMarkdownStory(desk, options.limit, url));
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help === true) {
    print(USAGE);
    return;
  }
  const url = process.env['ASSAY_URL'] ?? 'http://127.0.0.1:7070';
  const apiKey = process.env['ASSAY_API_KEY'];
  if (apiKey === undefined || apiKey === '') {
    throw new Error('ASSAY_API_KEY is not set. `npm start` starts a server and sets it.');
  }
  let told = 0;
  const desk = connectDesk(url, apiKey, (message) => {
    told += 1;
    if (told <= 5) print(`client: ${message}`);
  });
  try {
    const summary = await tellStory(desk, url);
    if (options.json === true) print(JSON.stringify(summary));
  } finally {
    await desk.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
