import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasIbanChecksum, hasLuhnChecksum } from './checksums.ts';
import { detectFindings, findingsInValue, scrubText } from './detect.ts';

/** Text in a provider's format, made here so that no secret is ever committed. */
function random(length: number, seed: number, alphabet = 'aB3dE5gH7jK9mN1pQ4sT6vW8yZ0x'): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return alphabet[Math.floor(state / 65_536) % alphabet.length] ?? 'a';
  }).join('');
}
const HEX = '0123456789abcdef';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function secrets(seed: number): readonly (readonly [string, string])[] {
  const r = (length: number, alphabet?: string) => random(length, seed, alphabet);
  return [
    ['aws-access-key', `AKIA${r(16, UPPER)}`],
    ['aws-secret-key', `aws_secret_access_key = ${r(40)}`],
    ['github-token', `ghp_${r(36)}`],
    ['github-token', `github_pat_${r(22)}_${r(59)}`],
    ['gitlab-token', `glpat-${r(20)}`],
    ['slack-token', `xoxb-${r(12, '0123456789')}-${r(12, '0123456789')}-${r(24)}`],
    ['openai-key', `sk-proj-${r(74)}T3BlbkFJ${r(74)}`],
    ['anthropic-key', `sk-ant-api03-${r(93)}AA`],
    ['huggingface-token', `hf_${r(34, 'abcdefghijKLMNOP')}`],
    ['stripe-key', `sk_live_${r(24)}`],
    ['sendgrid-key', `SG.${r(22)}.${r(43)}`],
    ['npm-token', `npm_${r(36)}`],
    ['twilio-key', `SK${r(32, HEX)}`],
    ['databricks-token', `dapi${r(32, HEX)}`],
    ['linear-key', `lin_api_${r(40)}`],
    ['pypi-token', `pypi-AgEIcHlwaS5vcmc${r(70)}`],
    ['google-key', `AIza${r(35)}`],
    ['groq-key', `gsk_${r(52)}`],
    ['openrouter-key', `sk-or-v1-${r(64, HEX)}`],
    ['replicate-token', `r8_${r(37)}`],
    ['docker-token', `dckr_pat_${r(27)}`],
    ['telegram-token', `${r(9, '123456789')}:AA${r(33)}`],
    ['basic-auth-url', `postgres://app:${r(12)}@db.internal:5432/app`],
    ['bearer', `Authorization: Bearer ${r(40)}`],
    ['jwt', `eyJ${r(30)}.eyJ${r(60)}.${r(43)}`],
    ['password', `DB_PASSWORD=${r(14)}`],
    ['private-key', `-----BEGIN RSA PRIVATE KEY-----\n${r(400)}\n-----END RSA PRIVATE KEY-----`],
  ];
}

