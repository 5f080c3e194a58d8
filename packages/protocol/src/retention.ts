import { z } from 'zod';

/** How long facts stay in which form, in days since the end of their day or their import. */
export interface RetentionSettings {
  /** As they were written. */
  readonly hotDays: number;
  /** In the store, with every document; compacted after `hotDays`. */
  readonly warmDays: number;
  /** As a file beside the store after `warmDays`; their figures stay in the store. */
  readonly archiveDays: number;
  /** Figures. */
  readonly deleteDays: number;
}

const days = z.int().min(1).max(36_500);

/** Settings of a tenant: each tier ends no earlier than the one before. */
export const retentionSchema: z.ZodType<RetentionSettings> = z
  .strictObject({ hotDays: days, warmDays: days, archiveDays: days, deleteDays: days })
  .refine(
    (one) =>
      one.hotDays <= one.warmDays &&
      one.warmDays <= one.archiveDays &&
      one.archiveDays <= one.deleteDays,
    'hotDays <= warmDays <= archiveDays <= deleteDays must hold',
  );

/** What holds for a tenant that has set nothing. */
export const DEFAULT_RETENTION: RetentionSettings = {
  hotDays: 7,
  warmDays: 90,
  archiveDays: 365,
  deleteDays: 730,
};
