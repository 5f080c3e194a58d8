import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { OverviewPage } from './routes/overview/page.tsx';
import { RunPage } from './routes/run/page.tsx';
import { RunsPage } from './routes/runs/page.tsx';
import { parseRunsSearch } from './routes/runs/search.ts';
import { AgentPage } from './routes/scorecards/agent-page.tsx';
import { CardPage } from './routes/scorecards/card-page.tsx';
import { ScorecardsPage } from './routes/scorecards/page.tsx';
import { ScoresPage } from './routes/scores/page.tsx';
import { Layout } from './ui/layout.tsx';

const root = createRootRoute({ component: Layout });
const overview = createRoute({ getParentRoute: () => root, path: '/', component: OverviewPage });
const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  validateSearch: parseRunsSearch,
  component: RunsPage,
});
const run = createRoute({ getParentRoute: () => root, path: '/runs/$taskId', component: RunPage });

const scores = createRoute({ getParentRoute: () => root, path: '/scores', component: ScoresPage });

const scorecards = createRoute({
  getParentRoute: () => root,
  path: '/scorecards',
  component: ScorecardsPage,
});
const scorecardAgent = createRoute({
  getParentRoute: () => root,
  path: '/scorecards/$agentId',
  component: AgentPage,
});
const scorecard = createRoute({
  getParentRoute: () => root,
  path: '/scorecards/$agentId/$version',
  component: CardPage,
});

/** The pages of the dashboard. */
export const router = createRouter({
  routeTree: root.addChildren([overview, runs, run, scores, scorecards, scorecardAgent, scorecard]),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
