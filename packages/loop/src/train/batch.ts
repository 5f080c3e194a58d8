import type { Detector } from '../privacy/finding.ts';
import { canonicalJson, type Json } from '../record/canonical-json.ts';
import type { HashText } from '../record/merkle.ts';
import { type BatchDistribution, distributionOf } from './distribution.ts';
import {
  completeMetrics,
  type DataGateName,
  type DataGateResult,
  privacyCompliance,
  qualityBounds,
  scoreThreshold,
} from './quality-gates.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import {
  allowListRow,
  exportedTexts,
  type Pseudonym,
  type RowFormat,
  sftRow,
} from './row-formats.ts';
import type { TrainingExample } from './training-example.ts';
import {
  type BatchCriteria,
  DEFAULT_REQUIRED_METRICS,
  TRAINING_REQUIREMENTS,
  type TrainingRequirement,
} from './training-type.ts';

/** What a batch is made from. */
export interface BatchRequest {
  readonly criteria: BatchCriteria;
  readonly format: RowFormat;
  /** Every example of the time range, in any order. */
  readonly examples: readonly TrainingExample[];
  /** Examples that went out in an earlier batch of this training type and format. */
  readonly alreadyExported: ReadonlySet<string>;
  readonly allowNotReady: boolean;
  /** Hash of the bytes of a file and of rows: SHA-256 as hex. */
  readonly hash: HashText;
  readonly pseudonym: Pseudonym;
  readonly detect: Detector;
  /** Name and version of the detector, for the manifest. */
  readonly detectorName: string;
  /** Length of a text in bytes of UTF-8. */
  readonly byteLength: (text: string) => number;
}

/** A file of a batch. */
export interface BatchFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is in a batch and how it came about. Holds nothing that a person wrote. */
export interface BatchManifest {
  readonly manifestVersion: 1;
  /** Made from the criteria and the digests of the files: the same batch has the same id. */
  readonly id: string;
  readonly criteria: BatchCriteria;
  readonly format: RowFormat;
  readonly requirement: TrainingRequirement;
  /** False: this batch was exported on demand although its training type asks for more. */
  readonly ready: boolean;
  readonly readiness: Readiness;
  readonly counts: {
    readonly candidates: number;
    readonly alreadyExported: number;
    readonly belowQuality: number;
    readonly rejected: number;
    readonly exported: number;
  };
  /** How many examples each gate kept out. An example counts at the first gate that failed. */
  readonly rejectedByGate: Readonly<Record<DataGateName, number>>;
  readonly detector: string;
  readonly distribution: BatchDistribution;
  readonly files: readonly BatchFile[];
}

/** A batch with its files, or how far it is from being one. */
export type BatchOutcome =
  | {
      readonly kind: 'batch';
      readonly manifest: BatchManifest;
      readonly files: readonly { readonly name: string; readonly content: string }[];
      /** Ids of the examples that went in: these and no others are marked exported. */
      readonly exampleIds: readonly string[];
      /** Ids of the tasks that a model trained on this batch has seen. */
      readonly taskIds: readonly string[];
      readonly verdicts: readonly ExampleVerdict[];
    }
  | {
      readonly kind: 'not-ready';
      readonly readiness: Readiness;
      readonly rejectedByGate: Readonly<Record<DataGateName, number>>;
      readonly verdicts: readonly ExampleVerdict[];
    };

/** What the gates said of an example that was kept out. */
export interface ExampleVerdict {
  readonly exampleId: string;
  readonly failed: readonly DataGateResult[];
}

/**
 * Makes a batch of training data. The same request gives the same bytes: rows are ordered by time
 * and id, keys are sorted, and nothing depends on when it runs.
 */
export function buildBatch(request: BatchRequest): BatchOutcome {
  const selection = select(request);
  const requirement = requirementOf(request.criteria);
  const readiness = readinessOf(selection.kept, requirement);
  const { rejectedByGate, verdicts } = selection;
  if (selection.kept.length === 0 || !(readiness.ready || request.allowNotReady)) {
    return { kind: 'not-ready', readiness, rejectedByGate, verdicts };
  }
  const files = filesOf(selection.kept, request);
  const described = files.map(({ name, content, rows }) => ({
    name,
    rows,
    bytes: request.byteLength(content),
    sha256: request.hash(content),
  }));
  const identity = { criteria: toJson(request.criteria), format: request.format, files: described };
  const manifest: BatchManifest = {
    manifestVersion: 1,
    id: `batch-${request.hash(canonicalJson(identity)).slice(0, 24)}`,
    criteria: request.criteria,
    format: request.format,
    requirement,
    ready: readiness.ready,
    readiness,
    counts: selection.counts,
    rejectedByGate,
    detector: request.detectorName,
    distribution: distributionOf(selection.kept),
    files: described,
  };
  return {
    kind: 'batch',
    manifest,
    files,
    exampleIds: selection.kept.map((example) => example.exampleId),
    taskIds: [...new Set(selection.kept.map((example) => example.taskId))],
    verdicts,
  };
}

