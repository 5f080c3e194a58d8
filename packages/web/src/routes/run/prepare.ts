import type { Run, SpanNode } from '@assay/loop';

/** One line of the trace, placed on the time axis. */
export interface TraceRow {
  readonly id: string;
  readonly name: string;
  readonly spanClass: string;
  /** Left edge and width, as shares of the whole trace. */
  readonly left: number;
  readonly width: number;
  readonly latencyMs: number | null;
  readonly isFailed: boolean;
  readonly children: readonly TraceRow[];
}

const NS_PER_MS = 1_000_000n;

function startMs(node: SpanNode): number {
  const { startNs, timestamp } = node.span;
  return startNs ? Number(BigInt(startNs) / NS_PER_MS) : timestamp;
}

function endMs(node: SpanNode): number {
  return startMs(node) + (node.span.latencyMs ?? 0);
}

function extent(nodes: readonly SpanNode[]): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const node of nodes) {
    const below = extent(node.children);
    from = Math.min(from, startMs(node), below.from);
    to = Math.max(to, endMs(node), below.to);
  }
  return { from, to };
}

/** Places spans on one axis. An empty list gives no rows. */
export function prepareTrace(nodes: readonly SpanNode[]): TraceRow[] {
  const { from, to } = extent(nodes);
  const length = Math.max(1, to - from);
  const place = (node: SpanNode): TraceRow => ({
    id: `${node.span.traceId}:${node.span.spanId}`,
    name: node.span.name,
    spanClass: node.span.spanClass,
    left: (startMs(node) - from) / length,
    width: (node.span.latencyMs ?? 0) / length,
    latencyMs: node.span.latencyMs ?? null,
    isFailed: node.span.success === false,
    children: node.children.map(place),
  });
  return nodes.map(place);
}

/** One moment of a run in words. */
export interface Moment {
  readonly atMs: number;
  readonly what: string;
  readonly detail: string;
}

/** Decisions, starts, tool calls, turns, evaluations and ratings in the order of time. */
export function prepareMoments(run: Run): Moment[] {
  const moments: Moment[] = [
    ...run.decisions.map((decision) => ({
      atMs: decision.timestamp,
      what: `Routed to ${decision.selectedAgentId}`,
      detail: decision.primaryReason ?? decision.routingStrategy,
    })),
    ...run.attempts.flatMap((attempt) =>
      attempt.startedAt === null
        ? []
        : [
            {
              atMs: attempt.startedAt,
              what: `Attempt ${attempt.attempt} began`,
              detail: attempt.agentId ?? '',
            },
          ],
    ),
    ...run.toolCalls.map((call) => ({
      atMs: call.timestamp,
      what: `Tool ${call.toolName}`,
      detail: call.success === false ? (call.failureReason ?? 'failed') : '',
    })),
    ...run.turns.map((turn) => ({
      atMs: turn.timestamp,
      what: `Turn ${turn.turnNumber}`,
      detail:
        turn.turnReward === null || turn.turnReward === undefined
          ? ''
          : `reward ${turn.turnReward}`,
    })),
    ...run.evaluations.map((evaluation) => ({
      atMs: evaluation.timestamp,
      what: 'Evaluated',
      detail:
        evaluation.overallScore === null || evaluation.overallScore === undefined
          ? `unscored${evaluation.unscoredReason ? `: ${evaluation.unscoredReason}` : ''}`
          : `score ${evaluation.overallScore}`,
    })),
    ...run.ratings.map((rating) => ({
      atMs: rating.timestamp,
      what: `Rated (${rating.source})`,
      detail: [rating.label, rating.score, rating.comment]
        .filter((part) => part !== null && part !== undefined)
        .join(' · '),
    })),
  ];
  return moments.sort((a, b) => a.atMs - b.atMs);
}
