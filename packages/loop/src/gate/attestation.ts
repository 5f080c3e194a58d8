import { canonicalJson, type Json } from '../record/canonical-json.ts';
import type { HashText } from '../record/merkle.ts';
import type { GateResult } from './gate-verdict.ts';
import { scorecardJson } from './read-card.ts';
import type { Scorecard, SubjectFile } from './scorecard.ts';

/** Type of an in-toto statement. */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** What the predicate of our statements is. */
export const PREDICATE_TYPE = 'urn:assay:eval-scorecard:v1';
/** Payload type of the signed envelope. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** An in-toto statement: these bytes were measured, and this is what was found. */
export interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly {
    readonly name: string;
    readonly digest: { readonly sha256: string };
  }[];
  readonly predicateType: typeof PREDICATE_TYPE;
  readonly predicate: { readonly [key: string]: Json | undefined };
}

/** The verdict that goes into a statement. */
export type AttestedVerdict = Pick<GateResult, 'verdict' | 'mayRelease' | 'override' | 'policy'>;

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * The statement about the files that a card names as shipped.
 *
 * @param gate the verdict on the card, when there is one
 * @throws RangeError when the card names no file, or one without a SHA-256: such a card says
 *   nothing about bytes, so there is nothing to attest
 */
export function statementOf(
  card: Scorecard,
  hash: HashText,
  gate: AttestedVerdict | null = null,
): Statement {
  if (card.subject.length === 0) {
    throw new RangeError(
      'the card names no shipped file: make it with the files it was measured on',
    );
  }
  for (const { name, sha256 } of card.subject) {
    if (!SHA256.test(sha256)) throw new RangeError(`${name} has no SHA-256 on the card`);
  }
  return {
    _type: STATEMENT_TYPE,
    subject: card.subject.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate: plain({
      scorecardSha256: hash(scorecardJson(card)),
      agent: card.agent,
      generatedAt: card.generatedAt,
      inheritedFrom: card.inheritedFrom,
      suite: {
        ...card.recipe.dataset,
        itemsDigest: card.digests.items,
        n: card.results.counts.run,
      },
      scorer: card.recipe.scorer,
      config: { values: card.recipe.config, digest: card.digests.config },
      declaredDigest: card.digests.declared,
      environment: card.recipe.environment,
      results: card.results.metrics,
      counts: card.results.counts,
      aggregate: card.aggregate,
      latencyMs: card.results.latencyMs,
      costUsd: card.results.costUsd,
      gate:
        gate === null
          ? null
          : {
              verdict: gate.verdict,
              mayRelease: gate.mayRelease,
              override: gate.override,
              policyDigest: hash(canonicalJson(plain(gate.policy))),
            },
    }) as Statement['predicate'],
  };
}

/** The bytes that are signed, as text: canonical JSON of the statement. */
export function statementText(statement: Statement): string {
  return canonicalJson(plain(statement));
}

/** Members that are absent go; what is left is JSON. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** What is wrong with a statement, its card, or the files that are about to be shipped. */
export type AttestationFault =
  | { readonly code: 'not-a-statement'; readonly message: string }
  | { readonly code: 'other-card'; readonly message: string }
  | { readonly code: 'other-bytes'; readonly message: string }
  | { readonly code: 'not-released'; readonly message: string };

/**
 * Checks a statement whose signature has been verified: against the card, when one is given, and
 * against the digests of the files about to be shipped. Files are matched by digest alone; a name
 * proves nothing. Empty when all holds.
 */
export function checkStatement(
  statement: unknown,
  against: {
    readonly card?: Scorecard;
    readonly files: readonly SubjectFile[];
    /** Also asks for a verdict that lets the release out. */
    readonly mustBeReleased?: boolean;
  },
  hash: HashText,
): readonly AttestationFault[] {
  const subject = subjectOf(statement);
  if (subject === null) {
    return [{ code: 'not-a-statement', message: `is not a statement of type ${PREDICATE_TYPE}` }];
  }
  const { predicate } = statement as Statement;
  const faults: AttestationFault[] = [];
  if (
    against.card !== undefined &&
    predicate['scorecardSha256'] !== hash(scorecardJson(against.card))
  ) {
    faults.push({ code: 'other-card', message: 'the statement is about another scorecard' });
  }
  for (const { name, sha256 } of against.files) {
    if (subject.has(sha256)) continue;
    const message = `${name} (sha256 ${sha256.slice(0, 12)}…) is not among the attested files`;
    faults.push({ code: 'other-bytes', message });
  }
  if (against.mustBeReleased === true && !isReleased(predicate['gate'])) {
    faults.push({ code: 'not-released', message: 'no verdict of a gate lets this release out' });
  }
  return faults;
}

function isReleased(gate: Json | undefined): boolean {
  return isMap(gate) && gate['mayRelease'] === true;
}

/** The digests that a statement covers; null when it is none of ours. */
function subjectOf(statement: unknown): ReadonlySet<string> | null {
  if (!isMap(statement)) return null;
  const { _type: type, predicateType, predicate, subject } = statement;
  const isOurs = type === STATEMENT_TYPE && predicateType === PREDICATE_TYPE && isMap(predicate);
  if (!isOurs || !Array.isArray(subject)) return null;
  const digests = new Set<string>();
  for (const one of subject as readonly unknown[]) {
    const sha256 = isMap(one) && isMap(one['digest']) ? one['digest']['sha256'] : null;
    if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return null;
    digests.add(sha256);
  }
  return digests;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
