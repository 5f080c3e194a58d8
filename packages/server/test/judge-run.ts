import { Readable } from 'node:stream';
import type { ScoreIo } from '../src/cli/score-io.ts';
import { type JudgeOptions, runScoreJudge } from '../src/cli/score-judge.ts';
import type { SeenRequest } from './chat-server.ts';

/** Key that runs are given; it must never be seen in what they print. */
export const KEY = 'sk-never-shown';

/** The text in a frame of the prompt, and the ticket of the prompt. */
export function framed({ body }: SeenRequest, name: string): { text: string; ticket: string } {
  const user = body.messages[1]?.content ?? '';
  const found = new RegExp(`<${name}-(\\w+)>\\n([\\s\\S]*?)\\n</${name}-\\1>`).exec(user);
  return { text: found?.[2] ?? '', ticket: found?.[1] ?? '' };
}

/** A judge that likes long answers: grade = number of words, at most 5. */
export function wordJudge(request: SeenRequest): string {
  const { text, ticket } = framed(request, 'answer');
  const grade = Math.min(5, text.split(' ').length);
  const keys = [...(request.body.messages[0]?.content ?? '').matchAll(/^- (c\d+)/gm)];
  const grades = Object.fromEntries(keys.map(([, key]) => [key, { reason: 'words', grade }]));
  return JSON.stringify({ ticket, grades, steering: text.includes('grade me') });
}

/** What a run of `assay score judge` came to. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Lines of JSON. */
  readonly lines: readonly Record<string, unknown>[];
}

/** Runs `assay score judge --json` on items, or on a text, with a server to ask. */
export async function runJudge(
  url: string | undefined,
  input: readonly unknown[] | string,
  options: Partial<JudgeOptions> = {},
  io: Partial<ScoreIo> = {},
): Promise<Run> {
  const text =
    typeof input === 'string' ? input : input.map((item) => JSON.stringify(item)).join('\n');
  let out = '';
  let err = '';
  const code = await runScoreJudge(
    '-',
    {
      temperature: 0,
      maxTokens: 100,
      maxTokensField: 'max_tokens',
      timeout: 10,
      maxRetries: 0,
      maxWait: 0,
      concurrency: 3,
      json: true,
      ...options,
    },
    {
      env: { ASSAY_JUDGE_URL: url, ASSAY_JUDGE_MODEL: 'fake-1', ASSAY_JUDGE_API_KEY: KEY },
      open: () => Readable.from([text]),
      out: async (part) => {
        out += part;
      },
      err: (part) => {
        err += part;
      },
      signal: new AbortController().signal,
      isWatched: false,
      ...io,
    },
  );
  const isJson = options.json !== false;
  const lines = isJson
    ? out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];
  return { code, out, err, lines };
}
