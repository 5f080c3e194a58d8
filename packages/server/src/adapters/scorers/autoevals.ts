import { type ModelUsage, type NoVerdict, noVerdict, sumUsage } from '@assay/loop';
import { AssayError } from '@assay/protocol';
import { isItemFault } from '../models/model-port.ts';
import type { ModelPrice } from '../models/model-price.ts';
import type { RawEndpoint } from '../models/raw-endpoint.ts';
import { createAutoevalsClient } from './autoevals-client.ts';
import {
  outcomeOf,
  type ScorerInput,
  type ScorerOutcome,
  type ThirdPartyScorer,
  textOf,
} from './scorer.ts';

/** The model that scorers of autoevals ask, for those that ask one. */
export interface AutoevalsModel {
  readonly endpoint: RawEndpoint;
  readonly modelId: string;
  readonly price?: ModelPrice | null;
  /** 0 when absent; null leaves it to the endpoint. */
  readonly temperature?: number | null;
}

type Scorer = (input: Readonly<Record<string, unknown>>) => unknown;

/** Scorers that compare with a reference: some would give 0, not nothing, without one. */
const NEED_REFERENCE: ReadonlySet<string> = new Set([
  'AnswerCorrectness',
  'AnswerSimilarity',
  'Battle',
  'ContextEntityRecall',
  'ContextPrecision',
  'ContextRecall',
  'EmbeddingSimilarity',
  'ExactMatch',
  'Factuality',
  'JSONDiff',
  'Levenshtein',
  'ListContains',
  'NumericDiff',
  'Sql',
  'Summary',
  'Translation',
]);

/**
 * A scorer of the package `autoevals`, when that is installed. It is given `input`, `output`,
 * `expected` and the further arguments of the item. Scorers that ask a model ask the one given
 * here, and no other host is ever connected to.
 *
 * @param load brings the package; a parameter for tests only
 * @throws AssayError `scorer.not-installed`, `scorer.unknown`
 */
export async function openAutoevalsScorer(
  name: string,
  model: AutoevalsModel | null,
  load: () => Promise<unknown> = () => import('autoevals'),
): Promise<ThirdPartyScorer> {
  const score = scorerOf(await loaded(load), name);
  const fullName = `autoevals:${name}`;
  return {
    name: fullName,
    score: async (input, signal) => {
      const usages: ModelUsage[] = [];
      const client = createAutoevalsClient(
        model?.endpoint ?? null,
        model?.price ?? null,
        (usage) => usages.push(usage),
        signal,
      );
      const outcome =
        missingReference(name, input) ??
        (await run(fullName, () => score({ ...argumentsOf(input, model), client }), signal));
      return { outcome, usage: usages.length === 0 ? null : sumUsage(usages) };
    },
  };
}

async function loaded(load: () => Promise<unknown>): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await load()) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new AssayError('scorer.not-installed', { detail: 'autoevals', cause });
  }
}

/** Names in the package's own list of scorers, and one that the list forgets. */
function scorerOf(autoevals: Readonly<Record<string, unknown>>, name: string): Scorer {
  const groups = autoevals['Evaluators'] as readonly {
    readonly methods: readonly { readonly method: { readonly name: string } }[];
  }[];
  const names = groups.flatMap(({ methods }) => methods.map(({ method }) => method.name));
  const scorer = [...names, 'Faithfulness'].includes(name) ? autoevals[name] : undefined;
  if (typeof scorer === 'function') return scorer as Scorer;
  throw new AssayError('scorer.unknown', {
    detail: `autoevals has no scorer "${name}"; it has ${names.toSorted().join(', ')}.`,
  });
}

function missingReference(name: string, input: ScorerInput): NoVerdict | null {
  const isMissing = (input.reference ?? input.arguments?.['expected'] ?? null) === null;
  return isMissing && NEED_REFERENCE.has(name) ? noVerdict('the reference is missing') : null;
}

function argumentsOf(input: ScorerInput, model: AutoevalsModel | null) {
  const { query, response, reference, arguments: further = {} } = input;
  const temperature = model?.temperature === undefined ? 0 : model.temperature;
  return {
    input: query,
    output: response,
    ...((reference ?? null) === null ? {} : { expected: reference }),
    ...(model === null ? {} : { model: model.modelId }),
    ...(model === null || temperature === null ? {} : { temperature }),
    ...further,
  };
}

async function run(
  name: string,
  score: () => unknown,
  signal: AbortSignal | undefined,
): Promise<ScorerOutcome> {
  try {
    return outcomeOf(name, await score());
  } catch (error) {
    signal?.throwIfAborted();
    if (isItemFault(error)) return noVerdict(error.code, error.detail);
    if (error instanceof AssayError) throw error;
    return noVerdict('the scorer failed', textOf(error));
  }
}
