import type { Scorecard } from '@assay/loop';
import type { JSX } from 'react';
import { formatCount } from '../../ui/format.ts';
import { formatSetting, type HubScorecard } from './prepare.ts';

/** A term, what it says, and a key that is its own. */
type Fact = readonly [key: string, term: string, value: string];

function FactList({
  facts,
  isMono = false,
}: {
  readonly facts: readonly Fact[];
  readonly isMono?: boolean;
}): JSX.Element {
  return (
    <dl className="facts">
      {facts.map(([key, term, value]) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>{term}</dt>
          <dd className={isMono ? 'mono' : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function recipeFacts({ recipe }: Scorecard): Fact[] {
  const { dataset, methodology, scorer, config, environment } = recipe;
  const size = `${dataset.reference}, ${formatCount(dataset.size)} items`;
  return [
    ['dataset', 'Data set', size],
    ...(dataset.description === null
      ? []
      : [['description', 'Description', dataset.description] as const]),
    ['method', 'Method', methodology],
    ...(scorer === null ? [] : [['scorer', 'Scorer', `${scorer.id} ${scorer.version}`] as const]),
    ...Object.entries(config).map(
      ([name, value]) => [`config.${name}`, name, formatSetting(value)] as const,
    ),
    ...Object.entries(environment).map(
      ([name, value]) => [`environment.${name}`, name, formatSetting(value)] as const,
    ),
  ];
}

const DIGEST_WORDS: Readonly<Record<keyof Scorecard['digests'], string>> = {
  items: 'Items',
  results: 'Results',
  config: 'Config',
  declared: 'Files that can change the answers',
};

function digestFacts({ card, sha256 }: HubScorecard): Fact[] {
  const { digests, subject, recipe } = card;
  const named = (Object.keys(DIGEST_WORDS) as (keyof typeof DIGEST_WORDS)[]).flatMap((name) => {
    const digest = digests[name];
    return digest === null ? [] : [[name, DIGEST_WORDS[name], digest] as const];
  });
  const scorer = recipe.scorer?.digest ?? null;
  return [
    ['card', 'Card', sha256],
    ...named,
    ...(scorer === null ? [] : [['scorer', 'Scorer', scorer] as const]),
    ...subject.map((file) => [`subject.${file.name}`, file.name, file.sha256] as const),
  ];
}

/** Where a card comes from and how to check it: recipe, commands, digests, what lies beside it. */
export function CardOrigin({ found }: { readonly found: HubScorecard }): JSX.Element {
  const { card, items, attestation } = found;
  const commands = card.recipe.reproduction;
  return (
    <>
      <section className="panel">
        <h2>Recipe</h2>
        <FactList facts={recipeFacts(card)} />
      </section>
      <section className="panel">
        <h2>Reproduction</h2>
        {commands.length === 0 ? (
          <p className="muted">No commands were given.</p>
        ) : (
          <pre>{commands.join('\n')}</pre>
        )}
      </section>
      <section className="panel">
        <h2>Digests (SHA-256)</h2>
        <FactList facts={digestFacts(found)} isMono />
        <p className="muted">
          {items === null
            ? 'Published without its items: the numbers cannot be recomputed here.'
            : `Published with ${formatCount(items.length)} items, whose digests are those of the card.`}
        </p>
        {attestation === null ? null : (
          <details>
            <summary>Statement that was published with the card, kept unchecked</summary>
            <p className="muted">
              <code>assay scorecard verify</code> checks its signature.
            </p>
            <pre>{JSON.stringify(attestation, null, 2)}</pre>
          </details>
        )}
      </section>
    </>
  );
}
