import {
  type JudgeRubric,
  type ModelUsage,
  measureClassAgreement,
  NO_USAGE,
  type NoVerdict,
  noVerdict,
  type PairVerdict,
  reportOnLabels,
  type SummedScore,
  summarisePairs,
  summariseScores,
  sumUsage,
} from '@assay/loop';
import {
  AssayError,
  type CriterionInput,
  type JudgeItem,
  type JudgePairItem,
  withCriteria,
} from '@assay/protocol';
import type { ModelPort } from '../adapters/models/model-port.ts';
import { type Judged, judgeAnswer, judgePair, judgeVersion } from '../engine/judge.ts';
import { clusterOf, type RunMode } from './score-items.ts';
import {
  columnsOfGrades,
  columnsOfPair,
  linesOfCounts,
  linesOfLabels,
  linesOfPairs,
  textOfClasses,
  textOfShare,
  textOfUsage,
} from './score-text.ts';

/** Grading answers one by one. */
export function rubricMode(model: ModelPort, rubric: JudgeRubric): RunMode<JudgeItem> {
  const version = judgeVersion(rubric, 'rubric');
  const items: (SummedScore & { readonly label: number | null })[] = [];
  const meter = createMeter();
  return {
    async score(item, signal) {
      const judged = await judgedBy(rubric, item.criteria, 'rubric', (own) =>
        judgeAnswer(model, item, own, signal),
      );
      const { verdict } = judged;
      return {
        json: jsonOf(judged),
        columns: columnsOfGrades(verdict),
        isFault: isFault(verdict),
        keep: () => {
          // The grades are printed already; of them only the score goes into the summary.
          const kept =
            verdict.kind === 'scored' ? { kind: verdict.kind, score: verdict.score } : verdict;
          items.push({ verdict: kept, cluster: clusterOf(item), label: item.label ?? null });
          meter.add(judged);
        },
      };
    },
    summary: () => {
      const summary = summariseScores(items);
      const labels = reportOnLabels(
        items.flatMap(({ verdict, label, cluster }) =>
          verdict.kind === 'scored' ? [{ score: verdict.score, label, cluster }] : [],
        ),
      );
      return {
        json: { ...summary, labels, judge: version, model: model.id, ...meter.json() },
        lines: [
          ...linesOfCounts(summary),
          ...(summary.mean === null ? [] : [`mean ${textOfShare(summary.mean)}`]),
          ...(labels === null ? [] : linesOfLabels(labels)),
          `judge ${model.id}, ${version}: ${meter.text()}`,
        ],
        scored: summary.scored,
      };
    },
  };
}

/** Comparing pairs of answers in both orders. */
export function pairMode(model: ModelPort, rubric: JudgeRubric): RunMode<JudgePairItem> {
  const version = judgeVersion(rubric, 'pairwise');
  const items: { verdict: PairVerdict; cluster: string; preferred: string | null }[] = [];
  const meter = createMeter();
  return {
    async score(item, signal) {
      const pair = { ...item, responseA: item.response_a, responseB: item.response_b };
      const judged = await judgedBy(rubric, item.criteria, 'pairwise', (own) =>
        judgePair(model, pair, own, signal),
      );
      const { verdict } = judged;
      return {
        json: jsonOf(judged),
        columns: columnsOfPair(verdict),
        isFault: isFault(verdict),
        keep: () => {
          items.push({ verdict, cluster: clusterOf(item), preferred: item.preferred ?? null });
          meter.add(judged);
        },
      };
    },
    summary: () => {
      const summary = summarisePairs(items);
      const labelled = items.flatMap(({ verdict, cluster, preferred }) =>
        verdict.kind === 'scored' && preferred !== null
          ? [{ judge: verdict.winner, label: preferred, cluster }]
          : [],
      );
      const labels = labelled.length === 0 ? null : measureClassAgreement(labelled);
      return {
        json: { ...summary, labels, judge: version, model: model.id, ...meter.json() },
        lines: [
          ...linesOfCounts(summary),
          ...linesOfPairs(summary),
          ...(labels === null ? [] : [textOfClasses(labels)]),
          `judge ${model.id}, ${version}: ${meter.text()}`,
        ],
        scored: summary.scored,
      };
    },
  };
}

/** A judgment, and the version of its judge where that is not the judge of the run. */
interface JudgedItem<Verdict> extends Judged<Verdict> {
  readonly judge?: string;
}

/** Judges by the rubric with the item's own criteria; unscored when those are none. */
async function judgedBy<Verdict>(
  rubric: JudgeRubric,
  criteria: string | readonly CriterionInput[] | undefined,
  mode: 'rubric' | 'pairwise',
  judge: (rubric: JudgeRubric) => Promise<Judged<Verdict>>,
): Promise<JudgedItem<Verdict | NoVerdict>> {
  const own = rubricOrFault(rubric, criteria);
  if (own instanceof AssayError) {
    return { verdict: noVerdict(own.code, own.detail), usage: NO_USAGE, replies: 0 };
  }
  const judged = await judge(own);
  return own === rubric ? judged : { ...judged, judge: judgeVersion(own, mode) };
}

function rubricOrFault(
  rubric: JudgeRubric,
  criteria: string | readonly CriterionInput[] | undefined,
): JudgeRubric | AssayError {
  try {
    return withCriteria(rubric, criteria);
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
}

function jsonOf({ verdict, usage, judge }: JudgedItem<object>): object {
  return { ...verdict, usage, ...(judge === undefined ? {} : { judge }) };
}

/** True when a fault, not what the judge said, is why there is no score: reasons that are codes. */
function isFault(verdict: { readonly kind: 'scored' } | NoVerdict): boolean {
  return verdict.kind === 'unscored' && /^(model|judge)\./.test(verdict.reason);
}

/** Adds up what replies took. */
function createMeter() {
  let usage: ModelUsage = NO_USAGE;
  let replies = 0;
  return {
    add: (judged: Judged<unknown>): void => {
      replies += judged.replies;
      usage = sumUsage([usage, judged.usage]);
    },
    json: () => ({ replies, usage }),
    text: () => textOfUsage(usage, replies),
  };
}
