/** A source of numbers that gives the same ones for the same seed. */
export type NextNumber = (below: number) => number;

/** Park and Miller's generator: good enough to vary text, the same on every machine. */
export function seededNumbers(seed: number): NextNumber {
  let state = (seed % 2147483646) + 1;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

const NOUNS = 'order item ledger parcel ticket route batch window score agent policy record'.split(
  ' ',
);
const VERBS = 'load merge check count split send store rank close price sort trim'.split(' ');

function pick(words: readonly string[], next: NextNumber): string {
  return words[next(words.length)] ?? '';
}

function name(next: NextNumber): string {
  const noun = pick(NOUNS, next);
  return `${pick(VERBS, next)}${noun.charAt(0).toUpperCase()}${noun.slice(1)}${next(90)}`;
}

function expression(next: NextNumber, depth: number): string {
  if (depth === 0 || next(3) === 0) {
    return next(2) === 0 ? `${pick(NOUNS, next)}.${pick(NOUNS, next)}Count` : `${next(1000)}`;
  }
  const left = expression(next, depth - 1);
  switch (next(4)) {
    case 0:
      return `${left} + ${expression(next, depth - 1)}`;
    case 1:
      return `${name(next)}(${left}, '${pick(NOUNS, next)}')`;
    case 2:
      return `Math.max(${left}, ${expression(next, depth - 1)})`;
    default:
      return `[${left}, ${expression(next, depth - 1)}].length`;
  }
}

function statement(next: NextNumber): string {
  switch (next(4)) {
    case 0:
      return `  const ${pick(NOUNS, next)}${next(90)} = ${expression(next, 3)};\n`;
    case 1:
      return `  if (${expression(next, 1)} < ${next(50)}) {\n    return ${expression(next, 2)};\n  }\n`;
    case 2:
      return `  for (const ${pick(NOUNS, next)} of ${name(next)}(all)) {\n    total += ${expression(next, 2)};\n  }\n`;
    default:
      return `  // ${pick(VERBS, next)} every ${pick(NOUNS, next)} once\n  total -= ${expression(next, 2)};\n`;
  }
}

function declaration(next: NextNumber): string {
  if (next(6) === 0) {
    const fields = Array.from(
      { length: 3 + next(5) },
      () => `  readonly ${name(next)}: number | null;\n`,
    );
    return `/** Says how a ${pick(NOUNS, next)} looks. */\nexport interface ${name(next)} {\n${fields.join('')}}\n\n`;
  }
  const body = Array.from({ length: 3 + next(8) }, () => statement(next)).join('');
  return `export function ${name(next)}(all: readonly ${name(next)}[], total: number): number {\n${body}  return total;\n}\n\n`;
}

/** The declarations of a TypeScript file of about `length` characters. */
export function generateDeclarations(seed: number, length: number): readonly string[] {
  const next = seededNumbers(seed);
  const declarations: string[] = [];
  for (let written = 0; written < length; ) {
    const text = declaration(next);
    declarations.push(text);
    written += text.length;
  }
  return declarations;
}
