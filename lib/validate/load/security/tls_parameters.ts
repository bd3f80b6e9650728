/**
 * Names of BoringSSL in `TlsParameters`, protocols, and session tickets.
 *
 * @module
 */
import type { MessageView, StringAt } from "../../../model/codec/view.ts";
import { inlineBytes } from "./data.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Single suites, in either spelling, and groups of them: as the official binary takes them. */
const SUITES = () =>
  words(`
  AES128-GCM-SHA256 AES128-SHA AES256-GCM-SHA384 AES256-SHA DES-CBC3-SHA
  ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES128-SHA ECDHE-ECDSA-AES128-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384
  ECDHE-ECDSA-AES256-SHA ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-PSK-AES128-CBC-SHA ECDHE-PSK-AES256-CBC-SHA
  ECDHE-PSK-CHACHA20-POLY1305 ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-SHA ECDHE-RSA-AES128-SHA256
  ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-SHA ECDHE-RSA-CHACHA20-POLY1305 PSK-AES128-CBC-SHA PSK-AES256-CBC-SHA
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
  TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA
  TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  TLS_PSK_WITH_AES_128_CBC_SHA TLS_PSK_WITH_AES_256_CBC_SHA TLS_RSA_WITH_3DES_EDE_CBC_SHA
  TLS_RSA_WITH_AES_128_CBC_SHA TLS_RSA_WITH_AES_128_GCM_SHA256 TLS_RSA_WITH_AES_256_CBC_SHA
  TLS_RSA_WITH_AES_256_GCM_SHA384
  3DES AES AES128 AES256 AESGCM ALL CHACHA20 DEFAULT ECDH ECDHE ECDSA EECDH FIPS HIGH PSK RSA SHA SHA1 SSLv3 TLSv1
  TLSv1.2 aECDSA aPSK aRSA kECDHE kEECDH kPSK kRSA
`);

const CURVES = () => words("P-256 P-384 P-521 X25519 X25519MLKEM768 MLKEM1024 prime256v1 secp384r1 secp521r1 x25519");

/** Other names of curves. */
const ALIASES: Readonly<Record<string, string>> = {
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
  x25519: "X25519",
};

const SIGNATURES =
  /^(?:rsa_pkcs1_(?:sha1|sha256|sha384|sha512|sha256_legacy)|ecdsa_(?:sha1|secp256r1_sha256|secp384r1_sha384|secp521r1_sha512)|rsa_pss_rsae_sha(?:256|384|512)|ed25519|mldsa\d+|(?:RSA|ECDSA|RSA-PSS|PSS)\+SHA(?:1|256|384|512))$/;

/** `TlsParameters` of a context that Envoy makes at once. Lists are joined with colons, and an entry may be a list. */
export function checkParameters(params: MessageView): void {
  const suites = SUITES();
  for (const { part, at } of parts(params, "cipher_suites")) {
    // Operators before a name, brackets around suites of equal preference, and terms that have to hold together.
    for (const name of part.replace(/^\[?[!+-]?/, "").split(/[|+\]]/)) {
      if (name === "" || name.startsWith("@") || suites.has(name)) continue;
      reject(params, at, `cipher suite "${name}" is not one that Envoy knows${tls13(name)}`);
    }
  }
  checkEach(params, "ecdh_curves", (part) => CURVES().has(part), "curve");
  checkEach(params, "signature_algorithms", (part) => SIGNATURES.test(part), "signature algorithm");
}

function tls13(name: string): string {
  return /^TLS_(?:AES|CHACHA20)_/.test(name) ? ": those of TLS 1.3 are fixed" : "";
}

function checkEach(params: MessageView, field: string, isKnown: (part: string) => boolean, what: string): void {
  const seen = new Set<string>();
  for (const { part, at } of parts(params, field)) {
    if (part === "") continue;
    if (!isKnown(part)) reject(params, at, `${what} "${part}" is not one that Envoy knows`);
    else if (seen.has(ALIASES[part] ?? part)) reject(params, at, `${what} "${part}" is there twice`);
    seen.add(ALIASES[part] ?? part);
  }
}

function parts(params: MessageView, field: string): { readonly part: string; readonly at: StringAt }[] {
  return params.strings(field).flatMap((at) => at.value.split(":").map((part) => ({ part, at })));
}

function reject(message: MessageView, at: StringAt | string, text: string): void {
  message.reject("bad-tls-parameter", text, at);
}

/** A protocol is named in at most 255 bytes, all of them in 65535. */
export function checkProtocols(common: MessageView): void {
  let size = 0;
  for (const at of common.strings("alpn_protocols")) {
    for (const name of at.value.split(",")) {
      const length = new TextEncoder().encode(name).length;
      size += length + 1;
      if (length > 255) return reject(common, at, "the name of a protocol has more than 255 bytes");
    }
  }
  if (size > 65535) reject(common, "alpn_protocols", "the names of the protocols have more than 65535 bytes together");
}

/** Each key has 80 bytes: a name of 16 bytes, and two secrets of 32. */
export function checkTicketKeys(keys: MessageView): void {
  for (const key of keys.messages("keys")) {
    const bytes = inlineBytes(key);
    if (bytes === undefined || bytes.length === 80) continue;
    key.reject("bad-tls-parameter", `a session ticket key has 80 bytes, not ${bytes.length}`);
  }
}
