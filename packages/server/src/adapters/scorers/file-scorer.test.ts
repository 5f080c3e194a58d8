import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileScorer } from './file-scorer.ts';
import { outcomeOf } from './scorer.ts';

let folder = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-scorer-'));
  file = join(folder, 'my scorer.mjs');
  await writeFile(
    file,
    `export default ({ response, reference }) => response === reference;
     export const words = async ({ response }) => ({
       score: Math.min(1, response.split(' ').length / 4),
       metadata: { choice: 'short', rationale: 'few words' },
     });
     export const broken = () => { throw new Error('no idea'); };
     export const version = 3;`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('a scorer from a file', () => {
  it('is its default export or the one that is named', async () => {
    const input = { query: 'q', response: 'a b', reference: 'a b' };
    const plain = await openFileScorer(file);
    expect((await plain.score(input)).outcome).toMatchObject({ kind: 'scored', score: 1 });
    const words = await openFileScorer(file, 'words');
    expect(await words.score(input)).toEqual({
      outcome: {
        kind: 'scored',
        score: 0.5,
        metric: {
          name: `file:${file}#words`,
          value: 0.5,
          label: 'short',
          explanation: 'few words',
        },
      },
      usage: null,
    });
  });

  it('leaves an item unscored when it throws', async () => {
    const scorer = await openFileScorer(file, 'broken');
    expect((await scorer.score({ query: '', response: '' })).outcome).toEqual({
      kind: 'unscored',
      reason: 'the scorer failed',
      detail: 'no idea',
    });
  });

  it.each(['version', 'nothing', 'toString'])('is not the export "%s"', async (name) => {
    await expect(openFileScorer(file, name)).rejects.toMatchObject({ code: 'scorer.unknown' });
  });

  it('is not a file that is not there', async () => {
    await expect(openFileScorer(join(folder, 'none.mjs'))).rejects.toMatchObject({
      code: 'scorer.unknown',
    });
  });
});

describe('what a scorer gives', () => {
  it.each<[unknown, number | string]>([
    [0.25, 0.25],
    [false, 0],
    [{ score: 1 }, 1],
    [{ name: 'x', score: null }, 'the scorer gave no score'],
    [{ score: 0, error: 'it failed' }, 'the scorer failed'],
    [undefined, 'the scorer gave no score'],
    [[0.5], 'the score is not a number'],
    ['0.5', 'the score is not a number'],
    [Number.NaN, 'the score is not a number'],
    [Number.POSITIVE_INFINITY, 'the score is not within 0..1'],
    [1 + 1e-12, 1],
    [-1e-12, 0],
    [87, 'the score is not within 0..1'],
    [-0.1, 'the score is not within 0..1'],
  ])('%j', (given, expected) => {
    const outcome = outcomeOf('s', given);
    expect(outcome.kind === 'scored' ? outcome.score : outcome.reason).toBe(expected);
  });
});
