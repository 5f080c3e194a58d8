import { createHash } from 'node:crypto';
import {
  applyBiasCorrection,
  type CodeComparison,
  type CustomFactor,
  calibratedProbability,
  calibrateScores,
  compareCode,
  measureBias,
  narrowFactOf,
  type ResponseScore,
  type ResponseToScore,
  recordedResponseOf,
  refOf,
  scoreFactOf,
  scoreResponse,
  type TextTools,
  type Unscored,
} from '@assay/loop';
import { readFact } from '@assay/protocol';
import type {
  ChangeToCompare,
  ItemOutcome,
  JudgedScore,
  LineScore,
  LineToScore,
  ScoringSettings,
  ScoringWork,
} from './scoring-messages.ts';

/** What the items of one thread are scored with. */
export interface ScoringTools {
  readonly text: TextTools;
  readonly customFactors: readonly CustomFactor[];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Does the items of some work one by one. An item that throws fails alone. */
export async function scoreItems(
  work: ScoringWork,
  tools: ScoringTools,
): Promise<ItemOutcome<unknown>[]> {
  switch (work.kind) {
    case 'lines':
      return work.items.map((item) => outcomeOf(() => scoreLine(item, work.settings, tools)));
    case 'responses':
      return work.items.map(({ input, taskType }) =>
        outcomeOf(() => judge(input, taskType, work.settings, tools)),
      );
    case 'calibrations':
      return work.items.map(({ labelled, options }) =>
        outcomeOf(() => calibrateScores(labelled, options)),
      );
    case 'bias':
      return work.items.map(({ items, policy }) => outcomeOf(() => measureBias(items, policy)));
    case 'changes':
      return compareChanges(work.items);
  }
}

async function compareChanges(
  changes: readonly ChangeToCompare[],
): Promise<ItemOutcome<CodeComparison>[]> {
  // The grammars are loaded by the first change that needs them: most threads never see code.
  const { openCodeParser } = await import('../syntax/parse-code.ts');
  const outcomes: ItemOutcome<CodeComparison>[] = [];
  for (const { before, after, settings } of changes) {
    const parse = await openCodeParser([...before, ...after].map((file) => file.path));
    outcomes.push(outcomeOf(() => compareCode(before, after, parse, settings)));
  }
  return outcomes;
}

function outcomeOf<Value>(score: () => Value): ItemOutcome<Value> {
  try {
    return { kind: 'done', value: score() };
  } catch (error) {
    // The message of an error may quote the text.
    return {
      kind: 'failed',
      reason: `scoring failed: ${error instanceof Error ? error.name : ''}`,
    };
  }
}

function judge(
  input: ResponseToScore,
  taskType: string,
  settings: ScoringSettings,
  { text, customFactors }: ScoringTools,
): JudgedScore {
  const { weights, answerShare } = settings;
  const score = scoreResponse(input, text, { weights, answerShare, customFactors });
  return {
    score,
    probability: probabilityOf(score, taskType, settings),
    corrected: correctedOf(score, settings),
  };
}

function probabilityOf(
  score: ResponseScore | Unscored,
  taskType: string,
  { calibrations, scorer }: ScoringSettings,
): JudgedScore['probability'] {
  const active = Object.hasOwn(calibrations, taskType) ? calibrations[taskType] : undefined;
  if (score.kind === 'unscored' || active?.calibration.kind !== 'calibrated') return null;
  if (active.calibration.scorerVersion !== scorer) return null;
  const value = calibratedProbability(active.calibration, score.composite);
  return value === null ? null : { value, calibrationId: active.id };
}

function correctedOf(
  score: ResponseScore | Unscored,
  { correction, scorer }: ScoringSettings,
): JudgedScore['corrected'] {
  if (score.kind === 'unscored') return null;
  const { composite, modelType } = score;
  const result = applyBiasCorrection(composite, modelType, correction, scorer);
  if (result.correctionVersion === null) return null;
  return { value: result.corrected, correctionId: result.correctionVersion };
}

function scoreLine(
  { tenantId, line, isJudged }: LineToScore,
  settings: ScoringSettings,
  tools: ScoringTools,
): LineScore | null {
  const { fact } = readFact(JSON.parse(new TextDecoder().decode(line)));
  const recorded = fact === undefined ? null : recordedResponseOf(fact);
  if (recorded === null) return null;
  const { execution, input, hasQuality } = recorded;
  const judged = judge(input, narrowFactOf(execution).taskType, settings, tools);
  const notes = {
    scorer: settings.scorer,
    minThreshold: settings.minThreshold,
    promptRef: refOf(sha256, tenantId, input.query),
    probability: judged.probability,
    isEvidence: settings.isEvidence && !isJudged && !hasQuality,
    corrected: judged.corrected,
  };
  return { ...judged, fact: scoreFactOf(execution, judged.score, notes) };
}
