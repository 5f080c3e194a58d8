import {
  decideGate,
  exitCodeOf,
  type GatePolicy,
  type GateResult,
  gatePolicy,
  readFrontMatter,
  type Scorecard,
  type ScorecardItem,
  type ScoredCard,
  splitFrontMatter,
} from '@assay/loop';
import { gatePolicySchema } from '@assay/protocol';
import { parse as parseYaml } from 'yaml';
import { printable } from './printable.ts';

/** Options of `assay gate`. */
export interface GateOptions {
  /** SCORECARD.md, or the JSON that the server keeps (`{card, items}`). */
  readonly scorecard?: string;
  readonly baselineFile?: string;
  readonly firstRelease?: boolean;
  /** File of a gate policy, YAML or JSON. */
  readonly policy?: string;
  /** 0..100 */
  readonly minAggregate?: string;
  /** File with the ids of tasks that the candidate was trained on, one a line. */
  readonly trainedOn?: string;
  /** Lets a regression pass; both must be given. */
  readonly overrideBy?: string;
  readonly overrideReason?: string;
  readonly json?: boolean;
}

/** What the command needs from the outside. */
export interface GateIo {
  /** Text of a file; null when there is none. */
  readFile(path: string): Promise<string | null>;
  /** Writes text to the standard output. */
  out(text: string): void;
  /** Writes text to the standard error output. */
  err(text: string): void;
}

/** A fault that ends the command with its exit code. */
class GateFault extends Error {
  readonly exitCode: 2 | 3;

