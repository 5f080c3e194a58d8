import type { Database } from './database.ts';

/** One planned run of a job. */
export interface JobSlot {
  readonly job: string;
  /** Planned time, ms since 1970. */
  readonly slotMs: number;
  /** How often it was claimed. */
  readonly attempt: number;
  readonly leaseUntilMs: number | null;
  readonly doneAtMs: number | null;
  /** Who claimed it last. */
  readonly by: string | null;
  readonly note: unknown;
}

/** A slot that the caller holds until its lease ends. */
export interface ClaimedSlot {
  readonly slotMs: number;
  readonly attempt: number;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Plans the slots of a job from one time to another, both included. Known slots are left alone. */
export async function proposeSlots(
  db: Database,
  job: string,
  range: { readonly fromMs: number; readonly toMs: number; readonly intervalMs: number },
): Promise<void> {
  await db.query(
    `insert into job_slot (job, slot)
     select $1::text, g from generate_series($2::timestamptz, $3::timestamptz, $4::interval) g
     on conflict do nothing`,
    [job, iso(range.fromMs), iso(range.toMs), `${range.intervalMs} milliseconds`],
  );
}

/** Claims the oldest slot of a job that nobody holds; null when there is none. */
export async function claimSlot(
  db: Database,
  job: string,
  claim: { readonly by: string; readonly nowMs: number; readonly leaseMs: number },
): Promise<ClaimedSlot | null> {
  const { rows } = await db.query<{ slot: Date; attempt: number }>(
    `update job_slot s
     set lease_until = $2::timestamptz + $3::interval, attempt = attempt + 1, by = $4::text
     from (select job, slot from job_slot
           where job = $1::text and done_at is null
             and (lease_until is null or lease_until < $2::timestamptz)
             and slot <= $2::timestamptz
           order by slot limit 1 for update skip locked) c
     where s.job = c.job and s.slot = c.slot returning s.slot, s.attempt`,
    [job, iso(claim.nowMs), `${claim.leaseMs} milliseconds`, claim.by],
  );
  const row = rows[0];
  return row === undefined ? null : { slotMs: row.slot.getTime(), attempt: Number(row.attempt) };
}

/** Names the claim that a holder acts on. */
export interface SlotHold {
  readonly slotMs: number;
  readonly by: string;
  readonly attempt: number;
  readonly nowMs: number;
}

/** Prolongs the lease of a slot. False when the caller no longer holds it. */
export async function renewSlot(
  db: Database,
  job: string,
  hold: SlotHold & { readonly leaseMs: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `update job_slot set lease_until = $3::timestamptz + $6::interval
     where job = $1::text and slot = $2::timestamptz and by = $4::text and attempt = $5::int
       and done_at is null returning slot`,
    [job, iso(hold.slotMs), iso(hold.nowMs), hold.by, hold.attempt, `${hold.leaseMs} milliseconds`],
  );
  return rows.length > 0;
}

/** Marks a slot as done. False when somebody else has claimed or finished it since. */
export async function finishSlot(
  db: Database,
  job: string,
  hold: SlotHold & { readonly note?: unknown },
): Promise<boolean> {
  const { rows } = await db.query(
    `update job_slot set done_at = $3::timestamptz, note = $6::text::json
     where job = $1::text and slot = $2::timestamptz and by = $4::text and attempt = $5::int
       and done_at is null returning slot`,
    [
      job,
      iso(hold.slotMs),
      iso(hold.nowMs),
      hold.by,
      hold.attempt,
      JSON.stringify(hold.note) ?? null,
    ],
  );
  return rows.length > 0;
}

/**
 * Gives a slot back undone: nobody can claim it before the given time. The note says why. False
 * when the caller no longer holds it.
 */
export async function postponeSlot(
  db: Database,
  job: string,
  hold: Omit<SlotHold, 'nowMs'> & { readonly untilMs: number; readonly note: unknown },
): Promise<boolean> {
  const { rows } = await db.query(
    `update job_slot set lease_until = $3::timestamptz, note = $6::text::json
     where job = $1::text and slot = $2::timestamptz and by = $4::text and attempt = $5::int
       and done_at is null returning slot`,
    [
      job,
      iso(hold.slotMs),
      iso(hold.untilMs),
      hold.by,
      hold.attempt,
      JSON.stringify(hold.note) ?? null,
    ],
  );
  return rows.length > 0;
}

/**
 * Removes slots from before a time, done or not; the newest slot of each job stays.
 * @returns how many were removed
 */
export async function forgetSlots(db: Database, beforeMs: number): Promise<number> {
  const { rows } = await db.query(
    `delete from job_slot s where slot < $1::timestamptz
       and slot < (select max(slot) from job_slot n where n.job = s.job) returning slot`,
    [iso(beforeMs)],
  );
  return rows.length;
}

/** Lists slots, newest first. */
export async function listSlots(
  db: Database,
  filter: { readonly job?: string; readonly limit?: number } = {},
): Promise<JobSlot[]> {
  const { rows } = await db.query<{
    job: string;
    slot: Date;
    attempt: number;
    lease_until: Date | null;
    done_at: Date | null;
    by: string | null;
    note: unknown;
  }>(
    `select * from job_slot where $1::text is null or job = $1::text
     order by slot desc, job collate "C" limit $2::int`,
    [filter.job ?? null, filter.limit ?? 100],
  );
  return rows.map((row) => ({
    job: row.job,
    slotMs: row.slot.getTime(),
    attempt: Number(row.attempt),
    leaseUntilMs: row.lease_until?.getTime() ?? null,
    doneAtMs: row.done_at?.getTime() ?? null,
    by: row.by,
    note: row.note,
  }));
}
