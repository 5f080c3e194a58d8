import type { Mail } from './mail/corpus.ts';
import { kindOfMail } from './mail/kind-of-mail.ts';

/** A mail for tests, made up: no text of the corpus is used. */
export function madeUpMail(over: Partial<Mail> = {}): Mail {
  const dateMs = over.dateMs ?? Date.UTC(2002, 7, 5);
  const content = {
    subject: 'Notes',
    body: 'the patch for the parser builds cleanly now',
    contentType: 'text/plain',
    hasHtml: false,
    attachments: 0,
    ...over,
  };
  return {
    id: 'made-up',
    isSpam: false,
    kind: kindOfMail({ ...content, isReply: false }),
    month: new Date(dateMs).toISOString().slice(0, 7),
    sizeBytes: 100,
    isFromFeedRobot: false,
    ...content,
    dateMs,
  };
}

const GOOD = ['parser', 'compiler', 'meeting', 'branch', 'thread', 'release', 'module', 'server'];
const BAD = ['casino', 'mortgage', 'winner', 'viagra', 'million', 'guaranteed', 'offer', 'cheap'];

/** A labelled set of made-up mail whose words tell the label; the same for the same count. */
export function madeUpSet(count: number): Mail[] {
  return Array.from({ length: count }, (_, index) => {
    const isSpam = index % 3 === 0;
    const words = isSpam ? BAD : GOOD;
    const pick = (step: number) => words[(index * step + step) % words.length] ?? '';
    const body = [1, 3, 5, 7, 2].map(pick).join(' ');
    return madeUpMail({ id: `mail-${index}`, isSpam, subject: pick(4), body });
  });
}
