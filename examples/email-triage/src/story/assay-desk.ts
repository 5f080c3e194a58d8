import { type Assay, createAssay } from '@assay/client';
import type {
  Candidate,
  Desk,
  DriftFinding,
  Evaluation,
  Execution,
  ExportedBatch,
  GateAnswer,
  ScoredItem,
} from './desk.ts';

type Json = Readonly<Record<string, unknown>>;

/** Most pseudo-counts that a promoted version gets per kind of task from its gate result. */
const PRIOR_COUNTS = 20;
const ROUTE_TIMEOUT_MS = 5000;
const EVALUATOR = 'header-truth';

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : numberOf(value);
}

/** A share that comes bare or with its interval. */
function shareOf(value: unknown): number {
  return typeof value === 'object' && value !== null
    ? numberOf((value as Json)['mean'])
    : numberOf(value);
}

function findingOf(item: Json): DriftFinding {
  return {
    agentId: textOf(item['agentId']),
    agentVersion: textOf(item['agentVersion']),
    taskType: textOf(item['taskType']),
    taskKind: textOf(item['taskKind']),
    metric: textOf(item['metric']),
    from: shareOf(item['from']),
    to: shareOf(item['to']),
    sinceMs: timeOf(item['since'] ?? item['sinceMs']),
    pValue: numberOf(item['pValue']),
  };
}

function executionFields(execution: Execution) {
  const { agentId, agentVersion, taskType, taskKind, latencyMs } = execution;
  // Content capture is off: no prompt, no response. The agents are local and cost nothing.
  return { agentId, agentVersion, taskType, taskKind, latencyMs, success: true, costUsd: 0 };
}

function evaluationFields(evaluation: Evaluation) {
  const { agentVersion, taskType, taskKind, score, isRight } = evaluation;
  return {
    agentVersion,
    taskType,
    taskKind,
    overallScore: score,
    passedAllMandatory: isRight,
    qualityGates: [{ name: 'right', passed: isRight, mandatory: true, score: isRight ? 1 : 0 }],
    evaluator: EVALUATOR,
    evaluatorVersion: '1',
  };
}

function recorder(
  assay: Assay,
): Pick<Desk, 'route' | 'recordExecution' | 'recordEvaluation' | 'recordSpotCheck'> {
  return {
    route: async ({ features, ...task }) => {
      const decision = await assay.route(
        { ...task, record: false },
        { timeoutMs: ROUTE_TIMEOUT_MS },
      );
      // Recorded from here and not by the router, so that what was known of the mail is kept too.
      const { taskType, taskKind } = task;
      assay.tracker.decision({ ...decision, taskType, taskKind, contextFeatures: features });
      return {
        agentId: decision.selectedAgentId,
        agentVersion: decision.selectedAgentVersion ?? '1',
      };
    },
    recordExecution: (execution) =>
      assay.tracker.execution({ taskId: execution.taskId, ...executionFields(execution) }),
    recordEvaluation: (evaluation) => {
      const { taskId, agentId } = evaluation;
      assay.tracker.evaluation({ taskId, agentId, ...evaluationFields(evaluation) });
    },
    recordSpotCheck: (execution, evaluation) =>
      assay.tracker.task({
        taskId: execution.taskId,
        execution: executionFields(execution),
        evaluation: evaluationFields(evaluation),
      }),
  };
}

function itemOnWire(item: ScoredItem): Json {
  const { reward, ...rest } = item;
  return { ...rest, taskId: item.id, metrics: { reward } };
}

async function createScorecard(
  assay: Assay,
  agent: Candidate,
  name: string,
  items: readonly ScoredItem[],
): Promise<string> {
  const card = await assay.api.createScorecard({
    agentId: agent.agentId,
    version: agent.agentVersion,
    name,
    dataset: { reference: name, size: items.length },
    methodology: 'verdict of the agent against the truth of the corpus, one run per item',
    metrics: [
      { name: 'accuracy', weight: 1 },
      { name: 'reward', weight: 0 },
    ],
    items: items.map(itemOnWire),
  });
  return textOf(card['id']);
}

function answerOf(result: Json): GateAnswer {
  const reasons = listOf(result['reasons'])
    .filter((reason) => reason['severity'] !== 'note')
    .map((reason) => textOf(reason['message']) || textOf(reason['code']));
  const verdict = textOf(result['verdict']);
  return { hasPassed: result['mayRelease'] === true || verdict === 'passed', verdict, reasons };
}

async function askGate(
  assay: Assay,
  candidate: string,
  baseline: string,
  floor: number,
  trainedOn: readonly string[],
): Promise<GateAnswer> {
  const policy = { floors: { accuracy: { min: floor, test: 'point' } }, minItems: 100 };
  const request = { candidate, baseline, policy, trainedOnItemIds: trainedOn };
  return answerOf(await assay.api.gate(request));
}

/** Mean fair reward and pseudo-counts per kind of task, from the items of the gate. */
export function priorOf(
  items: readonly ScoredItem[],
): Readonly<Record<string, { mean: number; n: number }>> {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const item of items) {
    const cell = sums.get(item.category) ?? { sum: 0, n: 0 };
    sums.set(item.category, { sum: cell.sum + item.reward, n: cell.n + 1 });
  }
  return Object.fromEntries(
    [...sums].map(([kind, { sum, n }]) => [kind, { mean: sum / n, n: Math.min(n, PRIOR_COUNTS) }]),
  );
}

function batchOf(manifest: Json): ExportedBatch {
  const readiness = manifest['ready'] ?? manifest['readiness'];
  const counts = (manifest['counts'] ?? {}) as Json;
  const numbers = Object.entries(counts).filter((entry): entry is [string, number] => {
    return typeof entry[1] === 'number';
  });
  return {
    id: textOf(manifest['id']),
    isReady: typeof readiness === 'boolean' ? readiness : null,
    counts: Object.fromEntries(numbers),
    files: listOf(manifest['files']).map((file) => ({
      name: textOf(file['name']),
      bytes: numberOf(file['bytes']),
      sha256: textOf(file['sha256']),
    })),
    notes: [],
  };
}

/** Connects to an Assay server. `onError` hears what goes wrong in the background. */
export function connectDesk(url: string, apiKey: string, onError: (message: string) => void): Desk {
  const assay = createAssay({ url, apiKey, onError: (error) => onError(error.message) });
  return {
    ...recorder(assay),
    registerAgent: async ({ agentId, agentVersion }, family) => {
      await assay.api.putAgent(agentId, { version: agentVersion, family, state: 'active' });
    },
    flush: async () => {
      await assay.flush();
    },
    drift: async () => {
      const answer = await assay.api.drift<Json | readonly Json[]>();
      const list = Array.isArray(answer) ? answer : (answer as Json);
      const items = Array.isArray(list)
        ? list
        : ((list as Json)['findings'] ?? (list as Json)['items']);
      return listOf(items).map(findingOf);
    },
    createScorecard: (agent, name, items) => createScorecard(assay, agent, name, items),
    gate: (candidate, baseline, floor, trainedOn) =>
      askGate(assay, candidate, baseline, floor, trainedOn),
    promote: async (agentId, fromVersion, toVersion, scorecard, items) => {
      const prior = { fromGate: priorOf(items) };
      await assay.api.promoteAgent(agentId, { fromVersion, toVersion, scorecard, prior });
    },
    exportBatch: async (taskType) =>
      batchOf(await assay.api.createBatch({ trainingType: 'sft', taskType })),
    close: async () => {
      await assay.close();
    },
  };
}
