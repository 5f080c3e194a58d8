import { madeUpMail } from '../made-up-mail.ts';
import type { Mail } from '../mail/corpus.ts';
import { kindOfMail } from '../mail/kind-of-mail.ts';

const GOOD = 'kernel patch compiler meeting branch thread release module server bug'.split(' ');
const BAD = 'casino mortgage winner million guaranteed offer cheap loan free click'.split(' ');
const NEUTRAL = 'please today new list time people work send week question name year'.split(' ');
const WORDS_PER_MAIL = 9;

/** Numbers in 0..1 that are the same for the same seed (Park and Miller 1988). */
function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/**
 * Labelled mail that is made up and hard enough that agents err: words hint at the label, and some
 * mislead. The same for the same seed, on every machine; no text of the corpus is used.
 */
export function madeUpExam(count: number, seed: number): Mail[] {
  const random = seededNumbers(seed);
  const pick = (words: readonly string[]): string =>
    words[Math.floor(random() * words.length)] ?? '';
  return Array.from({ length: count }, (_, index) => {
    const isSpam = random() < 0.4;
    const [own, other] = isSpam ? [BAD, GOOD] : [GOOD, BAD];
    const word = (): string => {
      const draw = random();
      return pick(draw < 0.35 ? own : draw < 0.5 ? other : NEUTRAL);
    };
    const isReply = !isSpam && random() < 0.3;
    const hasHtml = random() < (isSpam ? 0.6 : 0.2);
    const contentType = hasHtml ? 'text/html' : 'text/plain';
    const subject = `${isReply ? 'Re: ' : ''}${word()} ${word()}`;
    const body = Array.from({ length: WORDS_PER_MAIL }, word).join(' ');
    const content = { subject, body, contentType, hasHtml, attachments: 0 };
    const kind = kindOfMail({ ...content, isReply });
    return madeUpMail({ ...content, kind, isSpam, id: `exam-${String(index).padStart(3, '0')}` });
  });
}
