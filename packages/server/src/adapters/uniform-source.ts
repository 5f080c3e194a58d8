import { randomFillSync } from 'node:crypto';

const NUMBERS_PER_FILL = 1_024;
const BYTES_PER_NUMBER = 6;
const STEPS = 2 ** (8 * BYTES_PER_NUMBER);

/**
 * Uniform numbers, 0 <= u < 1, of 48 random bits each from the operating system's generator. It is
 * asked for many at a time: a call of its own for each number costs more than the decision does.
 */
export function createUniformSource(): () => number {
  const bytes = Buffer.alloc(NUMBERS_PER_FILL * BYTES_PER_NUMBER);
  let at = bytes.length;
  return () => {
    if (at === bytes.length) {
      randomFillSync(bytes);
      at = 0;
    }
    at += BYTES_PER_NUMBER;
    return bytes.readUIntBE(at - BYTES_PER_NUMBER, BYTES_PER_NUMBER) / STEPS;
  };
}
