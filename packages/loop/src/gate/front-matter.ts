import type { Json } from '../record/canonical-json.ts';
import type { ConfusionMatrix, Scorecard } from './scorecard.ts';

/** Most confusions that the list for other readers names; the full matrix stands beside it. */
const MOST_CONFUSIONS = 5;

/**
 * Front matter of SCORECARD.md, schema_version 1: the fields that every reader of such cards knows,
 * plus `n`, interval and digests, which they skip.
 */
export function frontMatterOf(card: Scorecard): { readonly [key: string]: Json | undefined } {
  const { recipe, results, aggregate, digests } = card;
  return {
    schema_version: card.schemaVersion,
    agent: { name: card.agent.name, version: card.agent.version, id: card.agent.id },
    generated_at: card.generatedAt,
    inherited_from: card.inheritedFrom,
    recipe: {
      dataset: {
        reference: recipe.dataset.reference,
        description: recipe.dataset.description ?? '',
        size: recipe.dataset.size,
        items_digest: digests.items,
      },
      methodology: recipe.methodology,
      config: recipe.config,
      environment: recipe.environment,
      scorer: recipe.scorer === null ? null : { ...recipe.scorer },
      reproduction: recipe.reproduction,
    },
    results: {
      test_cases_run: results.counts.run,
      counts: { ...results.counts },
      metrics: results.metrics.map((metric) => ({
        name: metric.name,
        value: metric.value,
        weight: metric.weight,
        n: metric.n,
        ci_method: metric.interval.method,
        ci_level: metric.interval.level,
        ci_low: metric.interval.low,
        ci_high: metric.interval.high,
        mde: metric.minimalDetectableEffect,
        rerun: metric.rerun === null ? null : { ...metric.rerun },
      })),
      breakdown: {
        per_category: results.perCategory.map((category) => ({
          category: category.category,
          total: category.n,
          correct: category.value === null ? null : category.value * category.n,
          accuracy: category.value,
          ci_method: category.interval?.method ?? null,
          ci_level: category.interval?.level ?? null,
          ci_low: category.interval?.low ?? null,
          ci_high: category.interval?.high ?? null,
        })),
        top_confusions: results.confusion === null ? [] : topConfusions(results.confusion),
        confusion: results.confusion === null ? null : { ...results.confusion },
      },
      performance: {
        latency_p50_ms: results.latencyMs?.p50 ?? null,
        latency_p95_ms: results.latencyMs?.p95 ?? null,
        cost_usd: results.costUsd,
      },
    },
    aggregate: {
      name: aggregate.name,
      formula: aggregate.formula,
      components: aggregate.components.map((component) => ({ ...component })),
      value: aggregate.value,
    },
    digests: {
      results: digests.results,
      config: digests.config,
      declared: digests.declared,
    },
    subject: card.subject.map((file) => ({ ...file })),
  };
}

/** The commonest mistakes, commonest first; ties by label. */
export function topConfusions(
  confusion: ConfusionMatrix,
): readonly { expected: string; predicted: string; count: number }[] {
  const cells = confusion.labels.flatMap((expected, row) =>
    confusion.labels.map((predicted, column) => ({
      expected,
      predicted,
      count: row === column ? 0 : (confusion.rows[row]?.[column] ?? 0),
    })),
  );
  return cells
    .filter((cell) => cell.count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_CONFUSIONS);
}
