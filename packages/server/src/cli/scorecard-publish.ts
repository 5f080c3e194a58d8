import { pathOf } from '@assay/protocol/routes';
import type { Command } from 'commander';
import { CommandFault } from './command-fault.ts';
import { type ConnectionOptions, connectionOf } from './connection.ts';
import { textAt } from './scorecard-attest.ts';
import { runScorecardCommand, SCORECARD_IO, type ScorecardIo } from './scorecard-io.ts';
import { scorecardAt } from './scorecard-render.ts';

/** Options of `assay scorecard publish`. */
export interface PublishOptions extends ConnectionOptions {
  /** File of the signed statement. */
  readonly attestation?: string;
}

interface PublishAnswer {
  readonly status?: 'published' | 'known';
  readonly version?: string;
  readonly eval_scorecard_url?: string;
  readonly code?: string;
  readonly detail?: string;
}

const ATTESTATION_BYTES = 32 << 20;

/** Publishes a card with its items to a hub. Throws CommandFault 2, 3. */
export async function publishToHub(
  path: string,
  options: PublishOptions,
  io: ScorecardIo,
): Promise<void> {
  const connection = connectionOf(options);
  const { card, items } = await scorecardAt(path, io);
  const attestation =
    options.attestation === undefined
      ? {}
      : { attestation: await attestationAt(options.attestation, io) };
  const body = { card, ...(items === undefined ? {} : { items }), ...attestation };
  const answer = await io
    .callServer<PublishAnswer>(connection, 'POST', pathOf('hubAgents'), {
      text: JSON.stringify(body),
      type: 'application/json',
    })
    .catch((error: unknown) => {
      // A version that is published with other bytes is no fault of the machine.
      const message = error instanceof Error ? error.message : String(error);
      throw message.startsWith('409 ') ? new CommandFault(3, message.slice(4)) : error;
    });
  if (answer.status === undefined) {
    throw new CommandFault(3, `${answer.code ?? 'refused'}: ${answer.detail ?? 'no reason given'}`);
  }
  const how = answer.status === 'known' ? 'was published already' : 'published';
  io.out(`${card.agent.name} ${card.agent.version} ${how}: ${answer.eval_scorecard_url ?? ''}\n`);
}

async function attestationAt(path: string, io: ScorecardIo): Promise<unknown> {
  try {
    return JSON.parse(await textAt(path, '--attestation', io, ATTESTATION_BYTES));
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    throw new CommandFault(2, `${path} is not JSON`);
  }
}

/** `assay scorecard publish`: a version in the hub, for ever. */
export function addScorecardPublishCommand(scorecard: Command): void {
  scorecard
    .command('publish <card>')
    .description('publish a card to the hub; a published version never changes')
    .option('--url <url>', 'server; ASSAY_URL when absent')
    .option('--key <key>', 'API key; ASSAY_API_KEY when absent')
    .option('--attestation <file>', 'signed statement about the card')
    .action(async (path: string, options: PublishOptions) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, (io) =>
        publishToHub(path, options, io),
      );
    });
}