  constructor(exitCode: 2 | 3, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs `assay gate` and gives its exit code: 0 may be released, 1 regression or floor missed,
 * 2 usage, 3 not gateable, 4 inconclusive, 70 internal. Never throws.
 */
export async function runGateCommand(options: GateOptions, io: GateIo): Promise<number> {
  try {
    const result = await decide(options, io);
    io.out(options.json === true ? `${JSON.stringify(result, null, 2)}\n` : textOf(result));
    return exitCodeOf(result);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    io.err(`assay gate: ${printable(message)}\n`);
    return error instanceof GateFault ? error.exitCode : 70;
  }
}

async function decide(options: GateOptions, io: GateIo): Promise<GateResult> {
  if (options.scorecard === undefined) throw new GateFault(2, '--scorecard is required');
  if (options.baselineFile !== undefined && options.firstRelease === true) {
    throw new GateFault(2, '--baseline-file and --first-release exclude each other');
  }
  if ((options.overrideBy === undefined) !== (options.overrideReason === undefined)) {
    throw new GateFault(2, '--override-by and --override-reason go together');
  }
  const policy = await policyOf(options, io);
  const candidate = await readCard(options.scorecard, io);
  const { baselineFile, overrideBy, overrideReason } = options;
  return decideGate({
    candidate,
    baseline: baselineFile === undefined ? null : await readCard(baselineFile, io),
    policy,
    firstRelease: options.firstRelease ?? false,
    trainedOnItemIds: await trainedOn(options, io),
    ...(overrideBy === undefined || overrideReason === undefined
      ? {}
      : { override: { who: overrideBy, why: overrideReason } }),
  });
}

async function policyOf(options: GateOptions, io: GateIo): Promise<GatePolicy> {
  const bar = options.minAggregate === undefined ? null : Number(options.minAggregate);
  if (bar !== null && !(options.minAggregate?.trim() !== '' && bar >= 0 && bar <= 100)) {
    throw new GateFault(2, `--min-aggregate ${options.minAggregate} is not within 0..100`);
  }
  let partial: unknown = {};
  if (options.policy !== undefined) {
    const text = await io.readFile(options.policy);
    if (text === null) throw new GateFault(2, `there is no policy file ${options.policy}`);
    partial = yamlOf(text) ?? {};
  }
  const parsed = gatePolicySchema.safeParse(partial);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new GateFault(2, `policy: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  return gatePolicy({ ...parsed.data, ...(bar === null ? {} : { minAggregate: bar }) });
}

async function trainedOn(options: GateOptions, io: GateIo): Promise<readonly string[]> {
  if (options.trainedOn === undefined) return [];
  const text = await io.readFile(options.trainedOn);
  if (text === null) throw new GateFault(2, `there is no file ${options.trainedOn}`);
  return text.split(/\r?\n/).filter((line) => line !== '');
}

async function readCard(path: string, io: GateIo): Promise<ScoredCard> {
  const text = await io.readFile(path);
  if (text === null) throw new GateFault(3, `there is no scorecard ${path}`);
  if (text.trimStart().startsWith('{')) return readJsonCard(path, text);
  const split = splitFrontMatter(text);
  if (split === null) throw new GateFault(3, `${path} does not start with a front matter`);
  const value = yamlOf(split.yaml);
  if (value === undefined) throw new GateFault(3, `the front matter of ${path} is not YAML`);
  return { card: cardOf(path, value) };
}

function cardOf(path: string, value: unknown): Scorecard {
  const reading = readFrontMatter(value);
  if (reading.kind === 'card') return reading.card;
  throw new GateFault(3, `${path}: ${reading.errors.join('; ')}`);
}

/** JSON as the server gives it. The gate recomputes every number from the items. */
function readJsonCard(path: string, text: string): ScoredCard {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GateFault(3, `${path} is not valid JSON`);
  }
  if (!isRecord(value)) throw new GateFault(3, `${path} is not a scorecard`);
  const { card, items } = value;
  if (!isRecord(card) || !Array.isArray(items)) {
    throw new GateFault(3, `${path} has no card with its items`);
  }
  const isWhole =
    card['schemaVersion'] === 1 &&
    ['agent', 'recipe', 'results', 'aggregate', 'digests'].every((key) => isRecord(card[key]));
  if (!isWhole) throw new GateFault(3, `${path} is not a scorecard of schema version 1`);
  return { card: card as unknown as Scorecard, items: items as readonly ScorecardItem[] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function yamlOf(text: string): unknown {
  try {
    // A small limit on aliases: a card has no use for thousands of them.
    return parseYaml(text.replace(/^\ufeff/, ''), { maxAliasCount: 50 });
  } catch {
    return undefined;
  }
}

const HEADLINES: Readonly<Record<GateResult['verdict'], string>> = {
  passed: 'PASSED',
  regressed: 'REGRESSED',
  inconclusive: 'INCONCLUSIVE',
  'not-comparable': 'NOT COMPARABLE',
  missing: 'MISSING',
};

function textOf(result: GateResult): string {
  const lines = [HEADLINES[result.verdict] + (result.override === null ? '' : ' (overridden)')];
  const { baseline, candidate } = result.aggregate;
  if (candidate !== null) lines.push(`aggregate  ${baseline ?? 'none'} -> ${candidate}`);
  for (const one of result.metrics) {
    lines.push(
      `${one.metric}  ${points(one.baseline)} -> ${points(one.candidate)}  ` +
        `${points(one.difference)} [${points(one.low)}, ${points(one.high)}]  ` +
        `n ${one.n}  sees ${points(one.minimalDetectableEffect)}  ${one.verdict}`,
    );
  }
  for (const { severity, code, message, names } of result.reasons) {
    const list = names === undefined ? '' : `: ${names.join(', ')}`;
    lines.push(`${severity === 'stop' ? '!' : '·'} ${code}: ${message}${list}`);
  }
  lines.push(...changes('newly failing', result.newlyFailing));
  lines.push(...changes('newly passing', result.newlyPassing));
  return `${lines.map(printable).join('\n')}\n`;
}

function changes(what: string, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return [];
  const more = ids.length > 20 ? ` and ${ids.length - 20} more` : '';
  return [`${what} (${ids.length}): ${ids.slice(0, 20).join(', ')}${more}`];
}

function points(share: number): string {
  return (100 * share).toFixed(2);
}
