import type { Scorecard, SubjectFile } from './scorecard.ts';

/** A version that was not measured, with the card of the one before it; or why there is none. */
export type CarriedCard =
  | { readonly kind: 'card'; readonly card: Scorecard }
  | { readonly kind: 'refused'; readonly reason: string };

/** What a card is carried to. */
export interface CarryTarget {
  /** X.Y.Z, a later patch of the card's version. */
  readonly version: string;
  /** Digest, now, of the files that can change what the agent answers. */
  readonly declaredDigest: string | null;
  /** Files of the version that is about to be shipped. */
  readonly subject?: readonly SubjectFile[];
  /**
   * Carries a card that never recorded which files matter, on the word of the caller. A recorded
   * digest that differs is refused all the same.
   */
  readonly acceptUndeclared?: boolean;
}

const VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/**
 * Carries the results of a measured version to a later patch, marked as inherited.
 *
 * Only to a later patch of the same major and minor version, and only while the files that can
 * change the answers are the same bytes. The recipe with its commands is kept word for word.
 */
export function carryForward(card: Scorecard, target: CarryTarget): CarriedCard {
  const from = numbersOf(card.agent.version);
  const to = numbersOf(target.version);
  if (from === null) return refused(`the card's version ${card.agent.version} is not X.Y.Z`);
  if (to === null) return refused(`version ${target.version} is not X.Y.Z without leading zeros`);
  if (from[0] !== to[0] || from[1] !== to[1]) {
    return refused(
      `${card.agent.version} to ${target.version} is not a patch: run the evaluation again`,
    );
  }
  if (to[2] <= from[2]) {
    return refused(`${target.version} is not later than ${card.agent.version}`);
  }
  const { declared } = card.digests;
  if (declared !== null && declared !== target.declaredDigest) {
    return refused(
      'the files that can change the answers are not those that were measured: ' +
        'run the evaluation again',
    );
  }
  if (declared === null && target.acceptUndeclared !== true) {
    return refused(
      'the card does not record which files can change the answers: ' +
        'accept that explicitly, or run the evaluation again',
    );
  }
  return {
    kind: 'card',
    card: {
      ...card,
      agent: { ...card.agent, version: target.version },
      inheritedFrom: card.inheritedFrom ?? card.agent.version,
      subject: target.subject ?? [],
    },
  };
}

function refused(reason: string): CarriedCard {
  return { kind: 'refused', reason };
}

function numbersOf(version: string): readonly [number, number, number] | null {
  const parts = VERSION.exec(version);
  return parts === null ? null : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}
