import { anything, items, type Operation, post, read } from './operation.ts';
import { ROUTES } from './routes.ts';
import { scoreBodySchema, scoreOptionsSchema, scoreSettingsSchema } from './score.ts';
import { codeChangeSchema } from './score-code.ts';
import { executionsRequestSchema } from './score-execution.ts';
import {
  backfillRequestSchema,
  fitnessQuerySchema,
  scoreDistributionSchema,
  scoresQuerySchema,
} from './score-queries.ts';
import { rubricRequestSchema } from './score-rubric.ts';
import {
  calibrationRequestSchema,
  calibrationRollbackSchema,
  correctionRequestSchema,
  scoreLabelsSchema,
} from './score-trust.ts';

/** Names of the operations that score. */
export type ScoreId =
  | 'scoreResponses'
  | 'getScoreSettings'
  | 'changeScoreSettings'
  | 'addScoreLabels'
  | 'listScoreLabels'
  | 'fitCalibration'
  | 'listCalibrations'
  | 'activateCalibration'
  | 'rollBackCalibration'
  | 'getScoreDistribution'
  | 'getFitness'
  | 'getScoreTrends'
  | 'getScoreBias'
  | 'correctScoreBias'
  | 'listBiasCorrections'
  | 'scoreRecorded'
  | 'scoreDiff'
  | 'scoreRun'
  | 'scoreExecutions';

/** Routes of scores. */
export const SCORE: Readonly<Record<ScoreId, Operation>> = {
  scoreResponses: {
    ...post(ROUTES.score, 'score', 'writer', 'Score responses from their text; stores nothing'),
    query: scoreOptionsSchema,
    body: scoreBodySchema,
  },
  getScoreSettings: read(ROUTES.scoreSettings, 'score', 'How responses are scored', anything),
  changeScoreSettings: {
    method: 'PUT',
    path: ROUTES.scoreSettings,
    capability: 'score',
    role: 'admin',
    summary: 'Change how responses are scored',
    body: scoreSettingsSchema,
    answer: anything,
  },
  addScoreLabels: {
    ...post(ROUTES.scoreLabels, 'score', 'writer', 'Say how good scored responses are'),
    body: scoreLabelsSchema,
  },
  listScoreLabels: read(ROUTES.scoreLabels, 'score', 'Number of labels by task type', items),
  fitCalibration: {
    ...post(ROUTES.scoreCalibrations, 'score', 'writer', 'Calibrate scores against labels now'),
    body: calibrationRequestSchema,
    status: 201,
  },
  listCalibrations: read(ROUTES.scoreCalibrations, 'score', 'Calibrations, newest first', items),
  activateCalibration: post(
    ROUTES.scoreCalibrationActivate,
    'score',
    'admin',
    'Put a calibration into use',
  ),
  rollBackCalibration: {
    ...post(
      ROUTES.scoreCalibrationRollback,
      'score',
      'admin',
      'Go back to the calibration that was in use before',
    ),
    body: calibrationRollbackSchema,
  },
  getScoreDistribution: {
    ...read(ROUTES.scoreDistribution, 'score', 'Scores per group: histogram, mean, n', items),
    query: scoreDistributionSchema,
  },
  getFitness: {
    ...read(
      ROUTES.scoreFitness,
      'score',
      'Agent versions by quality, latency and cost together, ties and unscored ones apart',
      anything,
    ),
    query: fitnessQuerySchema,
  },
  getScoreTrends: {
    ...read(ROUTES.scoreTrends, 'score', 'How scores go over the days, by model type', anything),
    query: scoresQuerySchema,
  },
  getScoreBias: {
    ...read(
      ROUTES.scoreBias,
      'score',
      'Whether reasoning responses are scored differently from equally good direct ones',
      anything,
    ),
    query: scoresQuerySchema,
  },
  correctScoreBias: {
    ...post(
      ROUTES.scoreBiasCorrections,
      'score',
      'admin',
      'Correct a bias where that is warranted, or undo a correction',
    ),
    body: correctionRequestSchema,
  },
  listBiasCorrections: read(
    ROUTES.scoreBiasCorrections,
    'score',
    'Bias corrections, newest first',
    items,
  ),
  scoreRecorded: {
    ...post(
      ROUTES.scoreBackfill,
      'score',
      'writer',
      'Score recorded responses of a time range that have no score yet',
    ),
    body: backfillRequestSchema,
  },
  scoreDiff: {
    ...post(ROUTES.scoreDiff, 'score', 'writer', 'Say how large a code change is; stores nothing'),
    body: codeChangeSchema,
  },
  scoreRun: {
    ...post(
      ROUTES.scoreRubric,
      'score',
      'reader',
      'Score a recorded run by the rubric, and each of its turns; stores nothing',
    ),
    body: rubricRequestSchema,
  },
  scoreExecutions: {
    ...post(
      ROUTES.scoreExecutions,
      'score',
      'writer',
      'Execute code in a sandbox and say whether it passes its tests; only with ASSAY_SANDBOX=1',
    ),
    body: executionsRequestSchema,
  },
};
