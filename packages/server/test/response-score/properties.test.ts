import { type ResponseScore, type ResponseToScore, scoreResponse } from '@assay/loop';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHEATS, QUESTIONS } from './gaming-catalogue.ts';
import { FRANCE, PARIS, score, tools } from './scored-text.ts';

const snippets = [
  ...QUESTIONS.flatMap(({ query, honest, reasoning, foreign }) => [
    query,
    honest,
    reasoning,
    foreign,
  ]),
  ...CHEATS.map(({ response }) => response(QUESTIONS[1] ?? QUESTIONS[0] ?? never()) ?? ''),
  ...[
    '```js\nreturn 1;\n```',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '{"a": [1, 2]}',
    '1. one\n3. three',
    '# head',
    '**bold**',
  ],
  ...[
    '<think>',
    '</think>',
    '<!--',
    '-->',
    '```',
    '~~~',
    '\u200b',
    '\ud800',
    '\u0000',
    '🎉',
    '漢字',
    'שלום',
    '42',
    '$1,234.50',
    '\\boxed{7}',
  ],
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...snippets), { maxLength: 6 }).map((parts) => parts.join(' ')),
  fc.array(fc.constantFrom(...snippets), { maxLength: 6 }).map((parts) => parts.join('\n')),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
);
const input: fc.Arbitrary<ResponseToScore> = fc.record({
  query: text.filter((query) => /\p{L}/u.test(query.replace(/<!--[\s\S]*/g, ''))),
  response: text,
  reasoning: fc.option(text, { nil: null }),
  reference: fc.option(text, { nil: null }),
  priorResponses: fc.array(text, { maxLength: 25 }),
});

function never(): never {
  throw new Error('the catalogue is empty');
}

function numbersOf(result: ResponseScore): (number | null)[] {
  const { answer, composite, gate, reasoning, consistency, factors } = result;
  return [
    answer,
    composite,
    gate,
    reasoning,
    consistency?.score ?? null,
    ...Object.values(factors),
  ];
}

describe('whatever the text', () => {
  test('every number is within 0..1, and none is NaN', () => {
    fc.assert(
      fc.property(input, (given) => {
        const result = scoreResponse(given, tools);
        if (result.kind === 'unscored') return;
        for (const value of numbersOf(result)) {
          if (value === null) continue;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('the answer score is the same with and without reasoning', () => {
    fc.assert(
      fc.property(input, text, (given, reasoning) => {
        const direct = scoreResponse({ ...given, reasoning: null }, tools);
        const reasoned = scoreResponse({ ...given, reasoning }, tools);
        if (direct.kind === 'unscored' || reasoned.kind === 'unscored') return;
        expect(reasoned.answer).toBe(direct.answer);
        expect(reasoned.gate).toBe(direct.gate);
      }),
      { numRuns: 100 },
    );
  });

  test('the same input gives the same score, in any order', () => {
    fc.assert(
      fc.property(fc.array(input, { minLength: 2, maxLength: 4 }), (many) => {
        const once = many.map((given) => scoreResponse(given, tools));
        const again = [...many].reverse().map((given) => scoreResponse(given, tools));
        expect(again.reverse()).toEqual(once);
      }),
      { numRuns: 30 },
    );
  });

  test('right beats wrong', () => {
    fc.assert(
      fc.property(text, text, (padding, other) => {
        const clean = (given: string): string =>
          given.replace(/[<`~]/g, ' ').replace(/zebra/gi, ' ');
        const right = score({
          query: FRANCE,
          response: `zebra. ${clean(padding)}`,
          reference: 'zebra',
        });
        const wrong = score({ query: FRANCE, response: clean(other), reference: 'zebra' });
        expect(right.answer).toBeGreaterThan(wrong.answer);
      }),
      { numRuns: 100 },
    );
  });
});

describe('hostile input', () => {
  const million = 1_000_000;
  test.each([
    ['one letter', 'a'.repeat(million)],
    ['words', 'word salad '.repeat(million / 11)],
    ['new lines', '\n'.repeat(million)],
    ['fences', '```\n'.repeat(million / 4)],
    ['back ticks', '`'.repeat(million)],
    ['open comments', '<!-- '.repeat(million / 5)],
    ['hidden elements', '<p hidden>x</p>'.repeat(million / 15)],
    ['open tags', '<span style='.repeat(million / 12)],
    ['think tags', '<think>'.repeat(million / 7)],
    ['closing think tags', '</think>'.repeat(million / 8)],
    ['table bars', '|'.repeat(million)],
    ['table rows', '|a|b|\n'.repeat(million / 6)],
    ['dashes', '-'.repeat(million)],
    ['numbers', '1,'.repeat(million / 2)],
    ['numbered items', '1. a\n'.repeat(million / 5)],
    ['brackets', '['.repeat(million)],
    ['links', '[a]('.repeat(million / 4)],
    ['stars', '*a'.repeat(million / 2)],
    ['names', 'Aa-'.repeat(million / 3)],
    ['surrogates', '\ud800'.repeat(million)],
    ['zero bytes', '\u0000'.repeat(million)],
    ['emoji', '🎉'.repeat(million / 2)],
    ['Chinese', '漢字'.repeat(million / 2)],
    ['right to left', 'שלום '.repeat(million / 5)],
    ['joiners', '\u200d'.repeat(million)],
    ['combining marks', `a${'\u0301'.repeat(million)}`],
    ['questions', 'is it or '.repeat(million / 9)],
    [
      'sentences in a chain',
      Array.from({ length: 90_000 }, (_, at) => `w${at} w${at + 1}.`)
        .reverse()
        .join(' '),
    ],
    ['answers', 'the answer is '.repeat(million / 14)],
  ])('a megabyte of %s is scored wherever it stands', (_, hostile) => {
    const everywhere = { query: `${FRANCE} ${hostile}`, reasoning: hostile, reference: hostile };
    const { answer, composite } = score({ ...everywhere, response: PARIS });
    for (const value of [answer, composite]) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
    expect(score({ query: FRANCE, response: hostile }).answer).toBeLessThan(
      score({ query: FRANCE, response: PARIS }).answer,
    );
  });
});
