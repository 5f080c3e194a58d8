import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { benchAst } from './ast.ts';
import { benchBackgroundScoring } from './background-scoring.ts';
import type { BenchRow } from './bench-row.ts';
import { benchDecisionOverHttp } from './decision.ts';
import { benchDecisionInProcess } from './decision-in-process.ts';
import { benchGate } from './gate.ts';
import { benchIngest } from './ingest.ts';
import { writeMarkedSection } from './marked-section.ts';
import { benchQueries } from './queries.ts';
import { benchScore } from './score.ts';
import { benchTracking } from './tracking.ts';

const PARTS: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  tracking: benchTracking,
  ingest: benchIngest,
  'decision in process': benchDecisionInProcess,
  'decision over HTTP': benchDecisionOverHttp,
  'code similarity': benchAst,
  'response score': benchScore,
  'background scoring': benchBackgroundScoring,
  gate: benchGate,
  'queries on 1 million tasks': () => benchQueries(1_000_000),
  'queries on 10 million tasks': () => benchQueries(10_000_000),
};

const RESULTS = 'bench/RESULTS.md';

function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

function table(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) => {
    const ratio =
      row.reference === undefined ? '' : `${(row.value / row.reference).toPrecision(2)} ×`;
    const reference =
      row.reference === undefined ? '' : `${format(row.reference)} (${row.referenceName ?? ''})`;
    const met = row.isMet === undefined ? '' : row.isMet ? 'met' : '**missed**';
    return `| ${row.name} | ${format(row.value)} ${row.unit} | ${reference} | ${ratio} | ${row.target ?? ''} | ${met} | ${row.n.toLocaleString('en-US')} | ${row.note ?? ''} |`;
  });
  return [
    '| what | measured | reference | ratio | target | | n | |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function machine(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${new Date().toISOString().slice(0, 10)}, commit ${commit}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${memory} GiB`;
}

const wanted = process.argv.slice(2);
const chosen = Object.keys(PARTS).filter(
  (name) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
);
if (chosen.length === 0) {
  process.stderr.write(`no such part; there are: ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(2);
}
for (const part of chosen) {
  process.stdout.write(`${part} …\n`);
  const rows = (await PARTS[part]?.()) ?? [];
  writeMarkedSection(RESULTS, part, `## ${part}\n\n${machine()}\n\n${table(rows)}`);
  process.stdout.write(`${table(rows)}\n\n`);
}
