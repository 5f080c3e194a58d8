import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { buildScorecard } from '@assay/loop';
import type { Scorecard, ScorecardItem } from '@assay/loop/gate/scorecard';
import { type ScorecardDescription, scorecardDescriptionSchema } from '@assay/protocol';
import { type Command, Option } from 'commander';
import { EVALUATION_FORMATS } from '../adapters/evaluations/evaluation-format.ts';
import { CommandFault } from './command-fault.ts';
import { collect, runScorecardCommand, SCORECARD_IO, type ScorecardIo } from './scorecard-io.ts';
import { readSource, type SourceOptions } from './scorecard-source.ts';
import { declaredDigest, subjectFiles } from './subject-files.ts';
import { writeScorecard } from './write-scorecard.ts';
import { yamlOf } from './yaml-value.ts';

/** Options of `assay scorecard new`. */
export interface ScorecardNewOptions extends SourceOptions {
  readonly agent?: string;
  readonly version?: string;
  readonly dataset?: string;
  /** File of a description, YAML or JSON. */
  readonly meta?: string;
  /** Folder that the files are written to. */
  readonly out: string;
  readonly artifact?: readonly string[];
  readonly declared?: readonly string[];
  readonly reproduce?: readonly string[];
}

/** Makes the three files of a scorecard. Throws CommandFault, AssayError and RangeError. */
export async function makeScorecard(options: ScorecardNewOptions, io: ScorecardIo): Promise<void> {
  const description = await readDescription(options.meta, io);
  const agent = options.agent ?? description.agent?.id;
  const version = options.version ?? description.version;
  if (agent === undefined || version === undefined) {
    throw new CommandFault(2, 'give --agent and --version, or both in the file of --meta');
  }
  if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(version)) {
    throw new CommandFault(2, `version ${version} is not X.Y.Z: no gate would read the card`);
  }
  const read = await readSource(options, { agent, version }, io);
  const items = [...read].sort((a, b) => (a.id < b.id ? -1 : 1));
  const card = await cardOf(items, { agent, version, description, options, io });
  await writeScorecard(options.out, { card, items }, io);
}

interface CardParts {
  readonly agent: string;
  readonly version: string;
  readonly description: ScorecardDescription;
  readonly options: ScorecardNewOptions;
  readonly io: ScorecardIo;
}

async function cardOf(
  items: readonly ScorecardItem[],
  { agent, version, description, options, io }: CardParts,
): Promise<Scorecard> {
  const { agent: named, version: _, dataset, methodology, reproduction, ...rest } = description;
  const source =
    options.items === undefined ? `recorded runs of ${agent}` : basename(options.items);
  const declared = await declaredDigest(options.declared ?? [], io);
  return buildScorecard(
    items,
    {
      ...rest,
      agentId: agent,
      agentName: named?.name ?? agent,
      agentVersion: version,
      generatedAt: new Date(io.now()).toISOString(),
      dataset:
        options.dataset === undefined
          ? (dataset ?? { reference: source })
          : { ...dataset, reference: options.dataset },
      methodology: methodology ?? `scores taken from ${source}`,
      reproduction: options.reproduce ?? reproduction ?? [],
      subject: await subjectFiles(options.artifact ?? [], io),
      ...(declared === null ? {} : { declaredDigest: declared }),
    },
    (text) => createHash('sha256').update(text).digest('hex'),
  );
}

async function readDescription(
  path: string | undefined,
  io: ScorecardIo,
): Promise<ScorecardDescription> {
  if (path === undefined) return {};
  const file = await io.readFile(path, 1 << 20);
  if (file.kind !== 'text') throw new CommandFault(2, `cannot read ${path}`);
  const parsed = scorecardDescriptionSchema.safeParse((await yamlOf(file.text)) ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CommandFault(2, `${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

/** `assay scorecard new`: makes the card of one version of an agent. */
export function addScorecardNewCommand(scorecard: Command): void {
  scorecard
    .command('new')
    .description(
      'make scorecard.json, SCORECARD.md and scorecard.items.jsonl from the results of an evaluation',
    )
    .option('--items <file>', 'results: JSONL, promptfoo JSON, Inspect log or JUnit XML')
    .addOption(
      new Option(
        '--format <name>',
        'format of the results; told from the file when absent',
      ).choices(EVALUATION_FORMATS),
    )
    .option('--column <name>', 'provider of a promptfoo file, or scorer of an Inspect log')
    .option('--server <url>', 'take the runs that a server recorded, with their evaluations')
    .option('--key <key>', 'API key of the server (ASSAY_API_KEY)')
    .option('--from <time>', 'oldest run to take from the server, ISO 8601')
    .option('--to <time>', 'newest run to take from the server, ISO 8601')
    .option('--agent <id>', 'the agent')
    .option('--version <version>', 'its version, X.Y.Z')
    .option('--dataset <reference>', 'what the items are; the name of the file when absent')
    .option('--meta <file>', 'what else is known of the evaluation, YAML or JSON')
    .option('--artifact <file>', 'a file that ships; again for more', collect)
    .option(
      '--declared <file>',
      'a file that can change the answers (prompt, tools, settings); again for more',
      collect,
    )
    .option(
      '--reproduce <command>',
      'a command that repeats the evaluation; again for more',
      collect,
    )
    .option('--out <folder>', 'where the files are written', '.')
    .action(async (options: ScorecardNewOptions) => {
      process.exitCode = await runScorecardCommand(SCORECARD_IO, (io) =>
        makeScorecard(options, io),
      );
    });
}
