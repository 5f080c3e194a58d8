import { type Assay, AssayClientError, createAssay } from '@assay/client';
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

/** The items of a list as the server answers it. */
function itemsOf(answer: unknown): readonly Json[] {
  return listOf((answer as Json | null)?.['items']);
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
        { ...task, record: 'none' },
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
  return { ...rest, metrics: { reward } };
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
  taskType: string,
  items: readonly ScoredItem[],
): { taskType: string; taskKind: string; mean: number; n: number }[] {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const item of items) {
    const cell = sums.get(item.category) ?? { sum: 0, n: 0 };
    sums.set(item.category, { sum: cell.sum + item.reward, n: cell.n + 1 });
  }
  return [...sums].map(([taskKind, { sum, n }]) => ({
    taskType,
    taskKind,
    mean: sum / n,
    n: Math.min(n, PRIOR_COUNTS),
  }));
}

function numbersOf(value: unknown): Readonly<Record<string, number>> {
  const entries = Object.entries((value ?? {}) as Json);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

function batchOf(manifest: Json): ExportedBatch {
  const ready = manifest['ready'];
  const steps = listOf((manifest['readiness'] as Json | undefined)?.['steps']);
  const missing = steps.filter((step) => numberOf(step['have']) < numberOf(step['need']));
  const keptOut = Object.entries(numbersOf(manifest['rejectedByGate'])).filter(([, n]) => n > 0);
  return {
    id: textOf(manifest['id']),
    isReady: typeof ready === 'boolean' ? ready : null,
    counts: numbersOf(manifest['counts']),
    files: listOf(manifest['files']).map((file) => ({
      name: textOf(file['name']),
      bytes: numberOf(file['bytes']),
      sha256: textOf(file['sha256']),
    })),
    notes: [
      ...missing.map((step) => `${textOf(step['name'])}: ${step['have']} of ${step['need']}`),
      ...keptOut.map(([name, n]) => `kept out by ${name}: ${n}`),
    ],
  };
}

async function exportBatch(assay: Assay, taskType: string): Promise<ExportedBatch> {
  try {
    return batchOf(
      await assay.api.createBatch({
        trainingType: 'sft-warmup',
        format: 'allow-list-jsonl',
        taskTypes: [taskType],
        // These agents are no language models: they use no tokens.
        requiredMetrics: ['latencyMs', 'quality'],
        // One task type is less than the training type asks for; the manifest says so.
        allowNotReady: true,
      }),
    );
  } catch (error) {
    if (!(error instanceof AssayClientError) || error.serverCode !== 'batch.not-ready') throw error;
    return { id: 'none', isReady: false, counts: {}, files: [], notes: [error.message] };
  }
}

async function freeTaskType(assay: Assay, name: string): Promise<string> {
  for (let run = 1; ; run += 1) {
    const taskType = run === 1 ? name : `${name}-${run}`;
    const cells = itemsOf(await assay.api.evidence<unknown>({ taskType }));
    if (cells.length === 0) return taskType;
  }
}

/** Connects to an Assay server. `onError` hears what goes wrong in the background. */
export function connectDesk(url: string, apiKey: string, onError: (message: string) => void): Desk {
  const assay = createAssay({ url, apiKey, onError: (error) => onError(error.message) });
  return {
    ...recorder(assay),
    freeTaskType: (name) => freeTaskType(assay, name),
    registerAgent: async ({ agentId, agentVersion }, family) => {
      await assay.api.putAgent(agentId, { version: agentVersion, family, state: 'active' });
    },
    flush: async () => {
      await assay.flush();
    },
    drift: async () => {
      return itemsOf(await assay.api.drift<unknown>()).map(findingOf);
    },
    createScorecard: (agent, name, items) => createScorecard(assay, agent, name, items),
    gate: (candidate, baseline, floor, trainedOn) =>
      askGate(assay, candidate, baseline, floor, trainedOn),
    promote: async (agentId, fromVersion, toVersion, scorecard, measured) => {
      const prior = { fromGate: priorOf(measured.taskType, measured.items) };
      await assay.api.promoteAgent(agentId, { fromVersion, toVersion, scorecard, prior });
    },
    exportBatch: (taskType) => exportBatch(assay, taskType),
    close: async () => {
      await assay.close();
    },
  };
}
