import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOfMail } from './kind-of-mail.ts';
import { parseMail, sameTextKey } from './parse.ts';

const DATE = 'Date: Thu, 22 Aug 2002 12:36:23 +0100';

function mail(headers: readonly string[], body: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${headers.join('\n')}\n\n`), Buffer.from(body)]);
}

describe('parseMail', () => {
  it('drops the mbox line, unfolds headers and reads the date as UTC', () => {
    const parsed = parseMail(
      mail(['From a@example.org Thu Aug 22', 'Subject: one', '\ttwo', DATE], 'Hello'),
    );
    expect(parsed).toMatchObject({
      subject: 'one two',
      body: 'Hello',
      contentType: 'text/plain',
      hasHtml: false,
      attachments: 0,
      isReply: false,
      dateMs: Date.UTC(2002, 7, 22, 11, 36, 23),
    });
  });

  it('decodes quoted-printable in its charset', () => {
    const headers = [
      'Content-Type: text/plain; charset="iso-8859-1"',
      'Content-Transfer-Encoding: quoted-printable',
    ];
    expect(parseMail(mail(headers, 'caf=E9 and a soft=\nbreak')).body).toBe('café and a softbreak');
  });

  it('decodes base64 and strips HTML', () => {
    const html = '<style>p{}</style><p>Buy &amp; win<!-- no --> &#8364;5</p><script>x()</script>';
    const headers = ['Content-Type: text/html; charset=utf-8', 'Content-Transfer-Encoding: base64'];
    const parsed = parseMail(mail(headers, Buffer.from(html).toString('base64')));
    expect(parsed.body.replace(/\s+/g, ' ').trim()).toBe('Buy & win €5');
    expect(parsed.hasHtml).toBe(true);
  });

  it('reads the text parts of a multipart mail and only counts attachments', () => {
    const body = [
      'preamble',
      '--b1',
      'Content-Type: text/plain',
      '',
      'plain part',
      '--b1',
      'Content-Type: text/html',
      '',
      '<b>html part</b>',
      '--b1',
      'Content-Type: application/octet-stream; name="run.exe"',
      'Content-Transfer-Encoding: base64',
      '',
      'TVqQ',
      '--b1--',
      'epilogue',
    ].join('\n');
    const parsed = parseMail(mail(['Content-Type: multipart/mixed; boundary="b1"'], body));
    expect(parsed.attachments).toBe(1);
    expect(parsed.hasHtml).toBe(true);
    expect(parsed.body).toContain('plain part');
    expect(parsed.body).toContain('html part');
    expect(parsed.body).not.toMatch(/preamble|epilogue|TVqQ/);
  });

  it('reads encoded words in the subject', () => {
    const headers = ['Subject: =?iso-8859-1?Q?caf=E9_?= =?utf-8?B?4oKs?='];
    expect(parseMail(mail(headers, '')).subject).toBe('café €');
  });

  it.each(['Date: 22 Aug 0102 10:00:00 GMT', 'Date: nonsense', 'X-None: 1'])(
    'has no date for %s',
    (header) => {
      expect(parseMail(mail([header], 'x')).dateMs).toBeNull();
    },
  );

  it('never throws on any bytes', async () => {
    await fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(typeof parseMail(bytes).body).toBe('string');
      }),
      { numRuns: 300 },
    );
  });

  it('never throws on broken multipart mail', async () => {
    const pieces = fc.array(
      fc.constantFrom('--b', '--b--', '\n', 'Content-Type: multipart/mixed; boundary=b', 'x', ':'),
    );
    await fc.assert(
      fc.property(pieces, (lines) => {
        const bytes = mail(['Content-Type: multipart/mixed; boundary=b'], lines.join('\n'));
        expect(typeof parseMail(bytes).body).toBe('string');
      }),
    );
  });
});

describe('sameTextKey', () => {
  it('ignores white space', () => {
    expect(sameTextKey(' a\r\n b ')).toBe(sameTextKey('a b'));
  });
});

describe('kindOfMail', () => {
  it.each([
    ['multipart/mixed', true, 'x', 'multipart'],
    ['text/html', true, 'x', 'html'],
    ['text/plain', true, 'x', 'plain-reply'],
    ['text/plain', false, 'x'.repeat(799), 'plain-short'],
    ['text/plain', false, 'x'.repeat(800), 'plain-long'],
  ])('first match wins: %s, reply %s', (contentType, isReply, body, kind) => {
    expect(kindOfMail({ contentType, isReply, body })).toBe(kind);
  });
});
