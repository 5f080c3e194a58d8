import { createHmac } from 'node:crypto';
import pg from 'pg';
import { codeOf, storeError } from '../store-error.ts';

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
 * Without a URL of its own, the password of `app` is derived from the owner's: several processes
 * with the same owner then agree on it, and it is stored nowhere. Who may not change the role
 * connects as owner and sets the role per transaction, with a warning.
 *
 * @param changeRole runs one statement as owner.
 * @throws `store.unsafe_role` when the login would escape row-level security, `store.no_app_role`
 *   when there is no way into the role.
 */
export async function appLogin(
  ownerUrl: string,
  appUrl: string | undefined,
  changeRole: (sql: string) => Promise<void>,
): Promise<AppLogin> {
  if (appUrl !== undefined) {
    await identify(appUrl);
    return { url: appUrl, mustSetRole: false, warnings: [] };
  }
  const url = new URL(ownerUrl);
  const ownerPassword = decodeURIComponent(url.password);
  url.username = 'app';
  url.password = ownerPassword === '' ? '' : passwordOf(ownerPassword);
  if (await isLoginOfApp(url)) return { url: url.href, mustSetRole: false, warnings: [] };
  if (ownerPassword !== '') {
    await unlessRefused(changeRole(`alter role app login password '${url.password}'`));
    if (await isLoginOfApp(url)) return { url: url.href, mustSetRole: false, warnings: [] };
  }
  await identify(ownerUrl, 'set role app');
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

/** A URL without a host keeps no user name, so the server is asked who came in. */
async function isLoginOfApp(url: URL): Promise<boolean> {
  if (url.username !== 'app') return false;
  return (await unlessRefused(identify(url.href))) === 'app';
}

async function unlessRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (REFUSALS.has(codeOf(error))) return null;
    throw error;
  }
}

/** Logs in and gives the role that then acts. Throws when no policy would bind that role. */
async function identify(url: string, first?: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (first !== undefined) await enterRole(client, first);
    const { rows } = await client.query<{ who: string; isExempt: boolean }>(
      `select rolname as who, rolsuper or rolbypassrls as "isExempt"
       from pg_roles where rolname = current_user`,
    );
    const who = rows[0]?.who ?? '';
    if (rows[0]?.isExempt !== false) {
      throw storeError(
        'store.unsafe_role',
        `The role ${who} escapes row-level security (superuser or bypassrls), so tenants could ` +
          'read each other. Name a login that is only a member of the role app.',
      );
    }
    return who;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function enterRole(client: pg.Client, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    throw storeError(
      'store.no_app_role',
      'Tenants have no way into the role app: its login could not be set up, and the owner is ' +
        `no member of it (${error instanceof Error ? error.message : String(error)}). Let the ` +
        'owner change the role, run "grant app to <owner>", or give a URL for it (appUrl).',
    );
  }
}
