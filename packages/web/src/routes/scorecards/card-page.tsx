import type { Scorecard } from '@assay/loop';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { formatCount, formatMs, formatUsd } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { CardOrigin } from './card-origin.tsx';
import { CardResults } from './card-results.tsx';
import { Marks } from './marks.tsx';
import { formatAggregate, formatDay, type HubScorecard } from './prepare.ts';
import { SaveMarkdown } from './save-markdown.tsx';

function Tile({
  label,
  value,
  detail,
}: {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
}): JSX.Element {
  return (
    <div className="card">
      <div className="label">{label}</div>
      <div className="value">{value}</div>
      <div className="detail">{detail}</div>
    </div>
  );
}

function Headline({ card }: { readonly card: Scorecard }): JSX.Element {
  const { aggregate, recipe, results } = card;
  const { counts, latencyMs, costUsd } = results;
  const untried = recipe.dataset.size - counts.run - counts.infrastructure - counts.skipped;
  return (
    <div className="cards">
      <Tile label="Score of 100" value={formatAggregate(aggregate.value)} detail={aggregate.name} />
      <Tile
        label="Items run"
        value={formatCount(counts.run)}
        detail={`of ${formatCount(recipe.dataset.size)}: ${formatCount(counts.scored)} scored, ${formatCount(counts.failed)} failed, ${formatCount(counts.unscored)} unscored`}
      />
      <Tile
        label="Not run"
        value={formatCount(recipe.dataset.size - counts.run)}
        detail={`${formatCount(counts.infrastructure)} lost to infrastructure, ${formatCount(counts.skipped)} skipped, ${formatCount(untried)} not tried`}
      />
      {latencyMs === null ? null : (
        <Tile
          label="Latency, median"
          value={formatMs(latencyMs.p50)}
          detail={`p95 ${formatMs(latencyMs.p95)}`}
        />
      )}
      {costUsd === null ? null : (
        <Tile label="Cost" value={formatUsd(costUsd)} detail="of the whole evaluation" />
      )}
    </div>
  );
}

function Card({ found }: { readonly found: HubScorecard }): JSX.Element {
  const { card, publishedAtMs, attestation } = found;
  const { inheritedFrom, generatedAt, agent } = card;
  return (
    <>
      <p className="muted">
        {generatedAt === null ? '' : `Measured ${formatDay(generatedAt)}. `}
        Published {formatDay(publishedAtMs)}.{' '}
        <Marks inheritedFrom={inheritedFrom} isAttested={attestation !== null} />{' '}
        <SaveMarkdown agentId={agent.id} version={agent.version} />
      </p>
      {inheritedFrom === null ? null : (
        <div className="notice">
          Carried over from version {inheritedFrom}; this version was not measured itself.
        </div>
      )}
      <Headline card={card} />
      <CardResults card={card} />
      <CardOrigin found={found} />
    </>
  );
}

/** The card of one published version. Its texts come from whoever published it. */
export function CardPage(): JSX.Element {
  const { agentId, version } = useParams({ from: '/scorecards/$agentId/$version' });
  const query = useQuery({
    queryKey: ['hub-scorecard', agentId, version],
    // A published version never changes: nothing that arrives makes it worth asking again.
    staleTime: 'static',
    queryFn: () => assay().api.hubScorecard<HubScorecard>(agentId, version),
  });
  return (
    <>
      <nav className="trail" aria-label="Above this page">
        <Link to="/scorecards">Scorecards</Link>
        <Link to="/scorecards/$agentId" params={{ agentId }}>
          {agentId}
        </Link>
      </nav>
      <h1>
        {query.data?.card.agent.name ?? agentId} {version}
      </h1>
      <Loaded query={query}>{(found) => <Card found={found} />}</Loaded>
    </>
  );
}
