import type { Mail } from '../mail/corpus.ts';

const AUGUST = Date.UTC(2002, 7, 1);
const GATE_FROM = Date.UTC(2002, 8, 16);
const OCTOBER = Date.UTC(2002, 9, 1);

/** The corpus cut by date: nothing that an agent learns from lies after what it is judged on. */
export interface Stream {
  /** Mail up to July 2002, labels known: what version 1 learns from. */
  readonly training: readonly Mail[];
  /** Mail from August 2002 on, in date order: the tasks. */
  readonly tasks: readonly Mail[];
  /** All mail up to 15 September: what the candidates learn from. */
  readonly retraining: readonly Mail[];
  /** Mail of 16 to 30 September: what versions are compared on. */
  readonly gateSet: readonly Mail[];
  /** All mail up to 30 September: what the contaminated version learns from. */
  readonly contaminated: readonly Mail[];
  /** Index in `tasks` of the first mail of October. */
  readonly octoberAt: number;
}

/** Cuts mail that is in date order. */
export function cutStream(
  mails: readonly Mail[],
  limit: number = Number.POSITIVE_INFINITY,
): Stream {
  const before = (ms: number) => mails.filter((mail) => mail.dateMs < ms);
  const tasks = mails.filter((mail) => mail.dateMs >= AUGUST).slice(0, limit);
  const october = tasks.findIndex((mail) => mail.dateMs >= OCTOBER);
  return {
    training: before(AUGUST),
    tasks,
    retraining: before(GATE_FROM),
    gateSet: mails.filter((mail) => mail.dateMs >= GATE_FROM && mail.dateMs < OCTOBER),
    contaminated: before(OCTOBER),
    octoberAt: october === -1 ? tasks.length : october,
  };
}
