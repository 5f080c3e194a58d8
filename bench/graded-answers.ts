import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type AnchoredScore,
  type BiasReport,
  calibrateScores,
  defaultBiasPolicy,
  measureBias,
  type ResponseScore,
  type ScoreCalibration,
  scoreResponse,
  type TextTools,
} from '@assay/loop';

interface GradedAnswer {
  readonly id: string;
  readonly query: string;
  readonly response: string;
  readonly reasoning: string | null;
  readonly kind: 'direct' | 'reasoning';
  readonly model: string;
  /** 1 to 10 */
  readonly score: number;
}

/** What one of Assay's scores is worth on answers with a grade. */
export interface GradedReport {
  readonly name: 'answer' | 'composite';
  readonly bias: BiasReport;
  readonly calibration: ScoreCalibration;
}

/** Bias and calibration of Assay's scores on graded answers; null where the data are absent. */
export function reportGradedAnswers(tools: TextTools): GradedReport[] | null {
  const path = join('..', 'shared', 'data', 'preference', 'graded-reasoning.jsonl.gz');
  if (!existsSync(path)) return null;
  const answers = gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as GradedAnswer);
  const scored = answers.flatMap((answer) => {
    const score = scoreResponse(answer, tools);
    return score.kind === 'scored' ? [{ answer, score }] : [];
  });
  const report = (name: GradedReport['name']): GradedReport => {
    const items = scored.map(({ answer, score }) => anchor(answer, score, name));
    const scorerVersion = scored[0]?.score.version ?? '';
    return {
      name,
      bias: measureBias(items, { ...defaultBiasPolicy(scorerVersion), looks: 'one' }),
      calibration: calibrateScores(
        items.map(({ id, group, score, truth }) => ({ id, group, score, label: truth ?? 0 })),
        { scorerVersion },
      ),
    };
  };
  return [report('answer'), report('composite')];
}

function anchor(
  { id, query, kind, model, score: grade }: GradedAnswer,
  score: ResponseScore,
  name: GradedReport['name'],
): AnchoredScore & { readonly truth: number } {
  const truth = (grade - 1) / 9;
  return { id, group: query, modelType: kind, model, score: score[name], truth };
}
