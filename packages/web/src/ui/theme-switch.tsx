import { type JSX, useState } from 'react';

const STORED = 'assay.theme';
type Theme = 'system' | 'light' | 'dark';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

apply(storedTheme());

/** Steps through system, light and dark. */
export function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const onClick = (): void => {
    const next = NEXT[theme];
    localStorage.setItem(STORED, next);
    apply(next);
    setTheme(next);
  };
  return (
    <button type="button" onClick={onClick} aria-label={`Theme: ${theme}. Change`}>
      {theme}
    </button>
  );
}
