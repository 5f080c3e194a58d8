import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { IntervalBar } from '../../charts/interval-bar.tsx';
import { ScoreHistogram } from '../../charts/score-histogram.tsx';
import { formatCount } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { BiasPanel } from './bias-panel.tsx';
import { formatScore, type ScoreGroup } from './prepare.ts';
import { TrendPanel } from './trend-panel.tsx';
import { TrustPanel } from './trust-panel.tsx';

interface Groups {
  readonly items: readonly ScoreGroup[];
  readonly scorer: string;
}

function GroupTable({ items }: { readonly items: readonly ScoreGroup[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>Agent</th>
          <th>Answers</th>
          <th className="number">n</th>
          <th className="number">Unscored</th>
          <th className="number">Below threshold</th>
          <th className="number">Mean</th>
          <th>95 % interval</th>
          <th className="number">Corrected</th>
          <th className="number">p10 · p50 · p90</th>
          <th>0 to 1</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={`${item.agentId}/${item.modelType}`}>
            <td>
              <Link to="/runs" search={{ agent: item.agentId }}>
                {item.agentId}
              </Link>
            </td>
            <td>{item.modelType}</td>
            <td className="number">{formatCount(item.n)}</td>
            <td className="number">{formatCount(item.unscoredN)}</td>
            <td className="number">{formatCount(item.belowThresholdN)}</td>
            <td className="number">{formatScore(item.composite?.mean)}</td>
            <td>
              <IntervalBar estimate={item.composite} />
            </td>
            <td className="number">{formatScore(item.correctedMean)}</td>
            <td className="number">
              {[item.p10, item.p50, item.p90].map((one) => one?.toFixed(2) ?? '–').join(' · ')}
            </td>
            <td>
              <ScoreHistogram
                histogram={item.histogram}
                label={`Scores of ${item.agentId}, ${item.modelType} answers, n ${item.n}`}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Scores of responses: how they spread, how far they can be trusted, how they go. */
export function ScoresPage(): JSX.Element {
  const query = useQuery({
    queryKey: ['score-distribution'],
    refetchInterval: 5_000,
    queryFn: () => assay().api.scoreDistribution<Groups>({ by: 'agent,modelType' }),
  });
  return (
    <>
      <h1>Scores</h1>
      <TrustPanel />
      <section className="panel">
        <h2>Scores of responses, last 30 days</h2>
        <Loaded query={query}>
          {({ items, scorer }) =>
            items.length === 0 ? (
              <p className="muted">
                No scores yet. Start the server with ASSAY_QUALITY_SCORING=1, or score what is
                recorded with POST /v1/score/backfill.
              </p>
            ) : (
              <>
                <GroupTable items={items} />
                <p className="muted mono">{scorer}</p>
              </>
            )
          }
        </Loaded>
      </section>
      <div className="split">
        <BiasPanel />
        <TrendPanel />
      </div>
    </>
  );
}