function requirementOf({ trainingType, minQuality }: BatchCriteria): TrainingRequirement {
  const requirement = TRAINING_REQUIREMENTS[trainingType];
  return minQuality === undefined ? requirement : { ...requirement, minQuality };
}

interface Selection {
  readonly kept: readonly TrainingExample[];
  readonly counts: BatchManifest['counts'];
  readonly rejectedByGate: Readonly<Record<DataGateName, number>>;
  readonly verdicts: readonly ExampleVerdict[];
}

function select(request: BatchRequest): Selection {
  const { minQuality } = requirementOf(request.criteria);
  const candidates = request.examples
    .filter((example) => matches(example, request.criteria))
    .sort((a, b) => a.timestampMs - b.timestampMs || (a.exampleId < b.exampleId ? -1 : 1));
  const rejectedByGate = {
    'complete-metrics': 0,
    'quality-bounds': 0,
    'score-threshold': 0,
    'privacy-compliance': 0,
    duplicate: 0,
  };
  const verdicts: ExampleVerdict[] = [];
  const kept: TrainingExample[] = [];
  const seen = new Set<string>();
  let alreadyExported = 0;
  let belowQuality = 0;
  for (const example of candidates) {
    if (request.alreadyExported.has(example.exampleId)) {
      alreadyExported += 1;
      continue;
    }
    const failed = failedGates(example, request, seen);
    const first = failed[0];
    if (first !== undefined) {
      rejectedByGate[first.gate] += 1;
      verdicts.push({ exampleId: example.exampleId, failed });
    } else if (example.quality !== null && example.quality < minQuality) {
      belowQuality += 1;
    } else {
      kept.push(example);
      seen.add(contentKey(example, request));
    }
  }
  const counts = {
    candidates: candidates.length,
    alreadyExported,
    belowQuality,
    rejected: verdicts.length,
    exported: kept.length,
  };
  return { kept, counts, rejectedByGate, verdicts };
}

function matches(example: TrainingExample, criteria: BatchCriteria): boolean {
  const { fromMs, toMs, taskTypes, agentIds } = criteria;
  return (
    example.timestampMs >= fromMs &&
    example.timestampMs < toMs &&
    (taskTypes === undefined || taskTypes.includes(example.taskType)) &&
    (agentIds === undefined || agentIds.includes(example.agentId))
  );
}

function failedGates(
  example: TrainingExample,
  request: BatchRequest,
  seen: ReadonlySet<string>,
): readonly DataGateResult[] {
  const required = request.criteria.requiredMetrics ?? DEFAULT_REQUIRED_METRICS;
  const texts = request.format === 'sft-jsonl' ? (['prompt', 'response'] as const) : [];
  const results = [
    // A batch is chosen by quality, so an unscored example cannot be chosen.
    completeMetrics(example, [...new Set([...required, 'quality' as const, ...texts])]),
    qualityBounds(example),
    scoreThreshold(example),
    privacyCompliance(exportedTexts(example, request.format), request.detect),
  ];
  if (request.format === 'sft-jsonl' && seen.has(contentKey(example, request))) {
    const reason = 'Same prompt and response as an earlier example';
    results.push({ gate: 'duplicate', passed: false, severity: 'error', reason });
  }
  return results.filter((result) => !result.passed);
}

function contentKey(example: TrainingExample, request: BatchRequest): string {
  return request.hash(`${example.prompt ?? ''}\0${example.response ?? ''}`);
}

interface FileContent {
  readonly name: string;
  readonly content: string;
  readonly rows: number;
}

function filesOf(kept: readonly TrainingExample[], request: BatchRequest): readonly FileContent[] {
  const rows = kept.map((example) =>
    request.format === 'sft-jsonl' ? sftRow(example) : allowListRow(example, request.pseudonym),
  );
  const lineage = kept.map((example, index) =>
    canonicalJson({
      row: index,
      task_ref: request.pseudonym(example.taskId),
      row_sha256: request.hash(rows[index] ?? ''),
      sources: example.sourceIds,
    }),
  );
  return [
    { name: 'train.jsonl', content: linesOf(rows), rows: rows.length },
    { name: 'lineage.jsonl', content: linesOf(lineage), rows: lineage.length },
  ];
}

function linesOf(rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join('');
}

function toJson(criteria: BatchCriteria): Json {
  return { ...criteria };
}
