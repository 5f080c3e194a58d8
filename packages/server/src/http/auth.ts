import { AssayError } from '@assay/protocol';
import type { FastifyInstance } from 'fastify';
import type { Principal, Tenants } from '../engine/tenants.ts';
import { hasRole } from '../engine/tenants.ts';
import type { RateLimit } from './rate-limit.ts';

const BEARER = /^bearer +(\S+) *$/i;

/** Text of the key in the Authorization header. */
function keyTextOf(header: string | undefined): string {
  if (header === undefined) throw new AssayError('auth.missing');
  const text = BEARER.exec(header)?.[1];
  if (text === undefined) throw new AssayError('auth.invalid');
  return text;
}

function hasScope(principal: Principal, capability: string): boolean {
  return principal.scopes.length === 0 || principal.scopes.includes(capability);
}

/**
 * Checks the key of every request to an operation that has a role, before its body is read.
 * Requests to unknown paths and to the dashboard's files carry no operation and no data.
 */
export function authenticateAll(app: FastifyInstance, tenants: Tenants, limit: RateLimit): void {
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request) => {
    const operation = request.routeOptions.config.operation;
    if (operation === undefined || operation.role === null) return;
    const principal = await tenants.authenticate(keyTextOf(request.headers.authorization));
    if (!hasRole(principal.roles, operation.role) || !hasScope(principal, operation.capability)) {
      throw new AssayError('auth.forbidden', {
        detail: `this needs the role ${operation.role} and the scope ${operation.capability}`,
      });
    }
    if (!limit.take(principal.keyId)) throw new AssayError('limit.rate');
    request.principal = principal;
  });
}
