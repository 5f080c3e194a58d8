import { createHash } from 'node:crypto';
import { buildScorecard, scorecardJson } from '@assay/loop';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSigningKeys } from '../adapters/attestation.ts';
import { attestScorecard } from './scorecard-attest.ts';
import { runScorecardCommand, type ScorecardIo } from './scorecard-io.ts';
import { publishToHub } from './scorecard-publish.ts';
import { verifyScorecard } from './scorecard-verify.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const keys = createSigningKeys();

function card(version: string, bytes: string | null): string {
  return scorecardJson(
    buildScorecard(
      Array.from({ length: 40 }, (_, at) => ({ id: `i${at}`, score: Number(at < 30) })),
      {
        agentId: 'triage',
        agentVersion: version,
        generatedAt: '2026-01-01T00:00:00Z',
        dataset: { reference: 'mail' },
        methodology: 'label against label',
        ...(bytes === null ? {} : { subject: [{ name: 'a.tgz', sha256: hash(bytes) }] }),
      },
      hash,
    ),
  );
}

function machine() {
  const files = new Map([
    ['c.json', card('1.0.0', 'bytes')],
    ['other.json', card('1.0.1', 'bytes')],
    ['bare.json', card('1.0.0', null)],
    ['k', keys.privatePem],
    ['p', keys.publicPem],
    ['p2', createSigningKeys().publicPem],
    ['a.tgz', 'bytes'],
    ['changed.tgz', 'other bytes'],
  ]);
  const said: string[] = [];
  const sent: { path: string; text: string }[] = [];
  let answer: unknown = { status: 'published', eval_scorecard_url: '/v1/hub/x' };
  const io: ScorecardIo = {
    readFile: async (path) => {
      const text = files.get(path);
      return text === undefined ? { kind: 'absent', reason: 'none' } : { kind: 'text', text };
    },
    hashFile: async (path) => {
      const text = files.get(path);
      return text === undefined ? null : hash(text);
    },
    writeFile: async (path, text) => void files.set(path, text),
    callServer: async (_connection, _method, path, body) => {
      sent.push({ path, text: body?.text ?? '' });
      if (answer instanceof Error) throw answer;
      return answer as never;
    },
    now: () => 0,
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
  };
  const run = (command: (io: ScorecardIo) => Promise<void>) => runScorecardCommand(io, command);
  const answerWith = (value: unknown): void => {
    answer = value;
  };
  return { files, said, sent, io, run, answerWith };
}

describe('assay scorecard attest and verify', () => {
  it('signs what was measured, and verifies the card and the bytes that ship', async () => {
    const { files, run, said } = machine();
    expect(await run((io) => attestScorecard('c.json', { key: 'k', out: 'e' }, io))).toBe(0);
    expect(files.get('e')).toContain('application/vnd.in-toto+json');
    const verify = (options: Parameters<typeof verifyScorecard>[1]) =>
      run((io) => verifyScorecard('e', { key: 'p', ...options }, io));
    expect(await verify({ card: 'c.json', artifact: ['a.tgz'] })).toBe(0);
    expect(said.at(-1)).toContain('triage 1.0.0, a.tgz');
    expect(await verify({ artifact: ['changed.tgz'] })).toBe(3);
    expect(said.at(-1)).toContain('not among the attested files');
    expect(await verify({ card: 'other.json' })).toBe(3);
    expect(await verify({ key: 'p2', artifact: ['a.tgz'] })).toBe(3);
    expect(await verify({ artifact: ['a.tgz'], released: true })).toBe(3);
    expect(await verify({})).toBe(2);
    expect(await verify({ key: 'k2', artifact: ['a.tgz'] })).toBe(2);
    files.set('e', '{');
    expect(await verify({ artifact: ['a.tgz'] })).toBe(3);
  });

  it('has nothing to sign without bytes, and no use for a key that is none', async () => {
    const { run } = machine();
    expect(await run((io) => attestScorecard('bare.json', { key: 'k' }, io))).toBe(3);
    expect(await run((io) => attestScorecard('c.json', { key: 'a.tgz' }, io))).toBe(2);
    expect(await run((io) => attestScorecard('c.json', {}, io))).toBe(2);
    expect(await run((io) => attestScorecard('c.json', { key: 'k', gate: 'c.json' }, io))).toBe(2);
  });
});

describe('assay scorecard publish', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('sends the card, and tells when the version is taken', async () => {
    vi.stubEnv('ASSAY_API_KEY', 'assay_x_y');
    const { run, sent, said, answerWith } = machine();
    expect(await run((io) => publishToHub('c.json', {}, io))).toBe(0);
    expect(sent[0]?.path).toBe('/v1/hub/agents');
    expect(JSON.parse(sent[0]?.text ?? '{}').card.agent.version).toBe('1.0.0');
    answerWith({ code: 'scorecard.invalid', detail: 'not a card' });
    expect(await run((io) => publishToHub('c.json', {}, io))).toBe(3);
    answerWith(new Error('409 {"code":"scorecard.published"}'));
    expect(await run((io) => publishToHub('c.json', {}, io))).toBe(3);
    expect(said.at(-1)).toContain('scorecard.published');
    answerWith(new Error('no server answers'));
    expect(await run((io) => publishToHub('c.json', {}, io))).toBe(70);
  });
});