describe('detectFindings', () => {
  it('finds secrets in provider formats, also in the contexts where they leak', () => {
    for (const [rule, secret] of secrets(7)) {
      for (const text of [secret, `export X=${secret} && run`, `KeyError: '${secret}'`]) {
        const found = detectFindings(text).filter(({ type }) => type === 'secret');
        expect([rule, found.length > 0]).toEqual([rule, true]);
      }
    }
  });

  it('sees a secret behind its key, and within text that is JSON again', () => {
    const password = random(14, 3);
    expect(findingsInValue({ config: { password } })).toMatchObject([
      { type: 'secret', path: '$.config.password', start: 0, end: 14 },
    ]);
    const nested = JSON.stringify({ header: `Bearer ${random(40, 5)}` });
    expect(findingsInValue([{ arguments: nested }])).toHaveLength(1);
  });

  it.each([
    ['email', 'write to zoë.o@mail.example.org now', 'zoë.o@mail.example.org'],
    ['card', 'card 4111 1111 1111 1111.', '4111 1111 1111 1111'],
    ['iban', 'pay to DE89 3704 0044 0532 0130 00 today', 'DE89 3704 0044 0532 0130 00'],
    ['iban', 'PAY DE89370400440532013000 NOW', 'DE89370400440532013000'],
    ['ssn', "Here's my SSN: 460-89-9847", '460-89-9847'],
    ['ip-address', 'from 192.168.10.7 at', '192.168.10.7'],
    ['ip-address', 'from 2001:db8::8a2e:370:7334 at', '2001:db8::8a2e:370:7334'],
    ['phone', 'call +44 20 7946 0958 now', '+44 20 7946 0958'],
    ['phone', 'call (555) 010-9999 now', '(555) 010-9999'],
  ])('finds %s', (type, text, found) => {
    expect(detectFindings(text).map((one) => [one.type, text.slice(one.start, one.end)])).toEqual([
      [type, found],
    ]);
  });

  it.each([
    'card 4111 1111 1111 1112 is wrong',
    'version 1.2.3 of 10.400.2.1',
    'sha 3f786850e387550fdab836ed7e6dc881de23001b',
    'password = os.environ["X"]',
    'password: changeme123',
    'at 12:30:45 on 2024-01-02, 1000000 rows',
  ])('leaves %s alone', (text) => {
    expect(detectFindings(text)).toEqual([]);
  });

  it('gives sorted spans without overlaps, and a scrubbed text is clean', () => {
    const pieces = fc.constantFrom(
      'a@b.example',
      '4111111111111111',
      '192.168.1.1',
      'DE89370400440532013000',
      ' and ',
      'x',
      ', ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
        const text = parts.join(' ');
        let end = 0;
        for (const finding of detectFindings(text)) {
          expect(finding.start).toBeGreaterThanOrEqual(end);
          expect(finding.end).toBeGreaterThan(finding.start);
          end = finding.end;
        }
        expect(detectFindings(scrubText(text)).filter(({ type }) => type === 'email')).toEqual([]);
      }),
    );
  });

  it('takes linear time on text made to slow it down', () => {
    const nasty = [
      '1 '.repeat(30_000),
      'a.'.repeat(30_000),
      'Bearer '.repeat(9_000),
      '1:'.repeat(30_000),
      'A1B2 '.repeat(12_000),
      'a@b.cc '.repeat(9_000),
      'token='.repeat(10_000),
      `eyJ${'a'.repeat(60_000)}`,
      'x://'.repeat(15_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(2_000),
    ];
    for (const text of nasty) {
      const before = performance.now();
      detectFindings(text);
      expect([text.slice(0, 10), performance.now() - before < 1_500]).toEqual([
        text.slice(0, 10),
        true,
      ]);
    }
  });
});

describe('checksums', () => {
  it('knows Luhn and modulo 97', () => {
    expect(hasLuhnChecksum('4111111111111111')).toBe(true);
    expect(hasLuhnChecksum('4111111111111112')).toBe(false);
    expect(hasIbanChecksum('GB82 WEST 1234 5698 7654 32')).toBe(true);
    expect(hasIbanChecksum('GB82 WEST 1234 5698 7654 33')).toBe(false);
  });
});

const PII = new URL('../../../../../shared/data/privacy/pii.jsonl', import.meta.url);

describe.skipIf(!existsSync(PII))('recall on labelled sentences (needs the shared data)', () => {
  it('finds most structured identifiers', () => {
    const wanted = new Set([
      'EMAIL_ADDRESS',
      'CREDIT_CARD',
      'US_SSN',
      'IBAN_CODE',
      'IP_ADDRESS',
      'PHONE_NUMBER',
    ]);
    let found = 0;
    let all = 0;
    for (const line of readFileSync(PII, 'utf8').trimEnd().split('\n')) {
      const row = JSON.parse(line) as { text: string; spans: [number, number, string][] };
      const findings = detectFindings(row.text);
      for (const [start, end, type] of row.spans) {
        if (!wanted.has(type)) continue;
        all += 1;
        const covered = findings.reduce(
          (sum, one) => sum + Math.max(0, Math.min(end, one.end) - Math.max(start, one.start)),
          0,
        );
        if (covered * 2 >= end - start) found += 1;
      }
    }
    expect(found / all).toBeGreaterThan(0.9);
  });
});
