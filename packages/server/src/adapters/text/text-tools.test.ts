import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTextTools } from './load-text-tools.ts';

const tools = await loadTextTools();
const lemmasOf = (text: string): string[] => tools.analyse(text).words.map((word) => word.lemma);
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'constructor',
          '__proto__',
          'toString',
          "can't",
          'gonna',
          'cannot',
          'Kubernetes',
          'foo',
        ],
        ...[
          '3d',
          'v2.0',
          'a.b.c',
          'x@y.z',
          'https://a.b',
          '#tag',
          '日本',
          'naïve',
          '😀',
          '\u0000',
          '.',
          '\n',
        ],
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join(' ')),
);

describe('analyser', () => {
  test('takes a sentence apart', () => {
    const { words, sentenceCount } = tools.analyse(
      "The geese felt cold in Paris. They weren't at home by 3.5 o'clock!",
    );
    expect(sentenceCount).toBe(2);
    expect(words.filter((word) => word.kind === 'content').map((word) => word.lemma)).toEqual(
      expect.arrayContaining(['goose', 'feel', 'cold', 'paris', 'home']),
    );
    expect(words.find((word) => word.text === 'paris')).toMatchObject({
      isProper: true,
      sentence: 0,
    });
    expect(words.find((word) => word.text === '3.5')).toMatchObject({
      kind: 'number',
      sentence: 1,
    });
    expect(words.find((word) => word.text === "weren't")).toMatchObject({ kind: 'function' });
  });

  test('ends sentences at list items and blank lines, not at titles', () => {
    expect(tools.analyse('Dr. Smith came.\n\nHe said:\n- one thing\n- another').sentenceCount).toBe(
      4,
    );
  });

  test('knows names that every object has for words', () => {
    expect(lemmasOf('The constructor calls toString and valueOf')).toEqual([
      ...['the', 'constructor', 'call', 'tostring', 'and', 'valueof'],
    ]);
  });

  test('a text is analysed the same whatever came before, and never throws', () => {
    fc.assert(
      fc.property(hostile, hostile, (text, other) => {
        const first = tools.analyse(text);
        tools.analyse(other);
        tools.analyse(`${text}${other}`);
        expect(tools.analyse(text)).toEqual(first);
        for (const word of first.words) {
          expect(word.lemma).toBeTypeOf('string');
          expect(word.sentence).toBeLessThan(first.sentenceCount + 1);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('every word keeps its place after contractions and unknown words', () => {
    const { words } = tools.analyse("She can't have gonna'd the Zorblatts; cannot gimme Berlin");
    expect(words.at(-1)).toMatchObject({ text: 'berlin', lemma: 'berlin', isProper: true });
  });
});

describe('lexicon', () => {
  test('orders words by rarity and caps the unknown', () => {
    const { idf, maxIdf } = tools.lexicon;
    expect(idf('the')).toBe(0);
    expect(idf('water')).toBeLessThan(idf('capital'));
    expect(idf('capital')).toBeLessThan(idf('photosynthesis'));
    expect(idf('qqzxv')).toBe(maxIdf);
    expect(idf('constructor')).toBeLessThanOrEqual(maxIdf);
  });
});

describe('compressed ratio', () => {
  test('is low for repetition and 1 for nothing', () => {
    expect(tools.compressedRatio('')).toBe(1);
    expect(tools.compressedRatio('again and '.repeat(500))).toBeLessThan(0.05);
    expect(tools.compressedRatio('\ud800'.repeat(9))).toBeGreaterThan(0);
  });
});
