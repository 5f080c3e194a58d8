import { describe, expect, it } from 'vitest';
import type { Desk, Evaluation } from './desk.ts';
import { runTasks, type StreamTask } from './run-tasks.ts';

interface Seen {
  readonly events: string[];
  readonly evaluations: Evaluation[];
  readonly checks: Evaluation[];
}

function recordingDesk(): { desk: Desk; seen: Seen } {
  const seen: Seen = { events: [], evaluations: [], checks: [] };
  const unused = (): never => {
    throw new Error('not part of this test');
  };
  const desk: Desk = {
    freeTaskType: unused,
    registerAgent: unused,
    drift: unused,
    createScorecard: unused,
    gate: unused,
    promote: unused,
    exportBatch: unused,
    close: unused,
    route: async (task) => {
      seen.events.push(`route ${task.taskId}`);
      return { agentId: 'a', agentVersion: '1' };
    },
    recordExecution: (execution) => {
      seen.events.push(`run ${execution.taskId}`);
    },
    recordEvaluation: (evaluation) => {
      seen.events.push(`truth ${evaluation.taskId}`);
      seen.evaluations.push(evaluation);
    },
    recordSpotCheck: (_, evaluation) => {
      seen.checks.push(evaluation);
    },
    flush: async () => undefined,
  };
  return { desk, seen };
}

const tasks: StreamTask[] = Array.from({ length: 400 }, (_, index) => ({
  id: `task-${index}`,
  kind: 'k',
  features: {},
}));

async function runAll() {
  const { desk, seen } = recordingDesk();
  const befores: number[] = [];
  const results = await runTasks(desk, {
    taskType: 'triage',
    tasks,
    candidates: () => ['a', 'b'].map((agentId) => ({ agentId, agentVersion: '1' })),
    execute: (task) => ({ score: 0.4, isRight: task.id === 'task-0' }),
    before: async (index) => {
      befores.push(index);
    },
    onProgress: () => undefined,
  });
  return { results, seen, befores };
}

describe('runTasks', () => {
  it('routes, runs and judges every task once, in stream order', async () => {
    const { results, seen, befores } = await runAll();
    expect(results).toHaveLength(tasks.length);
    expect(results[0]).toMatchObject({ agentId: 'a', isRight: true, score: 0.4 });
    expect(befores.slice(0, 3)).toEqual([0, 8, 16]);
    const judged = seen.evaluations.map((evaluation) => evaluation.taskId);
    expect(new Set(judged).size).toBe(tasks.length);
    const routed = seen.events.filter((event) => event.startsWith('route '));
    expect(routed).toEqual(tasks.map((task) => `route ${task.id}`));
  });

  it('delivers about a fifth of the truth late, by 50 tasks', async () => {
    const { seen } = await runAll();
    const routedAt = new Map<string, number>();
    let routed = 0;
    let late = 0;
    for (const event of seen.events) {
      const [what, id = ''] = event.split(' ');
      if (what === 'route') routedAt.set(id, routed++);
      if (what === 'truth' && routed - (routedAt.get(id) ?? 0) > 40) late += 1;
    }
    expect(late / tasks.length).toBeGreaterThan(0.1);
    expect(late / tasks.length).toBeLessThan(0.3);
  });

  it('checks about a quarter of the tasks on every agent', async () => {
    const { seen } = await runAll();
    expect(seen.checks.length % 2).toBe(0);
    const share = seen.checks.length / 2 / tasks.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.35);
    expect(new Set(seen.checks.map((check) => check.agentId))).toEqual(new Set(['a', 'b']));
  });
});
