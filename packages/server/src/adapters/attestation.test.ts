import { createHash, generateKeyPairSync } from 'node:crypto';
import { buildScorecard, checkStatement, type Scorecard, statementOf } from '@assay/loop';
import { describe, expect, it } from 'vitest';
import { createSigningKeys, openEnvelope, preAuthEncoding, signStatement } from './attestation.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const SHIPPED = { name: 'agent.tgz', sha256: hash('the bytes') };

function card(score = 1): Scorecard {
  return buildScorecard(
    [
      { id: 'a', score },
      { id: 'b', score: 1 },
    ],
    {
      agentId: 'triage',
      agentVersion: '1.0.0',
      generatedAt: '2026-01-01T00:00:00Z',
      dataset: { reference: 'mail' },
      methodology: 'label against label',
      subject: [SHIPPED],
    },
    hash,
  );
}

function opened(envelope: unknown, publicPem: string): unknown {
  const result = openEnvelope(envelope, publicPem);
  if (result.kind === 'refused') throw new Error(result.reason);
  return result.statement;
}

describe('attestation', () => {
  it('encodes as the specification of DSSE shows', () => {
    expect(
      preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString(),
    ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('verifies what was signed, against the card and the bytes', () => {
    const { privatePem, publicPem } = createSigningKeys();
    const envelope = JSON.parse(
      JSON.stringify(signStatement(statementOf(card(), hash), privatePem)),
    );
    const statement = opened(envelope, publicPem);
    expect(checkStatement(statement, { card: card(), files: [SHIPPED] }, hash)).toEqual([]);
    expect(
      checkStatement(statement, { files: [{ ...SHIPPED, name: 'renamed.tgz' }] }, hash),
    ).toEqual([]);
    const codes = (against: Parameters<typeof checkStatement>[1]) =>
      checkStatement(statement, against, hash).map(({ code }) => code);
    expect(codes({ files: [{ ...SHIPPED, sha256: hash('other bytes') }] })).toEqual([
      'other-bytes',
    ]);
    expect(codes({ card: card(0), files: [] })).toEqual(['other-card']);
    expect(codes({ files: [], mustBeReleased: true })).toEqual(['not-released']);
  });

  it('carries the verdict of the gate', () => {
    const verdict = {
      verdict: 'passed',
      mayRelease: true,
      override: null,
      policy: { alpha: 0.05 },
    } as unknown as Parameters<typeof statementOf>[2];
    const statement = statementOf(card(), hash, verdict);
    expect(checkStatement(statement, { files: [], mustBeReleased: true }, hash)).toEqual([]);
  });

  it('refuses another key, a changed payload, another type, and what is no envelope', () => {
    const mine = createSigningKeys();
    const other = createSigningKeys();
    const envelope = signStatement(statementOf(card(), hash), mine.privatePem);
    const forged = signStatement(statementOf(card(0), hash), other.privatePem);
    const refused = [
      openEnvelope(envelope, other.publicPem),
      openEnvelope({ ...envelope, payload: forged.payload }, mine.publicPem),
      openEnvelope({ ...envelope, payloadType: 'text/plain' }, mine.publicPem),
      openEnvelope({ ...forged, signatures: envelope.signatures }, mine.publicPem),
      openEnvelope({ ...envelope, signatures: [] }, mine.publicPem),
      ...[null, 1, {}, { ...envelope, signatures: [null] }, { ...envelope, payload: 1 }].map(
        (one) => openEnvelope(one, mine.publicPem),
      ),
    ];
    for (const one of refused) expect(one).toMatchObject({ kind: 'refused' });
  });

  it('takes Ed25519 only, and says so', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of [pem, 'no key', '']) {
      expect(() => signStatement(statementOf(card(), hash), text)).toThrow('Ed25519');
    }
  });

  it('has nothing to attest when the card names no bytes', () => {
    expect(() => statementOf({ ...card(), subject: [] }, hash)).toThrow('no shipped file');
    const bad = { name: 'x', sha256: 'zz' };
    expect(() => statementOf({ ...card(), subject: [bad] }, hash)).toThrow('SHA-256');
  });

  it('takes no other statement for one of ours', () => {
    for (const value of [
      null,
      [],
      { ...statementOf(card(), hash), predicateType: 'other' },
      { ...statementOf(card(), hash), subject: [{ name: 'x' }] },
      { ...statementOf(card(), hash), predicate: 'x' },
    ]) {
      expect(checkStatement(value, { files: [] }, hash)).toMatchObject([
        { code: 'not-a-statement' },
      ]);
    }
  });
});
