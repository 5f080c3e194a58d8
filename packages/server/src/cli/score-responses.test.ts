import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { RESPONSE_SCORE_VERSION } from '@assay/loop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEXICON_VERSION } from '../adapters/text/lexicon-version.ts';
import { createProgram } from './program.ts';
import { runScoreCalibrate } from './score-calibrate.ts';
import type { ScoreIo } from './score-io.ts';
import { runScoreResponses, type ScoreOptions } from './score-responses.ts';

let folder = '';
const SCORER = `${RESPONSE_SCORE_VERSION}+${LEXICON_VERSION}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-score-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into lines freely
  readonly lines: any[];
}

function ioOf(input: Readable, over: Partial<ScoreIo> = {}) {
  const told = { out: '', err: '' };
  const io: ScoreIo = {
    env: {},
    open: () => input,
    out: async (text) => {
      told.out += text;
    },
    err: (text) => {
      told.err += text;
    },
    signal: new AbortController().signal,
    isWatched: false,
    ...over,
  };
  return { io, told };
}

async function run(
  lines: readonly (object | string)[],
  options: ScoreOptions = { json: true },
  over: Partial<ScoreIo> = {},
): Promise<Ran> {
  const text = lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  const { io, told } = ioOf(Readable.from([text.join('\n')]), over);
  const code = await runScoreResponses('-', { workers: 2, ...options }, io);
  const parsed = options.json === true ? told.out.trimEnd().split('\n') : [];
  return { code, ...told, lines: parsed.filter(Boolean).map((one) => JSON.parse(one)) };
}

const QUERY = 'How does a heat pump warm a house in winter?';
const ANSWER =
  'A heat pump moves heat from the cold outside air into the house: a refrigerant evaporates outside, is compressed, and gives its heat off inside.';
const item = (id: string, over: object = {}) => ({ id, query: QUERY, response: ANSWER, ...over });

describe('assay score', () => {
  it('prints a line for each line, in order, and goes on after bad ones', async () => {
    const { code, lines, err } = await run([
      item('first'),
      '',
      'not json',
      { id: 'null', query: QUERY, response: null },
      item('long', { response: `${ANSWER} `.repeat(200) }),
      item('thinks', { reasoning: 'The air outside holds heat, which the pump raises.' }),
      [],
      item('last'),
    ]);
    expect(code).toBe(1);
    expect(err).toContain('3 lines are no response');
    expect(
      lines.map(({ line, id, kind, code: fault, path }) => [line, id, kind, fault, path]),
    ).toEqual([
      [1, 'first', 'scored', undefined, undefined],
      [3, undefined, 'error', 'request.not-json', '$'],
      [4, undefined, 'error', 'request.invalid', '$.response'],
      [5, 'long', 'scored', undefined, undefined],
      [6, 'thinks', 'scored', undefined, undefined],
      [7, undefined, 'error', 'request.invalid', '$'],
      [8, 'last', 'scored', undefined, undefined],
    ]);
    const [first, , , , thinks, , last] = lines;
    expect(first).toMatchObject({ scorer: SCORER, reasoning: null, consistency: null });
    expect(Object.keys(first.factors).length).toBeGreaterThan(3);
    expect(first.explanation).toBeUndefined();
    expect(thinks.answer).toBe(first.answer);
    expect(thinks.reasoning).toBeGreaterThanOrEqual(0);
    expect({ ...last, line: 1, id: 'first' }).toEqual(first);
  });

  it('gives 0 when every line got a score, and the same whatever the number of threads', async () => {
    const items = Array.from({ length: 40 }, (_, i) =>
      item(`i${i}`, { response: `${ANSWER} ${i}.` }),
    );
    const [one, many] = [await run(items, { json: true, workers: 1 }), await run(items)];
    expect([one.code, many.code]).toEqual([0, 0]);
    expect(one.out).toBe(many.out);
    expect(one.lines.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expect((await run([], { json: true })).code).toBe(0);
  });

  it('explains with --debug, marks with --threshold, and follows the environment', async () => {
    const debug = await run([item('a')], { json: true, debug: true, threshold: 1 });
    expect(debug.lines[0].explanation.length).toBeGreaterThan(0);
    expect(debug.lines[0].isBelowThreshold).toBe(true);
    const thinks = item('a', { reasoning: 'Blah.' });
    const plain = await run([thinks]);
    const env = { ASSAY_QUALITY_ANSWER_SHARE: '1' };
    const other = await run([thinks], { json: true }, { env });
    expect(other.lines[0].composite).toBe(other.lines[0].answer);
    expect(other.lines[0].scorer).toMatch(new RegExp(`^${SCORER.replace('+', '\\+')}\\+`));
    expect(plain.lines[0].scorer).toBe(SCORER);
    const wrong = { env: { ASSAY_QUALITY_ANSWER_SHARE: '7' } };
    await expect(run([thinks], { json: true }, wrong)).rejects.toMatchObject({
      code: 'config.invalid',
    });
  });

  it('prints a table for people, without what would steer the terminal', async () => {
    const { code, out, err } = await run([item('a\u001b[31m'), item('b', { response: '' }), '{'], {
      workers: 1,
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^id +composite +answer +reasoning +prob\. {2}notes\n/);
    expect(out).toMatch(/\nb +0\.000 +0\.000 +- +- {2}.*empty.*below threshold\n/);
    expect(out).toContain('an uncalibrated heuristic');
    expect(out).toContain('scored 2, unscored 0, below threshold 1');
    expect(err).toContain('line 3: request.not-json');
    expect(out).not.toContain('\u001b');
  });

  it('reads and writes as it goes: a line is answered before the next one is there', async () => {
    let release: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* slowly() {
      yield `${JSON.stringify(item('first'))}\n`;
      await answered;
      yield `${JSON.stringify(item('second'))}\n`;
    }
    const seen: string[] = [];
    const { io } = ioOf(Readable.from(slowly()), {
      out: async (text) => {
        seen.push(JSON.parse(text).id);
        release();
      },
    });
    expect(await runScoreResponses('-', { json: true, workers: 1 }, io)).toBe(0);
    expect(seen).toEqual(['first', 'second']);
  });

  it('keeps no more than a few lines in memory while its reader is slow', async () => {
    let made = 0;
    async function* endless() {
      for (; made < 5_000; made++) yield `${JSON.stringify(item(`i${made}`))}\n`;
    }
    let written = 0;
    let furthest = 0;
    const { io } = ioOf(Readable.from(endless(), { highWaterMark: 1 }), {
      out: async () => {
        written += 1;
        furthest = Math.max(furthest, made - written);
        if (written < 30) await new Promise((resolve) => setImmediate(resolve));
        if (written === 60) controller.abort(new Error('enough'));
      },
    });
    const controller = new AbortController();
    const stoppable = { ...io, signal: controller.signal };
    expect(await runScoreResponses('-', { json: true, workers: 1 }, stoppable)).toBe(130);
    expect(made).toBeLessThan(150);
    expect(furthest).toBeLessThan(60);
  });

  it('tells a line that is too long, and goes on', async () => {
    const { code, lines } = await run([item('a', { response: 'x'.repeat(16_000_001) }), item('b')]);
    expect(code).toBe(1);
    expect(lines.map((one) => one.code ?? one.id)).toEqual(['request.too-large', 'b']);
  });

  it('says which file is missing', async () => {
    const { io } = ioOf(Readable.from([]));
    const { createReadStream } = await import('node:fs');
    const missing = { ...io, open: createReadStream as unknown as ScoreIo['open'] };
    await expect(runScoreResponses('/no/such/file', { json: true }, missing)).rejects.toMatchObject(
      {
        code: 'import.unreadable',
      },
    );
  });

  it('leaves the options of the commands below it to them', async () => {
    const seen: unknown[] = [];
    const program = await createProgram();
    const score = program.commands.find((one) => one.name() === 'score');
    for (const command of [score, ...(score?.commands ?? [])]) {
      command?.action((...given: unknown[]) => void seen.push([command.name(), given.at(-2)]));
    }
    await program.parseAsync(['node', 'assay', 'score', 'calibrate', 'x', '--json']);
    expect(seen).toEqual([['calibrate', { json: true }]]);
  });
});

describe('assay score calibrate', () => {
  /** Labels whose truth follows the score. */
  const labels = (n: number, over: object = {}) =>
    Array.from({ length: n }, (_, i) => ({
      score: (i % 50) / 50,
      label: i % 50 > 24 ? 1 : 0,
      group: `g${i % 50}`,
      ...over,
    }));

  async function calibrate(lines: readonly (object | string)[], options: object = {}) {
    const text = lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    const { io, told } = ioOf(Readable.from([text.join('\n')]));
    const code = await runScoreCalibrate('-', { workers: 2, ...options }, io);
    return { code, ...told };
  }

  it('says how many labels are missing', async () => {
    const { code, out } = await calibrate(labels(120));
    expect(code).toBe(1);
    expect(out).toBe('120 labels\n(no task type): uncalibrated: needs 80 more labels (has 120)\n');
    expect((await calibrate([])).out).toBe('no labels\n');
  });

  it('prints the held-out agreement with its interval and writes a file that score reads', async () => {
    const file = join(folder, 'calibration.json');
    const all = [...labels(250), ...labels(210, { taskType: 'explain' })];
    const { code, out } = await calibrate(all, { out: file });
    expect(code).toBe(0);
    expect(out).toMatch(/explain: logistic on 210 labels; ranks pairs .* right [01]\.\d{3} \[/);
    expect(out).toMatch(/0\.5 is chance/);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      kind: 'assay-score-calibrations',
      items: [{ taskType: '' }, { taskType: 'explain', calibration: { kind: 'calibrated' } }],
    });
    const items = [
      item('typed', { taskType: 'explain' }),
      item('untyped'),
      item('x', { taskType: 'x' }),
    ];
    const { lines } = await run(items, { json: true, calibration: file });
    expect(lines.map(({ trust }) => trust)).toEqual([
      'calibrated',
      'calibrated',
      'uncalibrated-heuristic',
    ]);
    expect(lines[0].probability.value).toBeGreaterThan(0);
    const table = await run(items.slice(0, 2), { calibration: file });
    expect(table.out).toContain(`${SCORER}, calibrated\n`);
  });

  it('scores responses itself, tells bad lines, and refuses files for other scores', async () => {
    const lines = [
      { label: 1, query: QUERY, response: ANSWER },
      { label: 2, score: 0.5 },
      { label: 1 },
    ];
    const { code, out, err } = await calibrate(lines, { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(out).items).toMatchObject([{ calibration: { n: 1, needed: 200 } }]);
    expect(err).toMatch(/line 2: request\.invalid/);
    expect(err).toMatch(/line 3: request\.invalid/);

    const file = join(folder, 'other.json');
    const items = [{ taskType: '', calibration: JSON.parse(out).items[0].calibration }];
    await writeFile(file, JSON.stringify({ kind: 'assay-score-calibrations', items }));
    const use = (path: string) => run([item('a')], { json: true, calibration: path });
    await expect(use(file)).rejects.toMatchObject({ code: 'score.not-calibrated' });
    await writeFile(file, '{"kind":"assay-score-calibrations","items":[{"taskType":1}]}');
    await expect(use(file)).rejects.toMatchObject({ code: 'request.invalid' });
    await writeFile(file, 'none');
    await expect(use(file)).rejects.toMatchObject({ code: 'import.unreadable' });
  });
});
