import { basename, dirname, resolve } from 'node:path';
import { decideGate } from '@assay/loop/gate/gate';
import type { GatePolicy } from '@assay/loop/gate/gate-policy';
import { exitCodeOf, type GateReasonCode, type ScoredCard } from '@assay/loop/gate/gate-verdict';
import { refusedResult } from '@assay/loop/gate/refused-result';
import { type GateReport, reportedCard } from '@assay/loop/gate/report-parts';
import { renderGateText } from '@assay/loop/gate/report-text';
import type { SubjectFile } from '@assay/loop/gate/scorecard';
import type { GitRef, UnknownGitRef } from '../adapters/git/git-ref.ts';
import { CommandFault } from './command-fault.ts';
import { checkGateUsage, type GateOptions } from './gate-options.ts';
import { readGatePolicy } from './gate-policy-file.ts';
import { printable } from './printable.ts';
import { type CardFile, type ReadText, readScorecard, refusalOf } from './read-scorecard.ts';

/** What the command needs from the outside. */
export interface GateIo {
  readonly readFile: ReadText;
  /** SHA-256 of a file as 64 hex digits; null when it cannot be read. */
  hashFile(path: string): Promise<string | null>;
  /** Finds a ref of the repository around a folder. */
  openRef(ref: string, folder: string): Promise<GitRef | UnknownGitRef>;
  writeFile(path: string, text: string): Promise<void>;
  /** Writes text to the standard output. */
  out(text: string): void;
  /** Writes text to the standard error output. */
  err(text: string): void;
}

/** What cannot be compared, as the gate reports it. */
interface Refusal {
  readonly kind: 'refused';
  readonly code: GateReasonCode;
  readonly message: string;
}

/**
 * Runs `assay gate` and gives its exit code: 0 may be released, 1 regression or floor missed,
 * 2 usage, 3 not gateable, 4 inconclusive, 70 internal. Never throws.
 */
export async function runGateCommand(options: GateOptions, io: GateIo): Promise<number> {
  try {
    checkGateUsage(options);
    const report = await decide(options, io);
    await writeReports(report, options, io);
    return exitCodeOf(report.result);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    io.err(`assay gate: ${printable(message)}\n`);
    return error instanceof CommandFault ? error.exitCode : 70;
  }
}

async function decide(options: GateOptions, io: GateIo): Promise<GateReport> {
  const policy = await readGatePolicy(options, io.readFile);
  const trainedOnItemIds = await trainedOn(options, io);
  const candidate = cardOrRefusal(
    await readScorecard(options.scorecard ?? '', io.readFile),
    'candidate',
    io,
  );
  if ('kind' in candidate) return refused(candidate, policy, null);
  const baseline = await readBaseline(options, io);
  if (baseline !== null && 'kind' in baseline) return refused(baseline, policy, candidate);
  const artifacts = await hashArtifacts(options.artifact ?? [], candidate, io);
  if ('kind' in artifacts) return refused(artifacts, policy, candidate);
  const { by, reason, expectedVersion } = options;
  const result = decideGate({
    candidate,
    baseline,
    policy,
    firstRelease: options.firstRelease ?? false,
    trainedOnItemIds,
    artifacts,
    ...(expectedVersion === undefined ? {} : { expectedVersion }),
    ...(by === undefined || reason === undefined ? {} : { override: { who: by, why: reason } }),
  });
  return {
    result,
    candidate: reportedCard(candidate.card),
    baseline: baseline === null ? null : reportedCard(baseline.card),
  };
}

function refused(
  { code, message }: Refusal,
  policy: GatePolicy,
  candidate: ScoredCard | null,
): GateReport {
  return {
    result: refusedResult(code, message, policy),
    candidate: candidate === null ? null : reportedCard(candidate.card),
    baseline: null,
  };
}

function cardOrRefusal(
  file: CardFile,
  which: 'candidate' | 'baseline',
  io: GateIo,
): ScoredCard | Refusal {
  if (file.kind !== 'card') return { kind: 'refused', ...refusalOf(file, which) };
  if (file.warning !== null) io.err(`assay gate: ${printable(file.warning)}\n`);
  return file.scored;
}

async function readBaseline(
  options: GateOptions,
  io: GateIo,
): Promise<ScoredCard | Refusal | null> {
  const { baselineFile, baselineRef, scorecard = '' } = options;
  if (baselineFile !== undefined) {
    return cardOrRefusal(await readScorecard(baselineFile, io.readFile), 'baseline', io);
  }
  if (baselineRef === undefined) return null;
  const [ref = '', ...rest] = baselineRef.split(':');
  const path = rest.length === 0 ? `./${basename(scorecard)}` : rest.join(':');
  const opened = await io.openRef(ref, dirname(resolve(scorecard)));
  if (opened.kind === 'unknown') {
    const hint = 'correct the name, or fetch it: git fetch --tags --unshallow';
    return missing(`baseline ref ${ref}: ${opened.reason}; ${hint}`);
  }
  const file = await readScorecard(path, opened.read);
  if (file.kind === 'absent') {
    const hint = `if it lay elsewhere then, give --baseline-ref ${ref}:PATH with the path from the root`;
    return missing(`there is no ${path} at ${ref}: ${hint}`);
  }
  return cardOrRefusal(file, 'baseline', io);
}

function missing(message: string): Refusal {
  return { kind: 'refused', code: 'baseline-missing', message };
}

async function hashArtifacts(
  paths: readonly string[],
  candidate: ScoredCard,
  io: GateIo,
): Promise<readonly SubjectFile[] | Refusal> {
  const named = new Set(candidate.card.subject.map(({ name }) => name));
  const files: SubjectFile[] = [];
  for (const path of paths) {
    const sha256 = await io.hashFile(path);
    if (sha256 === null) {
      const message = `there is no file ${path} to ship`;
      return { kind: 'refused', code: 'artifact-mismatch', message };
    }
    files.push({ name: named.has(path) ? path : basename(path), sha256 });
  }
  return files;
}

async function trainedOn(options: GateOptions, io: GateIo): Promise<readonly string[]> {
  if (options.trainedOn === undefined) return [];
  const file = await io.readFile(options.trainedOn, 64 << 20);
  if (file.kind !== 'text') throw new CommandFault(2, `cannot read ${options.trainedOn}`);
  return file.text.split(/\r?\n/).filter((line) => line !== '');
}

async function writeReports(report: GateReport, options: GateOptions, io: GateIo): Promise<void> {
  const { result, candidate, baseline } = report;
  io.out(
    options.json === true
      ? `${JSON.stringify({ ...result, candidate, baseline }, null, 2)}\n`
      : renderGateText(report),
  );
  // Loaded only for those who ask: a gate is to start quickly.
  if (options.junit !== undefined) {
    const { renderGateJunit } = await import('@assay/loop/gate/report-junit');
    await io.writeFile(options.junit, renderGateJunit(report));
  }
  if (options.md !== undefined) {
    const { renderGateMarkdown } = await import('@assay/loop/gate/report-markdown');
    await io.writeFile(options.md, renderGateMarkdown(report));
  }
  if (options.html !== undefined) {
    const { renderGateHtml } = await import('@assay/loop/gate/report-html');
    await io.writeFile(options.html, renderGateHtml(report));
  }
}
