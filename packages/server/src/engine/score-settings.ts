import type { BiasCorrection, ScoreFactor } from '@assay/loop';
import type { LabelSource, ScoreSettingsRequest } from '@assay/protocol';
import { getState, putState } from '@assay/store';
import type { ActiveCalibration, ScoringSettings } from '../adapters/scoring/scoring-messages.ts';
import type { EngineContext } from './context.ts';
import { scorerOf } from './scorer-version.ts';

/** How the server scores where a tenant has said nothing. */
export interface ScoringDefaults {
  /** Score recorded responses in the background. */
  readonly isBackground: boolean;
  /** Apply bias corrections that are in force. */
  readonly isBiasCorrected: boolean;
  /** Let calibrated probabilities count as overall scores. */
  readonly isEvidence: boolean;
  /** 0..1 */
  readonly minThreshold: number;
  /** 0..1 */
  readonly answerShare: number;
  /** Digest of the module with factors of one's own; null = none. */
  readonly factorsDigest: string | null;
}

/** What a tenant has set, as it is stored. Absent = follows the server. */
export type StoredScoreSettings = Readonly<
  Partial<{
    isBackground: boolean;
    isBiasCorrected: boolean;
    isEvidence: boolean;
    minThreshold: number;
    answerShare: number;
    weights: Readonly<Partial<Record<ScoreFactor, number>>>;
  }>
>;

/**
 * Ids of the calibrations that were in use, by task type, oldest first: the last one counts, the
 * others can come back. '' = responses without a task type.
 */
export type CalibrationStacks = Readonly<Record<string, readonly string[]>>;

/** A calibration as it is stored. */
export interface StoredCalibration extends ActiveCalibration {
  /** '' = responses without a task type. */
  readonly taskType: string;
  readonly sources: readonly LabelSource[];
  /** ms since 1970. */
  readonly createdAtMs: number;
}

/** What is in force for one tenant. */
export interface TenantScoring {
  readonly stored: StoredScoreSettings;
  readonly isBackground: boolean;
  readonly isBiasCorrected: boolean;
  readonly isEvidence: boolean;
  /** For the threads. */
  readonly settings: ScoringSettings;
  readonly calibrations: CalibrationStacks;
  /** Corrections in the order in which they came into force; null = none was warranted then. */
  readonly corrections: readonly (BiasCorrection | null)[];
}

/** Settings of tenants, read when they are needed and believed for a few seconds. */
export interface ScoreSettingsOf {
  of(tenantId: number): Promise<TenantScoring>;
  /** What was last read, be it old; null = nothing yet. */
  known(tenantId: number): TenantScoring | null;
  change(tenantId: number, request: ScoreSettingsRequest): Promise<TenantScoring>;
  saveCalibrations(tenantId: number, stacks: CalibrationStacks): Promise<void>;
  saveCorrections(tenantId: number, corrections: readonly (BiasCorrection | null)[]): Promise<void>;
}

/** Collection of the calibrations of a tenant. */
export const CALIBRATIONS = 'score-calibration';
const COLLECTION = 'score';
/** A change made by another process is seen after this, ms. */
const BELIEVED_MS = 5_000;
/** How many states back one can go. */
const MAX_HISTORY = 20;

interface Loaded {
  readonly stored: StoredScoreSettings;
  readonly calibrations: CalibrationStacks;
  readonly inUse: ScoringSettings['calibrations'];
  readonly corrections: readonly (BiasCorrection | null)[];
}

function inForce(
  hash: (text: string) => string,
  defaults: ScoringDefaults,
  { stored, calibrations, inUse, corrections }: Loaded,
): TenantScoring {
  const answerShare = stored.answerShare ?? defaults.answerShare;
  const isBiasCorrected = stored.isBiasCorrected ?? defaults.isBiasCorrected;
  const isEvidence = stored.isEvidence ?? defaults.isEvidence;
  return {
    stored,
    isBackground: stored.isBackground ?? defaults.isBackground,
    isBiasCorrected,
    isEvidence,
    settings: {
      scorer: scorerOf(hash, stored.weights, answerShare, defaults.factorsDigest),
      weights: stored.weights ?? {},
      answerShare,
      minThreshold: stored.minThreshold ?? defaults.minThreshold,
      isEvidence,
      calibrations: inUse,
      correction: isBiasCorrected ? (corrections.at(-1) ?? null) : null,
    },
    calibrations,
    corrections,
  };
}

