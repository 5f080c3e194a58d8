import { type FormEvent, type JSX, type ReactNode, useState } from 'react';
import { currentKey, rememberKey } from '../session.ts';

/** Asks for an API key when this tab has none. */
export function KeyGate({ children }: { readonly children: ReactNode }): JSX.Element {
  const [key, setKey] = useState(currentKey());
  if (key) return <>{children}</>;
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget).get('key');
    if (typeof given !== 'string' || given.trim() === '') return;
    rememberKey(given);
    setKey(given.trim());
  };
  return (
    <main>
      <form className="gate-form card" onSubmit={onSubmit}>
        <h1>Assay</h1>
        <label htmlFor="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          autoComplete="off"
          placeholder="assay_…"
          required
        />
        <button className="primary" type="submit">
          Open the dashboard
        </button>
        <p className="muted">
          The server printed a key when it started for the first time. It stays in this tab and is
          forgotten when the tab is closed.
        </p>
      </form>
    </main>
  );
}
