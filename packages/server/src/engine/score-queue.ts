import { AssayError } from '@assay/protocol';
import type { StoredFact } from './record.ts';

/** A recorded response that waits to be scored. */
export interface QueuedResponse {
  readonly tenantId: number;
  readonly taskRef: string;
  /** JSON of the fact; a copy, since the line may be a view of a whole request. */
  readonly line: Uint8Array;
}

/** What became of the responses that were offered since the start. */
export interface ScoreQueueFigures {
  scored: number;
  unscored: number;
  /** Offered while the queue was full. */
  dropped: number;
  /** Given up because they could not be scored or recorded. */
  lost: number;
}

/** What came of a group. */
export interface GroupOutcome {
  readonly scored: number;
  readonly unscored: number;
}

/** What a queue is made of. */
export interface ScoreQueueParts {
  /** Scores and records responses of one tenant. */
  readonly work: (tenantId: number, group: readonly QueuedResponse[]) => Promise<GroupOutcome>;
  readonly pause: (ms: number) => Promise<void>;
  readonly onFault: (error: unknown) => void;
  readonly maxItems?: number;
  readonly maxBytes?: number;
}

/** Recorded responses on their way to a score. */
export interface ScoreQueue {
  /** Takes a response, or drops it when the queue is full. Never waits and never throws. */
  offer(stored: StoredFact): void;
  readonly figures: Readonly<ScoreQueueFigures>;
  /** Responses that wait. */
  depth(): number;
  /** Resolves when nothing waits or is in work. */
  idle(): Promise<void>;
  /** Gives up what waits and waits for the group in work. */
  close(): Promise<void>;
}

/** Small groups, so that a request for scores never waits long behind them. */
const GROUP = 16;
const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 200;

/** Faults that pass by themselves. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof AssayError &&
    ['score.busy', 'ingest.busy', 'store.unavailable'].includes(error.code)
  );
}

/** A queue with bounds; one group is in work at a time. */
export function createScoreQueue(parts: ScoreQueueParts): ScoreQueue {
  const { maxItems = 10_000, maxBytes = 64 * 1024 * 1024 } = parts;
  const figures: ScoreQueueFigures = { scored: 0, unscored: 0, dropped: 0, lost: 0 };
  let waiting: QueuedResponse[] = [];
  let bytes = 0;
  let isClosed = false;
  let running: Promise<void> | null = null;

  /** Takes the first responses of the tenant that has waited longest. */
  function takeGroup(): readonly QueuedResponse[] {
    const tenantId = waiting[0]?.tenantId;
    const end = waiting.findIndex((one, at) => at >= GROUP || one.tenantId !== tenantId);
    const group = end === -1 ? waiting : waiting.slice(0, end);
    waiting = end === -1 ? [] : waiting.slice(end);
    for (const { line } of group) bytes -= line.length;
    return group;
  }

  async function workOn(group: readonly QueuedResponse[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = await parts.work(group[0]?.tenantId ?? 0, group);
        figures.scored += outcome.scored;
        figures.unscored += outcome.unscored;
        return;
      } catch (error) {
        if (isPassing(error) && attempt < MAX_TRIES && !isClosed) {
          await parts.pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
          continue;
        }
        figures.lost += group.length;
        if (!isClosed) parts.onFault(error);
        return;
      }
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) await workOn(takeGroup());
    running = null;
  }

  return {
    offer({ tenantId, taskRef, bytes: given }) {
      if (isClosed) return;
      if (waiting.length >= maxItems || bytes + given.length > maxBytes) {
        figures.dropped += 1;
        return;
      }
      waiting.push({ tenantId, taskRef, line: new Uint8Array(given) });
      bytes += given.length;
      // Later in this turn: what is stored together is scored together.
      running ??= Promise.resolve().then(drain);
    },
    figures,
    depth: () => waiting.length,
    idle: async () => {
      while (running !== null) await running;
    },
    async close() {
      isClosed = true;
      figures.dropped += waiting.length;
      waiting = [];
      bytes = 0;
      await running;
    },
  };
}
