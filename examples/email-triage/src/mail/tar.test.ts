import { describe, expect, it } from 'vitest';
import { isSafePath, readTar } from './tar.ts';

function entry(path: string, content: string, type = '0'): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(type, 156);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

const END = Buffer.alloc(1024);

describe('readTar', () => {
  it('gives regular files and passes over folders and links', () => {
    const archive = Buffer.concat([
      entry('package/', '', '5'),
      entry('package/a.txt', 'first'),
      entry('package/link', '', '2'),
      entry('package/b.txt', 'x'.repeat(700)),
      END,
    ]);
    const files = [...readTar(archive)];
    expect(files.map((file) => [file.path, file.bytes.length])).toEqual([
      ['package/a.txt', 5],
      ['package/b.txt', 700],
    ]);
  });

  it('follows pax and GNU long names', () => {
    const path = `package/${'d'.repeat(120)}.txt`;
    const record = ` path=${path}\n`;
    const pax = `${record.length + 3}${record}`;
    const archive = Buffer.concat([
      entry('pax', pax, 'x'),
      entry('short', 'pax'),
      entry('long', `${path}\0`, 'L'),
      entry('short', 'gnu'),
      entry('plain', 'own name'),
      END,
    ]);
    expect([...readTar(archive)].map((file) => file.path)).toEqual([path, path, 'plain']);
  });

  it('refuses an archive that is cut short', () => {
    const archive = entry('package/a.txt', 'x'.repeat(2000)).subarray(0, 1024);
    expect(() => [...readTar(archive)]).toThrow('cut short');
  });
});

describe('isSafePath', () => {
  it.each(['a', 'a/b.txt', 'data/spam-1/00001.ab.txt'])('takes %s', (path) => {
    expect(isSafePath(path)).toBe(true);
  });

  it.each(['', '/etc/passwd', '../a', 'a/../../b', 'a//b', './a', 'C:/a', 'a\\b', 'a\0b'])(
    'refuses %j',
    (path) => {
      expect(isSafePath(path)).toBe(false);
    },
  );
});
