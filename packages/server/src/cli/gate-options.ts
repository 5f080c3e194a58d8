import { CommandFault } from './command-fault.ts';

/** Options of `assay gate`. */
export interface GateOptions {
  /** SCORECARD.md, scorecard.json, or the JSON that the server keeps (`{card, items}`). */
  readonly scorecard?: string;
  readonly baselineFile?: string;
  /** Git ref, or `REF:PATH` when the card lay elsewhere. */
  readonly baselineRef?: string;
  readonly firstRelease?: boolean;
  /** File of a gate policy, YAML or JSON. */
  readonly policy?: string;
  /** 0..100 */
  readonly minAggregate?: string;
  /** `METRIC=N`, N a share 0..1. */
  readonly min?: readonly string[];
  /** Version that is about to be released. */
  readonly expectedVersion?: string;
  /** Files that are about to be shipped. */
  readonly artifact?: readonly string[];
  /** File with the ids of tasks that the candidate was trained on, one a line. */
  readonly trainedOn?: string;
  /** Lets a regression pass, on the record; needs `reason` and `by`. */
  readonly allowRegression?: boolean;
  readonly reason?: string;
  readonly by?: string;
  readonly json?: boolean;
  /** Files that the answer is written to, besides the standard output. */
  readonly junit?: string;
  readonly md?: string;
  readonly html?: string;
}

/** Checks options against each other. Throws CommandFault 2. */
export function checkGateUsage(options: GateOptions): void {
  const { scorecard, baselineFile, baselineRef, firstRelease, allowRegression, by, reason } =
    options;
  if (scorecard === undefined) throw new CommandFault(2, '--scorecard is required');
  const sources = [baselineFile, baselineRef, firstRelease === true ? '' : undefined];
  if (sources.filter((one) => one !== undefined).length > 1) {
    throw new CommandFault(2, 'give one of --baseline-file, --baseline-ref and --first-release');
  }
  if (baselineRef !== undefined && !/^[^-:\0][^:\0]*(:[^\0]+)?$/.test(baselineRef)) {
    throw new CommandFault(2, `--baseline-ref ${baselineRef} is not REF or REF:PATH`);
  }
  const isNamed = Boolean(by?.trim()) && Boolean(reason?.trim());
  if (allowRegression === true ? !isNamed : by !== undefined || reason !== undefined) {
    throw new CommandFault(2, '--allow-regression, --reason and --by go together');
  }
}
