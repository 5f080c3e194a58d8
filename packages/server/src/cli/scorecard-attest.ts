import { createHash } from 'node:crypto';
import { statementOf } from '@assay/loop/gate/attestation';
import type { GateResult } from '@assay/loop/gate/gate-verdict';
import type { Command } from 'commander';
import { createSigningKeys, signStatement } from '../adapters/attestation.ts';
import { CommandFault } from './command-fault.ts';
import { runScorecardCommand, SCORECARD_IO, type ScorecardIo } from './scorecard-io.ts';
import { scorecardAt } from './scorecard-render.ts';

/** Options of `assay scorecard attest`. */
export interface AttestOptions {
  /** File of an Ed25519 private key, PEM. */
  readonly key?: string;
  /** File with the JSON of a gate, as `assay gate --json` prints it. */
  readonly gate?: string;
  /** File that the statement is written to. */
  readonly out?: string;
}

const KEY_BYTES = 1 << 16;
const GATE_BYTES = 32 << 20;

/** SHA-256 of a text as 64 hex digits. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Text of a small file. Throws CommandFault 2 when it cannot be read. */
export async function textAt(
  path: string | undefined,
  option: string,
  io: Pick<ScorecardIo, 'readFile'>,
  mostBytes: number = KEY_BYTES,
): Promise<string> {
  if (path === undefined) throw new CommandFault(2, `${option} is required`);
  const file = await io.readFile(path, mostBytes);
  if (file.kind !== 'text') throw new CommandFault(2, `cannot read ${path}`);
  return file.text;
}

/** Signs a statement over the files that a card names. Throws CommandFault 2, 3. */
export async function attestScorecard(
  path: string,
  options: AttestOptions,
  io: ScorecardIo,
): Promise<void> {
  const key = await textAt(options.key, '--key', io);
  const { card } = await scorecardAt(path, io);
  const gate = options.gate === undefined ? null : await verdictAt(options.gate, io);
  if (gate !== null && gate.aggregate.candidate !== card.aggregate.value) {
    throw new CommandFault(3, `${options.gate} is the verdict on another card`);
  }
  const envelope = signed(() => signStatement(statementOf(card, sha256Of, gate), key));
  const text = `${JSON.stringify(envelope)}\n`;
  if (options.out === undefined) io.out(text);
  else await io.writeFile(options.out, text);
}

function signed<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandFault(error.message.includes('key') ? 2 : 3, error.message);
  }
}

async function verdictAt(path: string, io: ScorecardIo): Promise<GateResult> {
  const text = await textAt(path, '--gate', io, GATE_BYTES);
  try {
    const value = JSON.parse(text) as GateResult;
    if (typeof value.verdict === 'string' && typeof value.aggregate === 'object') return value;
  } catch {
    // Told below, with what else is no verdict.
  }
  throw new CommandFault(2, `${path} is not what assay gate --json prints`);
}

/** `assay scorecard attest` and `assay scorecard keys`. */
export function addScorecardAttestCommands(scorecard: Command): void {
  scorecard
    .command('keys <folder>')
    .description('make an Ed25519 key pair: signing.key to keep, signing.pub to give away')
    .action(async (folder: string) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, async (io) => {
        for (const name of ['signing.key', 'signing.pub']) {
          const found = await io.readFile(`${folder}/${name}`, KEY_BYTES);
          if (found.kind !== 'absent') throw new CommandFault(2, `${folder}/${name} exists`);
        }
        const { privatePem, publicPem } = createSigningKeys();
        await io.writeFile(`${folder}/signing.key`, privatePem, 0o600);
        await io.writeFile(`${folder}/signing.pub`, publicPem);
        io.out(`${folder}/signing.key is secret; ${folder}/signing.pub verifies\n`);
      });
    });
  scorecard
    .command('attest <card>')
    .description('sign an in-toto statement over the files that a card names as shipped')
    .option('--key <file>', 'Ed25519 private key, PEM')
    .option('--gate <file>', 'verdict on the card, as assay gate --json prints it')
    .option('--out <file>', 'write the envelope to a file')
    .action(async (path: string, options: AttestOptions) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, (io) =>
        attestScorecard(path, options, io),
      );
    });
}
