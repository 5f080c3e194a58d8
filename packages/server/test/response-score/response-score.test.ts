import { fitOnTopic, type ResponseToScore, scoreResponse } from '@assay/loop';
import { describe, expect, test } from 'vitest';
import { FRANCE, PARIS, score, tools } from './scored-text.ts';

describe('right and wrong', () => {
  test('without a reference it says that correctness was not judged', () => {
    const { explanation, factors } = score({ query: FRANCE, response: PARIS });
    expect(factors['correct']).toBeNull();
    expect(explanation[0]).toMatch(/Correctness was not judged/);
  });

  test.each([
    ['Paris', PARIS, 'The capital of France is Berlin.'],
    [
      'Paris',
      'paris',
      'A detailed and beautiful answer: the capital of France is Lyon, a city on the Rhône with a rich history.',
    ],
    ['Paris', PARIS, 'It is not Paris.'],
    ['Paris', 'Paris', 'Paris or Berlin'],
    ['42', 'The result is 42.', 'The result is 41.'],
    ['# 1,234', 'So she has 1234 apples.', 'So she has 1235 apples.'],
    ['0.5', '1/2', '1/3'],
    ['[]', '[]', '{}'],
    ['B', 'The answer is (B).', 'The answer is C because B is wrong.'],
  ])('with the reference %s, "%s" beats "%s"', (reference, right, wrong) => {
    const good = score({ query: FRANCE, response: right, reference });
    const bad = score({ query: FRANCE, response: wrong, reference });
    expect(good.answer).toBeGreaterThan(bad.answer);
    expect(good.factors['correct']).toBe(1);
    expect(good.answer).toBeGreaterThanOrEqual(0.5);
    expect(bad.factors['correct']).toBeLessThan(1);
  });
});

describe('constraints', () => {
  const penguins =
    'Penguins are birds that swim instead of flying. They live on southern coasts, eat fish and krill, and keep warm with dense feathers and fat.';
  test.each([
    [
      'Describe penguins in JSON.',
      '{"animal": "penguin", "flies": false, "food": ["fish", "krill"]}',
      penguins,
    ],
    [
      'Describe penguins in under 10 words.',
      'Penguins are flightless birds that swim and eat fish.',
      penguins,
    ],
    [
      'Describe penguins in exactly three bullets.',
      '- swim\n- eat fish and krill\n- live on southern coasts',
      '- swim\n- eat fish and krill',
    ],
    [
      'Describe penguins in one sentence.',
      'Penguins are swimming birds of southern coasts.',
      penguins,
    ],
    [
      'Describe penguins and include the word "krill".',
      penguins,
      penguins.replace(' and krill', ''),
    ],
    [
      'Describe penguins in a table.',
      '| trait | penguin |\n|---|---|\n| food | fish, krill |\n| home | southern coasts |',
      penguins,
    ],
    [
      'Give step-by-step instructions for drawing a penguin.',
      '1. Draw an oval body.\n2. Add a round head.\n3. Shade the back of the penguin.',
      'Draw a body and a head and shade the penguin.',
    ],
  ])('%s', (query, kept, broken) => {
    expect(score({ query, response: kept }).answer).toBeGreaterThan(
      score({ query, response: broken }).answer,
    );
  });

  test('a question with two parts wants both', () => {
    const query = 'Name the largest planet and explain why Pluto lost its status.';
    const half = 'Jupiter is the largest planet of the solar system.';
    const whole = `${half} Pluto lost its status because it has not cleared its orbit.`;
    const [one, both] = [half, whole].map(
      (response) => score({ query, response }).factors['alignment.clauses'],
    );
    expect(both).toBe(1);
    expect(one).toBeLessThan(0.8);
  });

  test('expectations of the task count beside the query', () => {
    const query = 'Describe penguins.';
    const long = score({ query, response: penguins, expected: { maxWords: 5 } });
    expect(long.factors['alignment.constraints']).toBe(0);
    expect(long.explanation.join(' ')).toMatch(/Not met: at most 5 words/);
    expect(
      score({ query, response: penguins, expected: { language: 'fr' } }).factors[
        'alignment.constraints'
      ],
    ).toBe(0);
  });

  test('broken form costs, and no form earns by itself', () => {
    const query = 'How do tides work?';
    const plain =
      'The moon pulls the oceans, which bulge on both sides of the earth. As the earth turns under the bulges, a coast sees two high tides a day.';
    const bold = plain.replace('moon', '**moon**').replace('oceans', '**oceans**');
    const open = `${plain}\n\n\`\`\`\nmoon -> tide`;
    expect(score({ query, response: bold }).answer).toBeCloseTo(
      score({ query, response: plain }).answer,
      2,
    );
    expect(score({ query, response: open }).factors['structure']).toBeLessThan(
      score({ query, response: plain }).factors['structure'] ?? 0,
    );
    expect(score({ query, response: open }).flags).toContain('truncated');
  });
});

describe('languages', () => {
  test.each([
    ['de', 'Was ist die Hauptstadt von Frankreich?', 'Die Hauptstadt von Frankreich ist Paris.'],
    [
      'fr',
      'Pourquoi le ciel est-il bleu ?',
      'Le ciel est bleu parce que la lumière bleue est diffusée par les molécules de l’air.',
    ],
    ['zh', '法国的首都是哪里？', '法国的首都是巴黎。'],
    ['ja', 'フランスの首都はどこですか？', 'フランスの首都はパリです。'],
    ['ru', 'Какая столица Франции?', 'Столица Франции — Париж.'],
    ['ar', 'ما هي عاصمة فرنسا؟', 'عاصمة فرنسا هي باريس.'],
  ])('%s gets its gates and nothing else', (language, query, response) => {
    const result = score({ query, response });
    expect(result).toMatchObject({ language, coverage: 'gates-only', gate: 1, answer: 0.5 });
    expect(result.factors['density']).toBeNull();
    expect(result.explanation.join(' ')).toMatch(/not English/);
    expect(score({ query, response: query }).answer).toBeLessThan(0.2);
    expect(score({ query, response: `${response} `.repeat(20) }).answer).toBeLessThan(0.2);
  });

  test('a language that was asked for is no switch', () => {
    const result = score({
      query: 'Say good morning and ask how I am, in German.',
      response: 'Guten Morgen! Wie geht es dir heute, und hast du gut geschlafen?',
    });
    expect(result).toMatchObject({ language: 'de', coverage: 'gates-only' });
    expect(result.flags).not.toContain('language-switch');
  });
});

