import type { TriageAgent } from '../agents/agent.ts';
import { createRulesAgent } from '../agents/rules.ts';
import { type Progress, print, startProgress } from '../console/progress.ts';
import type { Mail } from '../mail/corpus.ts';
import type { Desk, DriftFinding, ExportedBatch } from './desk.ts';
import { type GateRound, runGates, TRAINERS } from './gate-story.ts';
import { fairReward, isRight } from './reward.ts';
import { runTasks, type StreamTask, type TaskResult } from './run-tasks.ts';
import type { Stream } from './stream.ts';

/** Task type of the routed mail; a further run on the same store is numbered. */
const TASK_TYPE = 'triage';

/** Windows of 8 tasks between two questions for drift. */
const ASK_DRIFT_EVERY = 128;

/** A finding of drift and where in the stream it was noticed. */
export interface NoticedDrift extends DriftFinding {
  /** Month of the mail at which the change began, `YYYY-MM`. */
  readonly sinceMonth: string;
  /** Day of the mail in hand when it was noticed, `YYYY-MM-DD`. */
  readonly noticedOn: string;
}

/** All that happened on the stream. */
export interface TriageRun {
  readonly results: readonly TaskResult[];
  readonly firstAgents: readonly TriageAgent[];
  readonly library: ReadonlyMap<string, TriageAgent>;
  readonly drift: readonly NoticedDrift[];
  readonly gates: readonly GateRound[];
  readonly batch: ExportedBatch;
  readonly streamMs: number;
}

interface MailTask extends StreamTask {
  readonly mail: Mail;
}

function taskOf(taskType: string, mail: Mail): MailTask {
  // Only the month of the mail leaves this process: with the minute a mail could be recognised.
  const features = {
    month: mail.month,
    sizeBytes: mail.sizeBytes,
    attachments: mail.attachments,
    hasHtml: mail.hasHtml,
  };
  return { id: `${taskType}-${mail.id}`, kind: mail.kind, features, mail };
}

/** The agents at their first version, trained on mail up to July. */
export function firstAgents(training: readonly Mail[]): TriageAgent[] {
  return [createRulesAgent(), ...Object.values(TRAINERS).map((train) => train('1', training))];
}

/** Tells which finding is which, so that each is told once. */
export function driftKey(finding: DriftFinding): string {
  const { agentId, agentVersion, taskType, taskKind, metric } = finding;
  return [agentId, agentVersion, taskType, taskKind, metric].join(' ');
}

function dayOf(mail: Mail | undefined): string {
  return mail === undefined ? '' : new Date(mail.dateMs).toISOString().slice(0, 10);
}

/** The month of the mail that was in hand at a time of the wall clock. */
function monthAt(ms: number, tasks: readonly Mail[], results: readonly TaskResult[]): string {
  let month = tasks[0]?.month ?? '';
  for (const [index, result] of results.entries()) {
    if (result.startedMs > ms) break;
    month = tasks[index]?.month ?? month;
  }
  return month;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** One line on a finding. */
export function driftLine(finding: NoticedDrift): string {
  const { agentId, agentVersion, taskKind, from, to, sinceMonth, noticedOn, pValue } = finding;
  const where = taskKind === '' ? 'all kinds' : taskKind;
  return (
    `drift: ${agentId}@${agentVersion} on ${where}: ${finding.metric} ${percent(from)} -> ` +
    `${percent(to)} since mail of ${sinceMonth}, noticed at mail of ${noticedOn} ` +
    `(p ${pValue.toExponential(1)})`
  );
}

/** One line on a gate round. */
export function gateLine(round: GateRound): string {
  const outcome = round.hasPassed ? 'PASS, promoted' : `${round.verdict.toUpperCase()}`;
  const reason = round.hasPassed ? '' : `: ${round.reasons.join('; ')}`;
  return (
    `gate: ${round.agentId}@${round.fromVersion} -> @${round.toVersion}: ` +
    `${percent(round.before.value)} -> ${percent(round.after.value)}, only new right ` +
    `${round.onlyCandidateRight}, only old right ${round.onlyOldRight}: ${outcome}${reason}`
  );
}

async function noticeDrift(
  desk: Desk,
  stream: Stream,
  taskType: string,
  index: number,
  soFar: readonly TaskResult[],
  known: Map<string, NoticedDrift>,
  progress: Progress,
): Promise<void> {
  for (const finding of await desk.drift()) {
    const key = driftKey(finding);
    if (known.has(key) || finding.taskType !== taskType) continue;
    const noticed: NoticedDrift = {
      ...finding,
      sinceMonth: monthAt(finding.sinceMs, stream.tasks, soFar),
      noticedOn: dayOf(stream.tasks[index]),
    };
    known.set(key, noticed);
    progress.say(driftLine(noticed));
  }
}

/** Runs the whole stream through Assay: route, run, evaluate, notice drift, gate, promote, export. */
export async function runTriage(desk: Desk, stream: Stream): Promise<TriageRun> {
  const agents = firstAgents(stream.training);
  const active = new Map(agents.map((agent) => [agent.agentId, agent]));
  const library = new Map(agents.map((agent) => [`${agent.agentId}@${agent.version}`, agent]));
  for (const { agentId, version } of agents) {
    await desk.registerAgent({ agentId, agentVersion: version }, agentId);
  }
  const taskType = await desk.freeTaskType(TASK_TYPE);
  if (taskType !== TASK_TYPE) print(`This store holds an earlier run: this one is "${taskType}".`);
  const known = new Map<string, NoticedDrift>();
  const gates: GateRound[] = [];
  const progress = startProgress('sorting mail', stream.tasks.length);
  const startMs = performance.now();
  const results = await runTasks<MailTask>(desk, {
    taskType,
    tasks: stream.tasks.map((mail) => taskOf(taskType, mail)),
    candidates: () =>
      [...active.values()].map(({ agentId, version }) => ({ agentId, agentVersion: version })),
    execute: ({ mail }, { agentId, agentVersion }) => {
      const agent = library.get(`${agentId}@${agentVersion}`);
      if (agent === undefined) throw new Error(`unknown agent ${agentId}@${agentVersion}`);
      const verdict = agent.triage(mail);
      return { score: fairReward(verdict, mail.isSpam), isRight: isRight(verdict, mail.isSpam) };
    },
    before: async (index, soFar) => {
      const isGateTime = gates.length === 0 && index >= stream.octoberAt;
      if (isGateTime || (index > 0 && index % ASK_DRIFT_EVERY === 0)) {
        if (isGateTime) await desk.flush();
        await noticeDrift(desk, stream, taskType, index, soFar, known, progress);
      }
      if (!isGateTime) return;
      gates.push(...(await runGates(desk, taskType, stream, active, library)));
      for (const round of gates) progress.say(gateLine(round));
    },
    onProgress: (done) => progress.update(done, stream.tasks[done - 1]?.month ?? ''),
  });
  progress.finish();
  const streamMs = performance.now() - startMs;
  const batch = await desk.exportBatch(taskType);
  return {
    results,
    firstAgents: agents,
    library,
    drift: [...known.values()],
    gates,
    batch,
    streamMs,
  };
}
