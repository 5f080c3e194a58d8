import {
  AssayError,
  fitnessQuerySchema,
  scoreDistributionSchema,
  scoreOptionsSchema,
  scoreSettingsSchema,
  scoresQuerySchema,
} from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { fitnessOfAgents } from '../engine/fitness.ts';
import { parseBody } from '../engine/parse-body.ts';
import { scoreRecorded } from '../engine/score-backfill.ts';
import { biasOf, correctBias, listCorrections } from '../engine/score-bias.ts';
import {
  activateCalibration,
  fitCalibrations,
  listCalibrations,
  rollBackCalibration,
} from '../engine/score-calibrations.ts';
import { scoreDiff } from '../engine/score-diff.ts';
import { distributionOf, trendsOf } from '../engine/score-distribution.ts';
import { createExecutions } from '../engine/score-executions.ts';
import { addScoreLabels, countScoreLabels } from '../engine/score-labels.ts';
import { scoreResponses } from '../engine/score-responses.ts';
import { scoreRun } from '../engine/score-rubric.ts';
import type { TenantScoring } from '../engine/score-settings.ts';
import { handle, nameOf } from './call.ts';

/** Settings as they are answered: what is in force, and what the tenant has set itself. */
function settingsAnswer({ settings, stored, ...flags }: TenantScoring): unknown {
  const { scorer, weights, answerShare, minThreshold, calibrations, correction } = settings;
  const { isBackground, isBiasCorrected, isEvidence } = flags;
  return {
    scorer,
    isBackground,
    isBiasCorrected,
    isEvidence,
    weights,
    answerShare,
    minThreshold,
    calibratedTaskTypes: Object.keys(calibrations).sort(),
    correctionVersion: correction?.version ?? null,
    own: stored,
  };
}

/** Routes that measure what scores are worth: labels, calibrations, bias. */
function registerTrust(app: FastifyInstance, engine: Engine): void {
  const { context, scoring } = engine;
  handle(app, 'addScoreLabels', (call) =>
    addScoreLabels(context, scoring, call.tenantId, call.json()),
  );
  handle(app, 'listScoreLabels', async (call) => ({
    items: await countScoreLabels(context, call.tenantId),
  }));
  handle(app, 'fitCalibration', (call) =>
    fitCalibrations(context, scoring, call.tenantId, call.json()),
  );
  handle(app, 'listCalibrations', async (call) => ({
    items: await listCalibrations(context, scoring, call.tenantId),
  }));
  handle(app, 'activateCalibration', (call) =>
    activateCalibration(context, scoring, call.tenantId, nameOf(call, 'calibrationId')),
  );
  handle(app, 'rollBackCalibration', (call) =>
    rollBackCalibration(scoring, call.tenantId, call.json()),
  );
  handle(app, 'getScoreBias', (call) =>
    biasOf(context, scoring, call.tenantId, call.query(scoresQuerySchema)),
  );
  handle(app, 'correctScoreBias', (call) =>
    correctBias(context, scoring, call.tenantId, call.json()),
  );
  handle(app, 'listBiasCorrections', async (call) => ({
    items: await listCorrections(scoring, call.tenantId),
  }));
}

/** Routes of scores. */
export function registerScore(app: FastifyInstance, engine: Engine): void {
  const { context, scoring } = engine;
  handle(app, 'scoreResponses', (call) => {
    const { debug = false } = call.query(scoreOptionsSchema);
    return scoreResponses(scoring, call.tenantId, call.json(), debug);
  });
  handle(app, 'getScoreSettings', async (call) =>
    settingsAnswer(await scoring.settings.of(call.tenantId)),
  );
  handle(app, 'changeScoreSettings', async (call) => {
    const request = parseBody(scoreSettingsSchema, call.json());
    return settingsAnswer(await scoring.settings.change(call.tenantId, request));
  });
  handle(app, 'getScoreDistribution', (call) =>
    distributionOf(context, scoring, call.tenantId, call.query(scoreDistributionSchema)),
  );
  handle(app, 'getFitness', (call) =>
    fitnessOfAgents(context, call.tenantId, call.query(fitnessQuerySchema)),
  );
  handle(app, 'getScoreTrends', (call) =>
    trendsOf(context, scoring, call.tenantId, call.query(scoresQuerySchema)),
  );
  handle(app, 'scoreRecorded', async (call) => {
    // Evidence is read from the store first: a score that counts must not be counted there and here.
    await engine.memory(call.tenantId);
    return scoreRecorded(context, scoring, call.tenantId, call.json());
  });
  const executions = createExecutions();
  handle(app, 'scoreExecutions', (call) => {
    const gone = new AbortController();
    // Nobody waits for the outcome any more: the code is not worth its time.
    call.reply.raw.once('close', () => gone.abort(new AssayError('server.closing')));
    return executions.run(scoring, call.json(), gone.signal);
  });
  handle(app, 'scoreDiff', (call) => scoreDiff(scoring, call.json()));
  handle(app, 'scoreRun', (call) => scoreRun(context, call.tenantId, call.json()));
  registerTrust(app, engine);
}
