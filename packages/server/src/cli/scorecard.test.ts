import { describe, expect, it } from 'vitest';
import { runGateCommand } from './gate.ts';
import type { ReadText } from './read-scorecard.ts';
import { carryScorecard } from './scorecard-carry-forward.ts';
import { runScorecardCommand, type ScorecardIo } from './scorecard-io.ts';
import { makeScorecard, type ScorecardNewOptions } from './scorecard-new.ts';
import { validateScorecard } from './scorecard-validate.ts';

/** A machine that is a map of files; a file's digest is its text, padded. */
function machine(files: Map<string, string>) {
  const said: string[] = [];
  const asked: string[] = [];
  const readFile: ReadText = async (path) => {
    const text = files.get(path);
    return text === undefined ? { kind: 'absent', reason: 'none' } : { kind: 'text', text };
  };
  const runs = (at: number) => ({ taskId: `t${at}`, taskType: 'mail', quality: at % 4 ? 1 : 0 });
  const io: ScorecardIo = {
    readFile,
    hashFile: async (path) => files.get(path)?.padEnd(64, '0') ?? null,
    writeFile: async (path, text) => void files.set(path, text),
    callServer: async (_connection, _method, path) => {
      asked.push(path);
      const isSecond = path.includes('cursor=');
      const items = Array.from({ length: 20 }, (_, at) => runs(isSecond ? at + 20 : at));
      return { items, nextCursor: isSecond ? null : 'next' } as never;
    },
    now: () => Date.UTC(2026, 0, 1),
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
  };
  const make = (options: Partial<ScorecardNewOptions>) =>
    runScorecardCommand(io, (own) => makeScorecard({ out: 'o', ...options }, own));
  const gate = (scorecard: string) =>
    runGateCommand(
      { scorecard, firstRelease: true },
      {
        ...io,
        openRef: async () => ({ kind: 'unknown', reason: 'none' }),
      },
    );
  return { files, said, asked, io, make, gate };
}

const ITEMS = Array.from(
  { length: 40 },
  (_, at) =>
    `{"id":"i${40 - at}","score":${at % 4 ? 1 : 0},"category":"c${at % 2}","expected":"a","predicted":"b"}`,
).join('\n');

const options = { items: 'r.jsonl', agent: 'triage', version: '1.2.3' };

describe('assay scorecard', () => {
  it('makes three files that a gate reads, and the card recomputes from the items', async () => {
    const { files, make, gate, io, said } = machine(
      new Map([
        ['r.jsonl', ITEMS],
        ['dist/a.tgz', 'ab'],
        ['prompt.md', 'cd'],
        [
          'm.yaml',
          'methodology: exact match\nconfig: {model: x}\ndataset: {reference: d, size: 50}',
        ],
      ]),
    );
    const rest = { meta: 'm.yaml', artifact: ['dist/a.tgz'], declared: ['prompt.md'] };
    expect([await make({ ...options, ...rest, reproduce: ['npm run eval'] }), said]).toEqual([
      0,
      ['triage 1.2.3: 75 of 100, 40 of 40 items run\n'],
    ]);
    const card = JSON.parse(files.get('o/scorecard.json') ?? '');
    expect(card).toMatchObject({
      agent: { id: 'triage', version: '1.2.3' },
      generatedAt: '2026-01-01T00:00:00.000Z',
      recipe: { methodology: 'exact match', dataset: { size: 50 }, reproduction: ['npm run eval'] },
      subject: [{ name: 'a.tgz', sha256: 'ab'.padEnd(64, '0') }],
    });
    expect(card.digests.declared).toMatch(/^[0-9a-f]{64}$/);
    expect(files.get('o/scorecard.items.jsonl')?.split('\n')).toHaveLength(41);
    for (const path of ['o/SCORECARD.md', 'o/scorecard.json']) {
      expect(await gate(path)).toBe(0);
      expect(await runScorecardCommand(io, (own) => validateScorecard(path, own))).toBe(0);
      expect(said.at(-1)).toContain('75 recomputed from 40 items');
    }
  });

  it('takes the runs of a server, page by page', async () => {
    const { make, asked, files } = machine(new Map());
    const source = { server: 'http://127.0.0.1:1', key: 'k', from: '2026-01-01' };
    expect(await make({ ...source, agent: 'a b', version: '1.0.0' })).toBe(0);
    expect(asked).toEqual([
      '/v1/runs?agent=a+b&version=1.0.0&limit=200&from=1767225600000',
      '/v1/runs?agent=a+b&version=1.0.0&limit=200&from=1767225600000&cursor=next',
    ]);
    expect(JSON.parse(files.get('o/scorecard.json') ?? '').results.counts.run).toBe(40);
  });

  it.each<[string, Partial<ScorecardNewOptions>, number]>([
    ['no source', { agent: 'a', version: '1.0.0' }, 2],
    ['two sources', { ...options, server: 'http://x' }, 2],
    ['no agent', { items: 'r.jsonl', version: '1.0.0' }, 2],
    ['a version that no gate reads', { ...options, version: 'v1' }, 2],
    ['no such file', { ...options, items: 'none' }, 2],
    ['no such artefact', { ...options, artifact: ['none'] }, 2],
    ['another format', { ...options, format: 'csv' }, 2],
    ['a description that is mistyped', { ...options, meta: 'bad.yaml' }, 2],
    ['results that are none', { ...options, items: 'bad.jsonl' }, 3],
    ['an id twice', { ...options, items: 'twice.jsonl' }, 3],
    ['nothing scored', { ...options, items: 'none.jsonl' }, 3],
  ])('refuses %s', async (_, given, code) => {
    const { make, files } = machine(
      new Map([
        ['r.jsonl', ITEMS],
        ['bad.yaml', 'metodology: x'],
        ['bad.jsonl', '{"id":1}'],
        ['twice.jsonl', '{"id":"a","score":1}\n{"id":"a","score":0}'],
        ['none.jsonl', '{"id":"a","score":null}'],
      ]),
    );
    expect(await make(given)).toBe(code);
    expect(files.has('o/scorecard.json')).toBe(false);
  });

  it('finds a number that was edited', async () => {
    const { make, files, io, said } = machine(new Map([['r.jsonl', ITEMS]]));
    await make(options);
    const text = files.get('o/SCORECARD.md') ?? '';
    files.set('o/SCORECARD.md', text.replaceAll('value: 75', 'value: 95'));
    expect(await runScorecardCommand(io, (own) => validateScorecard('o/SCORECARD.md', own))).toBe(
      3,
    );
    expect(said.at(-1)).toContain('aggregate says 95');
  });

  it('carries a card to a patch while the files that matter are the same', async () => {
    const { make, files, io } = machine(
      new Map([
        ['r.jsonl', ITEMS],
        ['p', 'cd'],
      ]),
    );
    await make({ ...options, declared: ['p'] });
    const carry = (version: string, declared: readonly string[] = ['p']) =>
      runScorecardCommand(io, (own) =>
        carryScorecard('o/scorecard.json', { version, declared, out: 'n' }, own),
      );
    expect([await carry('1.2.2'), await carry('1.3.0'), await carry('1.2.4', [])]).toEqual([
      3, 3, 3,
    ]);
    expect(await carry('1.2.4')).toBe(0);
    expect(JSON.parse(files.get('n/scorecard.json') ?? '')).toMatchObject({
      agent: { version: '1.2.4' },
      inheritedFrom: '1.2.3',
    });
    expect(files.get('n/scorecard.items.jsonl')).toBe(files.get('o/scorecard.items.jsonl'));
    files.set('p', 'ce');
    expect(await carry('1.2.4')).toBe(3);
  });
});
