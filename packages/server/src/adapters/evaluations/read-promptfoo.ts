import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '@assay/loop';
import { at, recordsOf, textOr, type Values } from '@assay/loop/gate/card-values';
import type { ScorecardItem } from '@assay/loop/gate/scorecard';
import { checkedItem, invalidEvaluation, jsonOf, withRepeats } from './evaluation-format.ts';

/** promptfoo's word for a result that an error of the provider or of the runner ended. */
const FAILURE_ERROR = 2;

/**
 * Items of the JSON that `promptfoo eval -o results.json` writes: one for each test, with its score,
 * and `pass` as a further metric. A test that an error ended counts as lost to infrastructure.
 *
 * The file may hold results of several providers or prompts; they are not one agent, so `provider`
 * must then name one. Throws AssayError `scorecard.invalid`.
 */
export function readPromptfoo(text: string, provider?: string): readonly ScorecardItem[] {
  const value = jsonOf(text);
  const found = at(value, 'results.results') ?? at(value, 'results');
  const all = recordsOf(found);
  if (all.length === 0) throw invalidEvaluation('there are no promptfoo results in the file');
  const chosen = all.filter(
    (one) => provider === undefined || provider === providerOf(one) || provider === labelOf(one),
  );
  const columns = new Set(
    chosen.map((one) => `${labelOf(one) ?? providerOf(one)}, prompt ${at(one, 'promptIdx') ?? 0}`),
  );
  if (columns.size !== 1) {
    const names = columns.size === 0 ? all.map(providerOf) : [...columns];
    throw invalidEvaluation(
      `name one provider of the file: ${[...new Set(names)].slice(0, 10).join('; ')}`,
    );
  }
  return withRepeats(chosen.map(itemOf));
}

function providerOf(one: Values): string {
  return textOr(at(one, 'provider.id')) ?? textOr(one['provider']) ?? 'unknown';
}

function labelOf(one: Values): string | null {
  return textOr(at(one, 'provider.label'));
}

function itemOf(one: Values, index: number): ScorecardItem {
  const test = at(one, 'testIdx') ?? index;
  const id =
    textOr(at(one, 'testCase.metadata.id')) ??
    textOr(at(one, 'testCase.description'))?.slice(0, 200) ??
    `test ${test}`;
  const isLost = one['failureReason'] === FAILURE_ERROR;
  const category = textOr(at(one, 'testCase.metadata.category'));
  const latencyMs = one['latencyMs'];
  const costUsd = one['cost'];
  const vars = one['vars'];
  return checkedItem(
    {
      id,
      score: isLost ? null : one['score'],
      ...(isLost
        ? { status: 'infrastructure' }
        : { metrics: { pass: Number(one['success'] === true) } }),
      ...(category === null ? {} : { category }),
      ...(vars === undefined ? {} : { digest: digestOf(vars) }),
      ...(typeof latencyMs === 'number' ? { latencyMs } : {}),
      ...(typeof costUsd === 'number' ? { costUsd } : {}),
    },
    `result ${index + 1}`,
  );
}

function digestOf(vars: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(vars as Json))
    .digest('hex');
}