describe('states', () => {
  test('an empty answer scores 0, and null is no answer', () => {
    expect(score({ query: FRANCE, response: '' })).toMatchObject({
      answer: 0,
      composite: 0,
      gate: 0,
      flags: expect.arrayContaining(['empty']),
    });
    expect(score({ query: FRANCE, response: ' \n\t ' }).answer).toBe(0);
    const none = { query: FRANCE, response: null } as unknown as ResponseToScore;
    expect(scoreResponse(none, tools)).toMatchObject({ kind: 'unscored' });
    expect(scoreResponse({ query: ' ', response: PARIS }, tools)).toMatchObject({
      kind: 'unscored',
    });
  });

  test('the version names definitions and lexicon', () => {
    expect(score({ query: FRANCE, response: PARIS }).version).toBe('response-score/1+subtlex-us/2');
  });
});

describe('earlier answers', () => {
  const query = 'Suggest a name for a bakery.';
  const prior = (index: number): string =>
    `How about Golden Crust number ${index}? It sounds warm and fresh.`;

  test('fewer than 20 say nothing', () => {
    const few = Array.from({ length: 19 }, (_, index) => prior(index));
    expect(
      score({ query, response: prior(0), priorResponses: few }).factors['novelty.unusualness'],
    ).toBeNull();
  });

  test('a copy of them is less novel than something else', () => {
    const priorResponses = Array.from({ length: 25 }, (_, index) => prior(index));
    const copy = score({ query, response: prior(3), priorResponses });
    const other = score({
      query,
      response: 'Crumb & Kettle, because the bakery also serves tea.',
      priorResponses,
    });
    expect(copy.factors['novelty.unusualness']).toBe(0);
    expect(other.factors['novelty.unusualness']).toBeGreaterThan(0.5);
    expect(copy.factors['novelty']).toBeLessThan(
      score({ query, response: prior(3) }).factors['novelty'] ?? 0,
    );
  });
});

describe('custom factors and weights', () => {
  const input = { query: FRANCE, response: PARIS, reasoning: 'It is Paris.' };

  test('a factor of one’s own joins the mean and is shown', () => {
    const seen: ResponseToScore[] = [];
    const factor = {
      name: 'politeness',
      weight: 1,
      score: (given: ResponseToScore) => {
        seen.push(given);
        return 0;
      },
    };
    const plain = score(input);
    const custom = score(input, { customFactors: [factor] });
    expect(custom.answer).toBeCloseTo(plain.answer / 2, 12);
    expect(custom.factors['custom.politeness']).toBe(0);
    expect(seen[0]).toMatchObject({ response: PARIS, reasoning: null });
  });

  test('null, NaN and numbers out of range do no harm', () => {
    const plain = score(input).answer;
    const withValue = (value: number | null): number =>
      score(input, { customFactors: [{ name: 'odd', weight: 1, score: () => value }] }).answer;
    expect(withValue(null)).toBe(plain);
    expect(withValue(Number.NaN)).toBe(plain);
    expect(withValue(9)).toBe(withValue(1));
  });

  test('weights move the score towards their factor', () => {
    const only = score(input, { weights: { density: 1, structure: 0, novelty: 0, alignment: 0 } });
    expect(only.answer).toBeCloseTo(only.factors['density'] ?? 0, 12);
  });
});

describe('the floor of the on-topic gate', () => {
  const things =
    'harbour glacier violin orchard battery compiler vaccine volcano passport telescope'.split(' ');
  const acts = 'clean repair paint measure photograph insure'.split(' ');
  const items = things.flatMap((thing, index) =>
    acts.map((act) => ({
      query: `How do experts ${act} a ${thing} made of ${things[(index + 3) % things.length]} parts?`,
      response: `To ${act} the ${thing}, workers gather brushes, ladders, gloves, lamps, buckets, ropes, cameras and notebooks. They inspect corners, scrape rust, tighten screws, mix solvents, dry surfaces, label samples, record weather, compare photographs, consult manuals, order spare hinges and archive receipts before the owner returns the ${thing} to service.`,
    })),
  );

  test('is fitted so that own answers are kept and those of others are not', () => {
    const fit = fitOnTopic(items, tools);
    expect(fit?.n).toBe(60);
    expect(fit?.onTopicClosed).toBeLessThanOrEqual(0.02);
    expect(fit?.offTopicClosed).toBeGreaterThan(0.9);
  });

  test('shifts the gate, and is not fitted to a handful', () => {
    const [first, other] = [items[0], items[30]];
    const input = { query: other?.query ?? '', response: first?.response ?? '' };
    const open = score(input, { onTopicShift: -1 }).factors['gate.onTopic'];
    const closed = score(input, { onTopicShift: 1 }).factors['gate.onTopic'];
    expect(open).toBe(1);
    expect(closed).toBeLessThan(0.3);
    expect(fitOnTopic(items.slice(0, 40), tools)).toBeNull();
  });
});
