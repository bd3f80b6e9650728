/**
 * What is inside of a certificate. Whatever the runtime cannot read is let pass: Envoy's library may read more.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";

/** Envoy's least size of an RSA key, in bits. */
const RSA_BITS = 2048;

/** Curves that other libraries have, and Envoy's has not for certificates. */
const OTHER_CURVES: ReadonlySet<string | undefined> = new Set(["secp224r1", "secp256k1"]);

/** Why Envoy refuses the first certificate of a chain, or undefined. At a listener it has to have a name. */
export function leafFault(pem: string, atListener: boolean): string | undefined {
  const certificate = attempt(() => new X509Certificate(pem));
  if (certificate === undefined) return undefined;
  const key = attempt(() => certificate.publicKey);
  const { modulusLength = RSA_BITS, namedCurve } = key?.asymmetricKeyDetails ?? {};
  if (modulusLength < RSA_BITS) {
    return `the RSA key of the certificate has ${modulusLength} bits: ${RSA_BITS} are needed`;
  }
  if (OTHER_CURVES.has(namedCurve)) return `the key of the certificate is on the curve ${namedCurve}`;
  const hasName = /(?:^|[\n,/])\s*CN\s*=/.test(certificate.subject ?? "") || certificate.subjectAltName !== undefined;
  return atListener && !hasName ? "the certificate has neither a common name nor alternative names" : undefined;
}

/** Why a private key does not go with the first certificate of a chain, or undefined. */
export function keyMismatch(chain: string, key: string): string | undefined {
  const own = attempt(() => new X509Certificate(chain).publicKey);
  const other = attempt(() => createPublicKey(createPrivateKey(key)));
  if (own === undefined || other === undefined) return undefined;
  const [a, b] = [attempt(() => spki(own)), attempt(() => spki(other))];
  const comparable = own.asymmetricKeyType === "rsa" || own.asymmetricKeyType === "ec";
  if (!comparable || own.asymmetricKeyType !== other.asymmetricKeyType || a === undefined || b === undefined) {
    return undefined;
  }
  return a === b ? undefined : "the private key is not that of the certificate";
}

function spki(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
