import { checkStatement } from '@assay/loop/gate/attestation';
import type { Command } from 'commander';
import { openEnvelope } from '../adapters/attestation.ts';
import { CommandFault } from './command-fault.ts';
import { sha256Of, textAt } from './scorecard-attest.ts';
import { collect, runScorecardCommand, SCORECARD_IO, type ScorecardIo } from './scorecard-io.ts';
import { scorecardAt } from './scorecard-render.ts';
import { subjectFiles } from './subject-files.ts';

/** Options of `assay scorecard verify`. */
export interface VerifyOptions {
  /** File of the Ed25519 public key, PEM. */
  readonly key?: string;
  readonly card?: string;
  /** Files that are about to be shipped. */
  readonly artifact?: readonly string[];
  readonly released?: boolean;
}

const ENVELOPE_BYTES = 32 << 20;

/**
 * Checks a signed statement against the key, the card and the bytes about to be shipped. Throws
 * CommandFault 2 for usage, 3 when something does not hold.
 */
export async function verifyScorecard(
  path: string,
  options: VerifyOptions,
  io: ScorecardIo,
): Promise<void> {
  const key = await textAt(options.key, '--key', io);
  const files = await subjectFiles(options.artifact ?? [], io);
  if (files.length === 0 && options.card === undefined) {
    throw new CommandFault(2, 'name what to check: --artifact FILE, --card FILE, or both');
  }
  const opened = open(await textAt(path, 'the envelope', io, ENVELOPE_BYTES), key);
  if (opened.kind === 'refused') throw new CommandFault(3, `${path}: ${opened.reason}`);
  const card = options.card === undefined ? undefined : (await scorecardAt(options.card, io)).card;
  const faults = checkStatement(
    opened.statement,
    {
      files,
      ...(card === undefined ? {} : { card }),
      mustBeReleased: options.released ?? false,
    },
    sha256Of,
  );
  if (faults.length > 0) {
    throw new CommandFault(3, faults.map(({ message }) => message).join('; '));
  }
  const what = [
    ...(card === undefined ? [] : [`the card of ${card.agent.name} ${card.agent.version}`]),
    ...files.map(({ name }) => name),
  ];
  io.out(`verified with key ${opened.keyId.slice(0, 12)}…: ${what.join(', ')}\n`);
}

function open(text: string, key: string): ReturnType<typeof openEnvelope> {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'refused', reason: 'it is not JSON' };
  }
  try {
    return openEnvelope(value, key);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFault(2, error.message);
    throw error;
  }
}

/** `assay scorecard verify`: is what ships what was measured? */
export function addScorecardVerifyCommand(scorecard: Command): void {
  scorecard
    .command('verify <envelope>')
    .description('check a signed statement against a key, a card and the bytes about to ship')
    .option('--key <file>', 'Ed25519 public key, PEM')
    .option('--card <file>', 'the card that the statement must be about')
    .option('--artifact <file>', 'a file that is about to ship; again for more', collect)
    .option('--released', 'also ask for a verdict that lets the release out')
    .action(async (path: string, options: VerifyOptions) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, (io) =>
        verifyScorecard(path, options, io),
      );
    });
}
