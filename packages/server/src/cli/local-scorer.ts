import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { ScoreItem } from '@assay/protocol';
import { digestOfFactors } from '../adapters/scoring/digest-of-factors.ts';
import type {
  ActiveCalibration,
  ItemOutcome,
  JudgedScore,
  ScoringSettings,
} from '../adapters/scoring/scoring-messages.ts';
import { createScoringPool, type ScoringPool } from '../adapters/scoring/scoring-pool.ts';
import { readScoringConfig } from '../config.ts';
import { typedResponseOf } from '../engine/score-responses.ts';
import { scorerOf } from '../engine/scorer-version.ts';

/** Scores responses in threads of this process, without a server. */
export interface LocalScorer {
  readonly settings: ScoringSettings;
  readonly pool: ScoringPool;
  /** Items that are worth having in work at a time. */
  readonly concurrency: number;
  score(item: ScoreItem): Promise<ItemOutcome<JudgedScore>>;
  close(): Promise<void>;
}

/** What a local scorer is made of. */
export interface LocalScorerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workers?: number;
  /** 0..1; the setting of the environment when absent. */
  readonly threshold?: number;
  readonly calibrations?: Readonly<Record<string, ActiveCalibration>>;
}

const MAX_WORKERS = 8;

/**
 * A scorer with the settings of the environment, as a server would have them.
 * @throws AssayError `config.invalid`
 */
export function openLocalScorer(options: LocalScorerOptions): LocalScorer {
  const config = readScoringConfig(options.env);
  const factorsModule = config.factorsModule === null ? null : resolve(config.factorsModule);
  const threads = options.workers ?? Math.min(MAX_WORKERS, availableParallelism());
  const concurrency = 2 * threads;
  const pool = createScoringPool({ threads, factorsModule, maxWaiting: concurrency });
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const settings: ScoringSettings = {
    scorer: scorerOf(hash, undefined, config.answerShare, digestOfFactors(factorsModule)),
    weights: {},
    answerShare: config.answerShare,
    minThreshold: options.threshold ?? config.minThreshold,
    isEvidence: false,
    calibrations: options.calibrations ?? {},
    correction: null,
  };
  return {
    settings,
    pool,
    concurrency,
    async score(item) {
      const work = { kind: 'responses' as const, items: [typedResponseOf(item)], settings };
      const [outcome] = await pool.run(work);
      return outcome ?? { kind: 'failed', reason: 'no answer' };
    },
    close: () => pool.close(),
  };
}
