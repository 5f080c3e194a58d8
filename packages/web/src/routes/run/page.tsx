import type { RoutingDecisionLog, Run } from '@assay/loop';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import {
  formatCount,
  formatMs,
  formatShare,
  formatTime,
  formatUsd,
  UNKNOWN,
} from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { StatusPill } from '../../ui/status-pill.tsx';
import { prepareMoments, prepareTrace } from './prepare.ts';
import { TraceTree } from './trace-tree.tsx';

function Decision({ decision }: { readonly decision: RoutingDecisionLog }): JSX.Element {
  return (
    <section className="panel">
      <h2>Decision</h2>
      <p>{decision.primaryReason ?? 'No reason was recorded.'}</p>
      {(decision.secondaryFactors ?? []).map((factor) => (
        <p className="muted" key={factor}>
          {factor}
        </p>
      ))}
      <table>
        <thead>
          <tr>
            <th>Candidate</th>
            <th className="number">Probability</th>
            <th className="number">Mean reward</th>
            <th className="number">n</th>
            <th>Note</th>
          </tr>
        </thead>
        <tbody>
          {(decision.candidateAgents ?? []).map((candidate) => (
            <tr key={`${candidate.agentId}@${candidate.agentVersion ?? ''}`}>
              <td>
                {candidate.agentId} <span className="muted">{candidate.agentVersion}</span>{' '}
                {candidate.agentId === decision.selectedAgentId && (
                  <span className="pill good">chosen</span>
                )}
              </td>
              <td className="number">{formatShare(candidate.probability)}</td>
              <td className="number">{formatShare(candidate.meanScore)}</td>
              <td className="number">
                {candidate.n === null || candidate.n === undefined
                  ? UNKNOWN
                  : candidate.n.toFixed(0)}
              </td>
              <td className="muted">
                {candidate.ineligibleReason ?? candidate.selectionReason ?? ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted mono">
        {decision.routingStrategy} · propensity {decision.propensity ?? UNKNOWN} ·{' '}
        {decision.assignment ?? 'fresh'} · policy {decision.policyVersion ?? UNKNOWN} · evidence{' '}
        {decision.evidenceWatermark ?? UNKNOWN}
      </p>
    </section>
  );
}

function Summary({ run }: { readonly run: Run }): JSX.Element {
  const evaluation = run.evaluations.at(-1);
  const score = evaluation?.overallScore;
  return (
    <section className="panel">
      <dl className="facts">
        <dt>Status</dt>
        <dd>
          <StatusPill status={run.status} />
        </dd>
        <dt>Agent</dt>
        <dd>
          {run.agentId ?? UNKNOWN} <span className="muted">{run.agentVersion}</span>
        </dd>
        <dt>Task</dt>
        <dd>
          {run.taskType ?? UNKNOWN} <span className="muted">{run.taskKind}</span>
        </dd>
        <dt>Score</dt>
        <dd>
          {score === null || score === undefined
            ? `unscored${evaluation?.unscoredReason ? `: ${evaluation.unscoredReason}` : ''}`
            : formatShare(score)}
        </dd>
        <dt>Latency</dt>
        <dd>{formatMs(run.totals.latencyMs)}</dd>
        <dt>Tokens</dt>
        <dd>
          {formatCount(run.totals.tokensUsed)}{' '}
          <span className="muted">
            in {formatCount(run.totals.inputTokens)}, out {formatCount(run.totals.outputTokens)}, of
            it reasoning {formatCount(run.totals.reasoningTokens)}
          </span>
        </dd>
        <dt>Cost</dt>
        <dd>{formatUsd(run.totals.costUsd)}</dd>
        <dt>Tool calls</dt>
        <dd>{formatCount(run.totals.toolCallCount)}</dd>
        {run.sessionId && (
          <>
            <dt>Session</dt>
            <dd className="mono">{run.sessionId}</dd>
          </>
        )}
        {run.parentTaskId && (
          <>
            <dt>Parent task</dt>
            <dd>
              <Link to="/runs/$taskId" params={{ taskId: run.parentTaskId }}>
                {run.parentTaskId}
              </Link>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Evaluation({ run }: { readonly run: Run }): JSX.Element | null {
  const evaluation = run.evaluations.at(-1);
  if (!evaluation) return null;
  const rubric = Object.entries(evaluation.rubricScores ?? {});
  const gates = evaluation.qualityGates ?? [];
  if (rubric.length === 0 && gates.length === 0) return null;
  return (
    <section className="panel">
      <h2>Evaluation</h2>
      <dl className="facts">
        {rubric.map(([name, score]) => (
          <Pair key={name} name={name} value={formatShare(score)} />
        ))}
        {gates.map((gate) => (
          <Pair
            key={`gate ${gate.name}`}
            name={`gate ${gate.name}`}
            value={`${gate.passed ? 'passed' : 'failed'}${gate.mandatory ? ', mandatory' : ''} (${formatShare(gate.score)} of ${formatShare(gate.threshold)})`}
          />
        ))}
      </dl>
    </section>
  );
}

function Pair({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function RunView({ run }: { readonly run: Run }): JSX.Element {
  const now = Date.now();
  const trace = prepareTrace(run.spans);
  return (
    <>
      <Summary run={run} />
      {run.decision && <Decision decision={run.decision} />}
      <Evaluation run={run} />
      {trace.length > 0 && (
        <section className="panel">
          <h2>Trace</h2>
          <TraceTree rows={trace} />
        </section>
      )}
      <section className="panel">
        <h2>What happened</h2>
        <table>
          <thead>
            <tr>
              <th>Time</th>
              <th>What</th>
              <th>Detail</th>
            </tr>
          </thead>
          <tbody>
            {prepareMoments(run).map((moment, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: moments of one run never move.
              <tr key={index}>
                <td className="mono">{formatTime(moment.atMs, now)}</td>
                <td>{moment.what}</td>
                <td className="muted">{moment.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <details>
        <summary>All {run.factCount} facts as JSON</summary>
        <pre>{JSON.stringify(run, null, 2)}</pre>
      </details>
    </>
  );
}

/** One run with everything that was recorded of it. */
export function RunPage(): JSX.Element {
  const { taskId } = useParams({ from: '/runs/$taskId' });
  const query = useQuery({
    queryKey: ['run', taskId],
    queryFn: () => assay().api.run<Run>(taskId),
  });
  return (
    <>
      <h1>
        Run <span className="mono">{taskId}</span>
      </h1>
      <Loaded query={query}>{(run) => <RunView run={run} />}</Loaded>
    </>
  );
}
