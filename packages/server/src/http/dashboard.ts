import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

const NOT_BUILT =
  '<!doctype html><title>Assay</title><p>The dashboard has not been built. Run <code>npm run build</code>; the interface is described at <a href="/openapi.json">/openapi.json</a>.';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async function readInside(folder: string, path: string): Promise<Buffer | null> {
  const file = normalize(join(folder, path));
  if (!file.startsWith(normalize(folder))) return null;
  return readFile(file).catch(() => null);
}

/** Paths that belong to the interface and are never answered with a page. */
const isInterface = (path: string): boolean => path === '/v1' || path.startsWith('/v1/');

/**
 * Whether a path names a file. A page may end like one, `/scorecards/triage/1.0.0`: the browser asks
 * for pages as HTML and for files as anything else.
 */
function isAssetPath(path: string, accept: string): boolean {
  if (path.startsWith('/assets/')) return true;
  return extname(path) !== '' && !accept.includes('text/html');
}

/**
 * Serves the built dashboard. Unknown paths outside the interface get its first page, which knows
 * its own routes; `onUnknown` answers the rest.
 */
export function registerDashboard(
  app: FastifyInstance,
  publicDirectory: string,
  onUnknown: (request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (request.method !== 'GET' || isInterface(path)) return onUnknown(request, reply);
    const isAsset = isAssetPath(path, request.headers.accept ?? '');
    const body = await readInside(publicDirectory, isAsset ? path : 'index.html');
    if (body === null && isAsset) return onUnknown(request, reply);
    return reply
      .header('content-security-policy', POLICY)
      .header(
        'cache-control',
        path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
      .type(TYPES[isAsset ? extname(path) : '.html'] ?? 'application/octet-stream')
      .send(body ?? NOT_BUILT);
  };
  app.setNotFoundHandler(answer);
}
