import { type ResponseToScore, scoreResponse } from '@assay/loop';
import { loadTextTools } from '../packages/server/src/adapters/text/load-text-tools.ts';
import { type BenchRow, quantile } from './bench-row.ts';
import { generateProse } from './generated-prose.ts';
import { seededRandom } from './sample-tasks.ts';

const WARM = 150;
const ANSWERS = 1_500;
const REASONINGS = 250;

/** The response score on texts that are all different, after warming up. */
export async function benchScore(): Promise<BenchRow[]> {
  const started = performance.now();
  const tools = await loadTextTools();
  const loadMs = performance.now() - started;
  const random = seededRandom(7);
  const answer = (): ResponseToScore => ({
    query: `Why does ${generateProse(8, random)}`,
    response: generateProse(300, random),
  });
  const reasoned = (): ResponseToScore => ({
    ...answer(),
    reasoning: generateProse(3_000, random),
  });
  const time = (input: ResponseToScore): number => {
    const from = performance.now();
    scoreResponse(input, tools);
    return performance.now() - from;
  };
  for (let warm = 0; warm < WARM; warm++) time(warm % 5 === 0 ? reasoned() : answer());
  const direct = Array.from({ length: ANSWERS }, () => time(answer()));
  const withReasoning = Array.from({ length: REASONINGS }, () => time(reasoned()));
  return [
    row('300-word answer, p95', direct, 5, `tools loaded once in ${loadMs.toFixed(0)} ms`),
    row('300-word answer with 3,000 words of reasoning, p95', withReasoning, 20),
  ];
}

/** The requirement allows 5 to 10 ms, and 15 to 25 ms with reasoning. */
function row(name: string, samples: readonly number[], target: number, note = ''): BenchRow {
  const p95 = quantile(samples, 0.95);
  const spread = `p50 ${quantile(samples, 0.5).toFixed(2)}, p99 ${quantile(samples, 0.99).toFixed(2)} ms`;
  return {
    name,
    unit: 'ms',
    value: p95,
    reference: target === 5 ? 10 : 25,
    referenceName: 'requirement',
    target: `< ${target}`,
    isMet: p95 < target,
    n: samples.length,
    note: note === '' ? spread : `${spread}; ${note}`,
  };
}
