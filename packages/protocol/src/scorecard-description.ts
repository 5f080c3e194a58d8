import type { Json, MetricWeight, RerunSpread, ScorerIdentity } from '@assay/loop';
import { z } from 'zod';

/** What a person says of an evaluation, in the file that `assay scorecard new --meta` takes. */
export interface ScorecardDescription {
  readonly agent?: { readonly id: string; readonly name?: string };
  readonly version?: string;
  readonly dataset?: {
    readonly reference: string;
    readonly description?: string;
    /** Items of the whole set. */
    readonly size?: number;
  };
  readonly methodology?: string;
  /** Everything that must be equal for two cards to be compared. */
  readonly config?: Readonly<Record<string, Json>>;
  readonly environment?: Readonly<Record<string, Json>>;
  readonly scorer?: ScorerIdentity;
  readonly metrics?: readonly MetricWeight[];
  readonly aggregateName?: string;
  readonly reproduction?: readonly string[];
  readonly reruns?: Readonly<Record<string, RerunSpread>>;
}

const key = z.string().min(1).max(200);
const values = z.record(key, z.json());

/** The file that `assay scorecard new --meta` takes. */
export const scorecardDescriptionSchema: z.ZodType<ScorecardDescription> = z.strictObject({
  agent: z.strictObject({ id: key, name: key.exactOptional() }).exactOptional(),
  version: key.exactOptional(),
  dataset: z
    .strictObject({
      reference: z.string().min(1).max(1_000),
      description: z.string().max(10_000).exactOptional(),
      size: z.number().int().min(1).exactOptional(),
    })
    .exactOptional(),
  methodology: z.string().min(1).max(10_000).exactOptional(),
  config: values.exactOptional(),
  environment: values.exactOptional(),
  scorer: z
    .strictObject({ id: key, version: key, digest: z.string().max(200).nullable() })
    .exactOptional(),
  metrics: z
    .array(z.strictObject({ name: key, weight: z.number().min(0) }))
    .min(1)
    .max(50)
    .exactOptional(),
  aggregateName: key.exactOptional(),
  reproduction: z.array(z.string().max(10_000)).max(100).exactOptional(),
  reruns: z
    .record(
      key,
      z.strictObject({
        runs: z.number().int().min(1),
        standardDeviation: z.number().min(0).max(1),
      }),
    )
    .exactOptional(),
});
