/**
 * Certificates and keys that are written into the configuration: `TlsCertificate` and the PEM inside of it.
 *
 * Only inline ones are looked at. Files may be those of another machine, and a static secret is read by Envoy when
 * something uses it.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { isKnown } from "../http_filters/extensions.ts";
import { decodeBase64, inlineText } from "./data.ts";
import { keyMismatch, leafFault } from "./x509.ts";

const CERTIFICATE = /^(?:X509 |TRUSTED )?CERTIFICATE$/;
const PRIVATE_KEY = /PRIVATE KEY$/;

/**
 * The parts of a certificate that a context uses. One without any part is skipped by Envoy, as it is here. With `made`
 * Envoy also reads what is inside of them at once.
 */
export function checkCertificate(certificate: MessageView, made: boolean, atListener: boolean): void {
  if (!isGiven(certificate)) return;
  checkStaple(certificate);
  if (certificate.has("pkcs12")) {
    for (const other of ["certificate_chain", "private_key", "private_key_provider"]) {
      if (certificate.has(other)) {
        certificate.reject("conflicting-fields", `${other} cannot be set beside pkcs12, which holds all`, other);
      }
    }
    return;
  }
  const leaf = (text: string) => chainFault(text) ?? leafFault(text, atListener);
  checkPart(certificate, "certificate_chain", made ? leaf : undefined);
  if (certificate.has("private_key_provider")) return checkProvider(certificate.message("private_key_provider"));
  const hasPassword = certificate.has("password");
  const chain = inlineText(certificate.message("certificate_chain")) ?? "";
  const key = (text: string) => keyFault(text, hasPassword) ?? keyMismatch(chain, text);
  checkPart(certificate, "private_key", made ? key : undefined);
}

/** The official binary has none: whoever names one with a type of their own has a binary of their own. */
function checkProvider(provider: MessageView | undefined): void {
  const type = provider?.typed("typed_config")?.desc.typeName;
  if (provider === undefined || type === undefined && provider.has("typed_config")) return;
  if (type !== undefined && !isKnown(type)) return;
  const name = provider.string("provider_name")?.value ?? "";
  provider.reject("unknown-name", `Envoy has no provider of private keys "${name}"`, "provider_name");
}

/** Whether Envoy takes it for a certificate at all. */
export function isGiven(certificate: MessageView): boolean {
  return certificate.which("certificate_chain", "private_key", "private_key_provider", "pkcs12") !== undefined;
}

function checkPart(certificate: MessageView, field: string, read?: (text: string) => string | undefined): void {
  const text = inlineText(certificate.message(field));
  if (!certificate.has(field) || text === "") {
    certificate.reject("missing-field", `a TLS certificate needs ${field}`, field);
  } else if (text !== undefined) {
    const fault = read?.(text);
    if (fault !== undefined) certificate.reject("bad-certificate", fault, field);
  }
}

/** Why a text is not one certificate or more; nothing of the text is told, here and below. */
export function chainFault(text: string): string | undefined {
  return pemFault(text, CERTIFICATE, "a certificate");
}

function keyFault(text: string, hasPassword: boolean): string | undefined {
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (isEncrypted && !hasPassword) return "the private key is encrypted, and there is no password";
  return pemFault(text, PRIVATE_KEY, "a private key");
}

/** OCSP responses are binary: Envoy takes them from a file or from `inline_bytes`. */
function checkStaple(certificate: MessageView): void {
  const staple = certificate.message("ocsp_staple");
  if (staple?.has("inline_string")) {
    certificate.reject("bad-certificate", "ocsp_staple cannot be given as inline_string", "ocsp_staple");
  }
}

/** A block of PEM from its first line to its last. */
const BLOCK = /-----BEGIN ([^\n-]+)-----[ \t\r]*\n([^]*?)-----END ([^\n-]+)-----/g;

function pemFault(text: string, label: RegExp, what: string): string | undefined {
  const blocks = [...text.matchAll(BLOCK)].filter(([, begin]) => label.test(begin ?? ""));
  if (blocks.length === 0) return `this is not ${what} in PEM form`;
  for (const [, begin, body = "", end] of blocks) {
    if (begin !== end) return `the PEM block begins as ${begin} and ends as ${end}`;
    // An encrypted key of the old form has headers.
    if (/^[\w-]+:/.test(body.trim())) continue;
    if (!isSequence(decodeBase64(body.replace(/\s+/g, "")))) return `the PEM block is not ${what}`;
  }
  return undefined;
}

/** Certificates, keys and lists are all one DER sequence to the end. */
function isSequence(bytes: Uint8Array | undefined): boolean {
  const [tag, length = 0] = bytes ?? [];
  if (bytes === undefined || tag !== 0x30) return false;
  if (length < 0x80) return bytes.length === length + 2;
  const size = length & 0x7f;
  let content = 0;
  for (const byte of bytes.subarray(2, 2 + size)) content = content * 256 + byte;
  return bytes.length === 2 + size + content;
}