/** What a request leaves of the stored settings: null puts a setting back to the server's. */
function merged(stored: StoredScoreSettings, request: ScoreSettingsRequest): StoredScoreSettings {
  const given = Object.entries({ ...stored, ...request });
  return Object.fromEntries(given.filter(([, value]) => value !== null && value !== undefined));
}

/** Settings of the tenants of a store. */
export function createScoreSettings(
  context: EngineContext,
  defaults: ScoringDefaults,
): ScoreSettingsOf {
  const fitted = new Map<string, ActiveCalibration>();
  const cache = new Map<number, { readonly scoring: TenantScoring; readonly untilMs: number }>();

  async function read<Value>(tenantId: number, key: string, fallback: Value): Promise<Value> {
    const state = await getState(context.db, tenantId, COLLECTION, key);
    return (state?.value as Value | undefined) ?? fallback;
  }

  async function calibrationOf(tenantId: number, id: string): Promise<ActiveCalibration | null> {
    const name = `${tenantId}/${id}`;
    const known = fitted.get(name);
    if (known !== undefined) return known;
    const state = await getState(context.db, tenantId, CALIBRATIONS, id);
    if (state === null) return null;
    const { calibration } = state.value as StoredCalibration;
    fitted.set(name, { id, calibration });
    return { id, calibration };
  }

  async function inUseOf(
    tenantId: number,
    stacks: CalibrationStacks,
  ): Promise<ScoringSettings['calibrations']> {
    const found: [string, ActiveCalibration][] = [];
    for (const [taskType, ids] of Object.entries(stacks)) {
      const active = ids.at(-1);
      const calibration = active === undefined ? null : await calibrationOf(tenantId, active);
      if (calibration !== null) found.push([taskType, calibration]);
    }
    return Object.fromEntries(found);
  }

  async function load(tenantId: number): Promise<TenantScoring> {
    const [stored, calibrations, corrections] = await Promise.all([
      read<StoredScoreSettings>(tenantId, 'settings', {}),
      read<CalibrationStacks>(tenantId, 'calibrations', {}),
      read<readonly (BiasCorrection | null)[]>(tenantId, 'corrections', []),
    ]);
    const inUse = await inUseOf(tenantId, calibrations);
    const loaded = { stored, calibrations, inUse, corrections };
    const scoring = inForce(context.hash, defaults, loaded);
    cache.set(tenantId, { scoring, untilMs: context.now() + BELIEVED_MS });
    return scoring;
  }

  async function save(tenantId: number, key: string, value: unknown): Promise<void> {
    await putState(context.db, tenantId, COLLECTION, key, value, context.now());
    await load(tenantId);
  }

  return {
    async of(tenantId) {
      const known = cache.get(tenantId);
      return known !== undefined && known.untilMs > context.now() ? known.scoring : load(tenantId);
    },
    known: (tenantId) => cache.get(tenantId)?.scoring ?? null,
    async change(tenantId, request) {
      const { stored } = await load(tenantId);
      await save(tenantId, 'settings', merged(stored, request));
      return load(tenantId);
    },
    saveCalibrations(tenantId, stacks) {
      const kept = Object.entries(stacks).map(
        ([taskType, stack]) => [taskType, stack.slice(-MAX_HISTORY)] as const,
      );
      return save(tenantId, 'calibrations', Object.fromEntries(kept));
    },
    saveCorrections: (tenantId, corrections) =>
      save(tenantId, 'corrections', corrections.slice(-MAX_HISTORY)),
  };
}
