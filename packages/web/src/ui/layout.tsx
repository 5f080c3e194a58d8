import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { type JSX, useCallback } from 'react';
import { useLive } from '../live.ts';
import { currentKey, forgetKey } from '../session.ts';
import { ThemeSwitch } from './theme-switch.tsx';

const REFRESH_MS = 1_000;
const LIVE_WORDS = { connecting: 'connecting', open: 'live', closed: 'not connected' } as const;

/** Frame of every page: navigation, live state, theme. */
export function Layout(): JSX.Element {
  const queries = useQueryClient();
  const refresh = useCallback(() => {
    queries.invalidateQueries().catch(() => undefined);
  }, [queries]);
  const live = useLive(currentKey() ?? '', REFRESH_MS, refresh);
  const leave = (): void => {
    forgetKey();
    window.location.assign('/');
  };
  return (
    <>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="top">
        <Link to="/" className="brand">
          Assay
        </Link>
        <nav aria-label="Pages">
          <Link to="/" activeOptions={{ exact: true }}>
            Overview
          </Link>
          <Link to="/runs">Runs</Link>
          <Link to="/scores">Scores</Link>
          <Link to="/scorecards">Scorecards</Link>
        </nav>
        <output className="live" data-state={live}>
          {LIVE_WORDS[live]}
        </output>
        <ThemeSwitch />
        <button type="button" onClick={leave}>
          Forget key
        </button>
      </header>
      <main id="content">
        <Outlet />
      </main>
    </>
  );
}
