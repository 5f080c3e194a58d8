import { AssayError } from '@assay/protocol';

/**
 * The URL of an endpoint without slashes at its end.
 * @throws AssayError `model.not-configured` when it is no http or https URL, or holds a password
 */
export function endpointUrl(baseUrl: string): { readonly href: string; readonly host: string } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const isUsable =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!isUsable) {
    throw new AssayError('model.not-configured', {
      detail: 'The base URL must be an http or https URL without user and password.',
    });
  }
  return { href: url.href.replace(/\/+$/, ''), host: url.host };
}
