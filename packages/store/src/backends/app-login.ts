import { createHmac } from 'node:crypto';
import pg from 'pg';
import { codeOf } from './store-error.ts';

/** How tenants' transactions reach the server. */
export interface AppLogin {
  readonly url: string;
  /** True when the login is the owner's: each transaction then steps down to the role `app`. */
  readonly mustSetRole: boolean;
  readonly warnings: readonly string[];
}

/**
 * Finds a login in the role `app`, so that row-level security is forced by the server itself.
 *
 * Without a URL of its own, the password of `app` is derived from the owner's: several processes on
 * one database then agree on it, and it is stored nowhere. Who may not change the role connects as
 * owner and sets the role per transaction, with a warning.
 *
 * @param changeRole runs one statement as owner.
 */
export async function appLogin(
  ownerUrl: string,
  appUrl: string | undefined,
  changeRole: (sql: string) => Promise<void>,
): Promise<AppLogin> {
  if (appUrl !== undefined) {
    await tryLogin(appUrl);
    return { url: appUrl, mustSetRole: false, warnings: [] };
  }
  const url = new URL(ownerUrl);
  const ownerPassword = decodeURIComponent(url.password);
  url.username = 'app';
  url.password = ownerPassword === '' ? '' : passwordOf(ownerPassword);
  const login: AppLogin = { url: url.href, mustSetRole: false, warnings: [] };
  try {
    if (await canLogIn(login)) return login;
    if (ownerPassword !== '') {
      await changeRole(`alter role app login password '${url.password}'`);
      if (await canLogIn(login)) return login;
    }
  } catch (error) {
    if (!REFUSALS.has(codeOf(error))) throw error;
  }
  return {
    url: ownerUrl,
    mustSetRole: true,
    warnings: ['tenants share the login of the owner: no login of their own could be set up'],
  };
}

/** Insufficient privilege, wrong authorization, wrong password. */
const REFUSALS: ReadonlySet<string> = new Set(['42501', '28000', '28P01']);

/** Hex, so it needs no quoting in SQL and no escaping in a URL. */
function passwordOf(ownerPassword: string): string {
  return createHmac('sha256', ownerPassword).update('assay: login of the role app').digest('hex');
}

async function canLogIn(login: AppLogin): Promise<boolean> {
  try {
    await tryLogin(login.url);
    return true;
  } catch (error) {
    if (REFUSALS.has(codeOf(error))) return false;
    throw error;
  }
}

async function tryLogin(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}
