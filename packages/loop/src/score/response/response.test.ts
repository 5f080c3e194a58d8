import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChatMessage } from '../chat-message.ts';
import { readConstraints } from './constraints.ts';
import { correctnessAgainst } from './correctness.ts';
import { readAskedType, readExpectedForm } from './expected-form.ts';
import { findFences } from './fences.ts';
import { finalClaim, numbersIn } from './final-claim.ts';
import { detectLanguage } from './language.ts';
import { isConsecutive, readLayout } from './layout.ts';
import { splitReasoning } from './think-tags.ts';
import { visibleText } from './visible-text.ts';
import { ramp, repeatedShare, splitPlainWords, wordRuns } from './words.ts';

describe('think tags', () => {
  test.each([
    ['<think>why</think>answer', 'answer', 'why', false],
    ['<thinking>\nwhy\n</thinking>\n\nanswer', 'answer', 'why', false],
    ['<reasoning>a</reasoning>one <reasoning>b</reasoning>two', 'one two', 'a\n\nb', false],
    ['why</think>answer', 'answer', 'why', false],
    ['<think>why, and no end', '', 'why, and no end', true],
    ['answer <think>afterthought', 'answer', 'afterthought', true],
    ['<think>a<think>b</think>c</think>answer', 'answer', 'a\n\nb\n\nc', false],
    ['```html\n<think>no tag</think>\n```', '```html\n<think>no tag</think>\n```', null, false],
    ['no tag, 1 < 2', 'no tag, 1 < 2', null, false],
    ['<think></think>answer', 'answer', null, false],
  ])('%j', (response, answer, reasoning, isUnclosed) => {
    expect(splitReasoning(response)).toEqual({ answer, reasoning, isUnclosed });
  });

  test('reasoning that came apart goes first', () => {
    expect(splitReasoning('<think>b</think>c', 'a')).toMatchObject({
      answer: 'c',
      reasoning: 'a\n\nb',
    });
    expect(splitReasoning('c', '  ').reasoning).toBeNull();
  });

  test('text around any reasoning is the answer', () => {
    const plain = fc.string({ unit: 'grapheme' }).filter((text) => !/[<`~]/.test(text));
    fc.assert(
      fc.property(plain, plain, (thought, answer) => {
        expect(splitReasoning(`<think>${thought}</think>${answer}`).answer).toBe(answer.trim());
      }),
    );
  });
});

describe('chat messages', () => {
  test.each([
    [{ content: 'a', reasoning_content: 'r' }, 'a', 'r'],
    [{ content: 'a', reasoning: 'r' }, 'a', 'r'],
    [
      {
        content: [
          { type: 'thinking', thinking: 'r' },
          { type: 'text', text: 'a' },
        ],
      },
      'a',
      'r',
    ],
    [
      {
        content: [
          { type: 'output_text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      'ab',
      null,
    ],
    [{ content: null, tool_calls: [{}] }, null, null],
    [{ content: '', reasoning: null }, '', null],
    [{}, null, null],
  ])('%j', (message, response, reasoning) => {
    expect(readChatMessage(message)).toEqual({ response, reasoning });
  });
});

describe('visible text', () => {
  test.each([
    ['a<!-- hidden words -->b', 'ab', 2],
    ['a<!-- never closed words', 'a', 3],
    ['```\n<!-- code -->\n```', '```\n<!-- code -->\n```', 0],
    ['a<div style="display: none">three hidden words</div>b', 'ab', 3],
    ['[//]: # (a hidden note)\nshown', 'shown', 3],
    ['Par\u200bis', 'Paris', 1],
    ['a\u202eb', 'ab', 1],
    ['\u2067שלום\u2069', 'שלום', 0],
    ['Donau\u00adschiff', 'Donauschiff', 0],
    ['\ufeffstart', 'start', 0],
    ['می\u200cخواهم', 'می\u200cخواهم', 0],
    ['a\u0000b\r\nc\ud800', 'ab\nc', 0],
    ['1 < 2 and <b>bold</b>', '1 < 2 and <b>bold</b>', 0],
  ])('%j', (raw, text, hiddenPieces) => {
    expect(visibleText(raw, 1_000)).toEqual({ text, hiddenPieces, isCut: false });
  });

  test('is cut at its start or at both ends, never inside a character', () => {
    expect(visibleText('🎉'.repeat(9), 5)).toMatchObject({ text: '🎉🎉', isCut: true });
    expect(visibleText(`start ${'x'.repeat(99)} end`, 12, true).text).toMatch(
      /^start [\s\S]* end$/,
    );
  });
});

describe('layout', () => {
  test('reads marks and keeps words', () => {
    const layout = readLayout(
      '# Head\n\n1. **one**\n2. [two](http://x)\n\n- three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nlet x;\n```\nend_of `it`',
    );
    expect(layout).toMatchObject({ headings: 1, bolds: 1, bullets: 1, numbers: [1, 2] });
    expect(layout.tables).toEqual([{ rows: 2, isRegular: true }]);
    expect(layout.fences).toMatchObject([{ language: 'js', code: 'let x;\n', isClosed: true }]);
    for (const word of ['Head', 'one', 'two', 'three', 'end_of', 'it'])
      expect(layout.prose).toContain(word);
    expect(layout.prose).not.toMatch(/[*#`]|http|let x/);
  });

  test('numbers count up, each list from its start', () => {
    expect([[1, 2, 3], [1, 2, 1, 2], [], [4, 5]].map(isConsecutive)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(
      [
        [1, 3],
        [2, 1, 3],
      ].map(isConsecutive),
    ).toEqual([false, false]);
  });

  test('code without fences is code, prose with signs is not', () => {
    const isCode = (text: string, expected = false): boolean =>
      readLayout(text, expected).fences.length > 0;
    expect(isCode("const reverse = (s) => [...s].reverse().join('');")).toBe(true);
    expect(isCode('def add(a, b):\n    return a + b')).toBe(true);
    expect(isCode('s[::-1]')).toBe(false);
    expect(isCode('s[::-1]', true)).toBe(true);
    expect(isCode('<div class="box">\n  <p>Hello</p>\n</div>')).toBe(true);
    expect(isCode('x = 5')).toBe(false);
    expect(isCode('<nooutput>')).toBe(false);
    expect(isCode('Import the data from the file; then return the total.')).toBe(false);
  });

  test('fences nest by length and may stay open', () => {
    expect(findFences('````\n```\nx\n```\n````')).toMatchObject([
      { code: '```\nx\n```\n', isClosed: true },
    ]);
    expect(findFences('a\n~~~py\nx')).toMatchObject([
      { language: 'py', code: 'x', isClosed: false },
    ]);
  });
});

describe('language', () => {
  test.each([
    ['The harbour was dredged in spring so that ferries can land.', 'en'],
    ['Der Hafen ist im Frühjahr vertieft worden, und die Fähren legen an.', 'de'],
    ['Le port a été creusé pour que les ferries puissent y entrer.', 'fr'],
    ['El puerto es profundo y los barcos entran por la mañana.', 'es'],
    ['Il porto è profondo e le navi entrano con la marea.', 'it'],
    ['O porto é fundo e os barcos não entram com uma maré baixa.', 'pt'],
    ['De haven is diep en de schepen varen er met het tij in.', 'nl'],
    ['港は深い。船は朝に入る。', 'ja'],
    ['港口很深，船早上进来。', 'zh'],
    ['항구는 깊다.', 'ko'],
    ['Гавань глубокая.', 'ru'],
    ['Limanın derinliği gemiler için yeterli değil, çünkü su çekildi', 'mul'],
    ['Paris', 'und'],
    ['42', 'und'],
    ['', 'und'],
    ['Write a function that reverses a string', 'en'],
    ['method algorithm framework analysis strategy', 'und'],
  ])('%s', (text, language) => expect(detectLanguage(text)).toBe(language));
});

describe('what is asked for', () => {
  test.each([
    ['Return the result as JSON.', 'json'],
    ['Compare the two in a table.', 'table'],
    ['Write a Python function that adds two numbers.', 'code'],
    ['Explain step by step how to bake bread.', 'steps'],
    ['Name three rivers of Asia.', 'list'],
    ['Give me a list of the planets.', 'list'],
    ['Who painted Guernica?', 'short'],
    ['Explain the water cycle.', 'prose'],
    ['Explain what this function does and why the code is slow.', 'prose'],
    ['Describe the table in the dining room.', 'prose'],
  ])('%s: %s', (query, form) => expect(readExpectedForm(query)).toBe(form));

  test.each([
    ['How many legs has a spider?', 'number'],
    ['What is 6 times 7?', 'number'],
    ['Is the sun a star?', 'yes-no'],
    ['Can you explain tides?', 'open'],
    ['Which is larger, the sun or the moon?', 'choice'],
    ['Who wrote Hamlet?', 'name'],
    ['What is the largest planet?', 'thing'],
    ['Why is the sky blue?', 'open'],
  ])('%s: %s', (query, asked) => expect(readAskedType(query)).toBe(asked));

  test.each([
    ['Answer in under 100 words.', { maxWords: 100 }],
    ['Use no more than ten words, please.', { maxWords: 10 }],
    ['Write at least 50 words.', { minWords: 50 }],
    ['Answer in one word.', { minWords: 1, maxWords: 1 }],
    ['Write about cats in 200 words.', {}],
    ['Reply with exactly three bullet points.', { items: 3 }],
    ['Explain it in two sentences.', { sentences: 2 }],
    ['Please answer in French.', { language: 'fr' }],
    ['Translate "good morning" into Spanish.', { language: 'es' }],
    ['Explain the articles of German.', {}],
    ['I moved to French Guiana. What should I see?', {}],
    ['Describe tides and mention the word "moon".', { mustInclude: ['moon'] }],
  ])('%s', (query, constraints) => expect(readConstraints(query, null)).toEqual(constraints));

  test('what the task says outranks what its query says', () => {
    expect(readConstraints('In under 100 words.', { maxWords: 50 })).toEqual({ maxWords: 50 });
  });
});

describe('final claims', () => {
  test.each([
    ['So 3 + 4 = 7. The answer is 7.', { number: 7, isNumberMarked: true }],
    ['We get \\boxed{1,234.5} apples out of 9', { number: 1234.5, isNumberMarked: true }],
    ['#### -3', { number: -3, isNumberMarked: true }],
    ['It takes 5 hours and 20 minutes', { number: 20, isNumberMarked: false }],
    ['The answer is (C).', { option: 'C' }],
    ['B', { option: 'B' }],
    ['The answer is a dog.', { option: null }],
    ['Yes, it is.', { verdict: 'yes' }],
    ['No one knows.', { verdict: null }],
    ['At first it seems so. Therefore, no.', { verdict: 'no' }],
    ['', { option: null, number: null, verdict: null }],
  ])('%s', (text, claim) => expect(finalClaim(text)).toMatchObject(claim));

  test('numbers with commas, signs, money and fractions', () => {
    expect(numbersIn('1,234 and -2.5, $30 and 3/4; v2')).toEqual([1234, -2.5, 30, 0.75]);
  });
});

describe('correctness', () => {
  test.each([
    ['Paris', 'paris.', 1],
    ['It is Paris, of course.', 'Paris', 1],
    ['It is not Paris.', 'Paris', 0],
    ['Paris or Rome', 'Paris', 0.5],
    ['Rome', 'Paris', 0],
    ['The total is 1,234.00', '1234', 1],
    ['The total is 12', '1234', 0],
    ['12 boxes with 100 each', '12', 1],
    ['One half, that is 1/2', '0.5', 1],
    ['The answer is B', 'B', 1],
    ['The answer is A', 'B', 0],
    ['', 'Paris', 0],
    ['', '', 1],
    ['x = 42', '# 42', 1],
    ['[]', '[]', 1],
    ['{}', '[]', 0],
  ])('"%s" against "%s": %d', (answer, reference, correct) => {
    expect(correctnessAgainst(answer, reference)).toBe(correct);
  });

  test('a long reference is compared by its words', () => {
    const reference =
      'Yeast ferments sugar and releases gas that the gluten of the dough holds in small bubbles';
    const near = correctnessAgainst(
      'Yeast releases gas and the gluten of the dough holds it',
      reference,
    );
    expect(near).toBeGreaterThan(0.5);
    expect(near).toBeLessThan(1);
    expect(correctnessAgainst('Glaciers carve valleys', reference)).toBe(0);
  });

  test('any text agrees with itself', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(correctnessAgainst(text, text)).toBe(1);
      }),
    );
  });
});

describe('words', () => {
  test('are found in scripts with and without spaces', () => {
    expect(splitPlainWords("Don't stop, it’s 3.5 km")).toEqual([
      "don't",
      'stop',
      'it’s',
      '3.5',
      'km',
    ]);
    expect(splitPlainWords('日本語です')).toHaveLength(5);
  });

  test('repeated runs of four are counted as if they were joined', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const runs = wordRuns(words, 4);
        const expected = runs.length === 0 ? 0 : 1 - new Set(runs).size / runs.length;
        expect(repeatedShare(words)).toBeCloseTo(expected, 12);
      }),
    );
  });

  test('a ramp rises, and falls when its ends are turned round', () => {
    expect([0, 1, 2, 3].map((value) => ramp(value, 1, 2))).toEqual([0, 0, 1, 1]);
    expect(ramp(0.25, 1, 0)).toBe(0.75);
  });
});
