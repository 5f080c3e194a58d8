import type { ScoreAnswer } from '@assay/protocol';
import type {
  ItemOutcome,
  JudgedScore,
  ScoringSettings,
} from '../adapters/scoring/scoring-messages.ts';

/** What of a score is told. */
export interface AnswerDetail {
  readonly index: number;
  readonly id?: string | undefined;
  readonly settings: Pick<ScoringSettings, 'scorer' | 'minThreshold'>;
  /** Adds factors, explanation and evidence. */
  readonly isDebug: boolean;
}

/** The outcome of scoring one item as it is answered. */
export function scoreAnswerOf(
  outcome: ItemOutcome<JudgedScore>,
  { index, id, settings, isDebug }: AnswerDetail,
): ScoreAnswer {
  const named = { index, ...(id === undefined ? {} : { id }) };
  if (outcome.kind === 'failed') return { ...named, kind: 'unscored', reason: outcome.reason };
  const { score, probability, corrected } = outcome.value;
  if (score.kind === 'unscored') return { ...named, kind: 'unscored', reason: score.reason };
  const { modelType, language, coverage, answer, reasoning, consistency } = score;
  const { composite, gate, flags, factors, explanation } = score;
  return {
    ...named,
    kind: 'scored',
    scorer: settings.scorer,
    modelType,
    language,
    coverage,
    answer,
    reasoning,
    consistency: consistency?.verdict ?? null,
    composite,
    gate,
    flags,
    isBelowThreshold: composite < settings.minThreshold,
    trust: probability === null ? 'uncalibrated-heuristic' : 'calibrated',
    probability,
    corrected,
    ...(isDebug ? { factors, explanation, evidence: consistency?.evidence ?? [] } : {}),
  };
}
