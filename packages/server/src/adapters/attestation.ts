import type { KeyObject } from 'node:crypto';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { PAYLOAD_TYPE, type Statement, statementText } from '@assay/loop';

/** A signed statement (DSSE): the payload is the base64 of the statement's canonical JSON. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** A statement whose signature holds, or why there is none. */
export type OpenedEnvelope =
  | { readonly kind: 'statement'; readonly statement: unknown; readonly keyId: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** A new pair of Ed25519 keys as PEM: PKCS #8 and SubjectPublicKeyInfo. */
export function createSigningKeys(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** Name of a public key: SHA-256 of its SubjectPublicKeyInfo, hex. */
function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** The bytes that a signature covers (DSSE 1.0: pre-authentication encoding). */
export function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/**
 * Signs a statement with an Ed25519 key.
 * @throws RangeError when the text is no Ed25519 private key in PEM
 */
export function signStatement(statement: Statement, privatePem: string): Envelope {
  const key = ed25519(() => createPrivateKey(privatePem), 'private');
  const payload = Buffer.from(statementText(statement));
  const sig = sign(null, preAuthEncoding(PAYLOAD_TYPE, payload), key).toString('base64');
  return {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyIdOf(createPublicKey(key)), sig }],
  };
}

/**
 * Opens an envelope: only a signature that this key verifies counts, whatever key it names.
 * @throws RangeError when the text is no Ed25519 public key in PEM
 */
export function openEnvelope(envelope: unknown, publicPem: string): OpenedEnvelope {
  const key = ed25519(() => createPublicKey(publicPem), 'public');
  if (!isEnvelope(envelope)) return { kind: 'refused', reason: 'it is no signed statement' };
  if (envelope.payloadType !== PAYLOAD_TYPE) {
    return {
      kind: 'refused',
      reason: `its payload is ${envelope.payloadType}, not ${PAYLOAD_TYPE}`,
    };
  }
  const payload = Buffer.from(envelope.payload, 'base64');
  const signed = preAuthEncoding(envelope.payloadType, payload);
  const isSigned = envelope.signatures.some(({ sig }) =>
    verify(null, signed, key, Buffer.from(sig, 'base64')),
  );
  if (!isSigned) return { kind: 'refused', reason: 'no signature in it is by this key' };
  try {
    return {
      kind: 'statement',
      statement: JSON.parse(payload.toString('utf8')),
      keyId: keyIdOf(key),
    };
  } catch {
    return { kind: 'refused', reason: 'what was signed is not JSON' };
  }
}

function ed25519(read: () => KeyObject, which: 'private' | 'public'): KeyObject {
  let key: KeyObject | null = null;
  try {
    key = read();
  } catch {
    key = null;
  }
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new RangeError(`this is no Ed25519 ${which} key in PEM`);
  }
  return key;
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const { payloadType, payload, signatures } = value as Partial<Envelope>;
  return (
    typeof payloadType === 'string' &&
    typeof payload === 'string' &&
    Array.isArray(signatures) &&
    signatures.every((one: unknown) => {
      if (typeof one !== 'object' || one === null) return false;
      return typeof (one as { sig?: unknown }).sig === 'string';
    })
  );
}
