/**
 * How a TLS context tells whom it talks to: `CertificateValidationContext`.
 *
 * @module
 */
import type { MessageView, StringAt } from "../../../model/codec/view.ts";
import { checkName as checkExtensionName } from "../http_filters/filters.ts";
import { chainFault } from "./certificates.ts";
import { decodeBase64, inlineText } from "./data.ts";

const OTHER_NAME = 5;

const SPIFFE = "envoy.tls.cert_validator.spiffe";
const SPIFFE_CONFIG = "envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig";

/**
 * A context that Envoy uses as it stands. With `made` it also makes the TLS context of it at once, which it does not
 * while a secret is still to be fetched.
 */
export function checkValidationContext(context: MessageView, made: boolean): void {
  const validator = context.message("custom_validator_config");
  if (validator !== undefined) {
    // It reads the other fields in its own way.
    if (made) checkValidator(validator);
    return;
  }
  checkWithoutAuthority(context);
  if (!made) return;
  checkAuthority(context);
  for (const hash of context.strings("verify_certificate_hash")) checkHash(context, hash);
  for (const spki of context.strings("verify_certificate_spki")) checkSpki(context, spki);
  for (const matcher of context.messages("match_typed_subject_alt_names")) checkName(matcher);
}

/** A validator of its own kind, which Envoy makes with the context. */
function checkValidator(validator: MessageView): void {
  checkExtensionName(validator, "envoy.tls.cert_validator", "a validator of certificates");
  const config = validator.typed("typed_config");
  if (validator.string("name")?.value === SPIFFE && config?.desc.typeName === SPIFFE_CONFIG) checkDomains(config);
}

/** Trust bundles of SPIFFE: each domain once. */
function checkDomains(config: MessageView): void {
  const domains = new Set<string>();
  for (const domain of config.messages("trust_domains")) {
    const name = domain.string("name");
    if (name === undefined) continue;
    if (domains.has(name.value)) {
      domain.reject("duplicate-name", `trust domain "${name.value}" is there already`, name);
    }
    domains.add(name.value);
    if (!domain.has("trust_bundle")) domain.reject("missing-field", "a trust domain needs a trust_bundle");
  }
}

/** Envoy reads neither `system_root_certs` nor providers of certificates: they are for clients of gRPC. */
export function hasAuthority(context: MessageView): boolean {
  return context.which("trusted_ca", "custom_validator_config") !== undefined;
}

function checkWithoutAuthority(context: MessageView): void {
  if (hasAuthority(context)) return;
  for (const field of ["crl", "match_typed_subject_alt_names", "match_subject_alt_names"]) {
    const node = context.node(field);
    if (node === undefined || node.kind === "list" && node.items.length === 0) continue;
    context.reject("tls-without-ca", `${field} needs a trusted_ca: without one, anybody can have any name`, field);
    return;
  }
  if (context.bool("allow_expired_certificate")) {
    const message = "allow_expired_certificate needs a trusted_ca: without one, no certificate is checked";
    context.reject("tls-without-ca", message, "allow_expired_certificate");
  }
}

function checkAuthority(context: MessageView): void {
  const text = inlineText(context.message("trusted_ca"));
  if (text === undefined) return;
  const fault = text === "" ? "the trusted_ca is empty" : chainFault(text);
  if (fault !== undefined) context.reject("bad-certificate", fault, "trusted_ca");
}

/** Hexadecimal, also with colons between the bytes. */
function checkHash(context: MessageView, hash: StringAt): void {
  const digits = hash.value.length === 95 ? hash.value.replaceAll(":", "") : hash.value;
  if (/^[0-9A-Fa-f]{64}$/.test(digits)) return;
  context.reject("bad-tls-parameter", "this is not the SHA-256 of a certificate in hexadecimal", hash);
}

function checkSpki(context: MessageView, spki: StringAt): void {
  const isStandard = /^[A-Za-z0-9+/]+=*$/.test(spki.value);
  if (isStandard && decodeBase64(spki.value)?.length === 32) return;
  context.reject("bad-tls-parameter", "this is not the SHA-256 of a public key in base64", spki);
}

/** Names of another kind are told apart by an object identifier: digits, or a name that OpenSSL has for one. */
function checkName(matcher: MessageView): void {
  if (matcher.enum("san_type") !== OTHER_NAME) return;
  const oid = matcher.string("oid");
  if (oid === undefined) {
    matcher.reject("missing-field", "a matcher of OTHER_NAME needs an oid", "oid");
  } else if (!isObjectIdentifier(oid.value)) {
    matcher.reject("bad-tls-parameter", `oid "${oid.value}" is not an object identifier`, "oid");
  }
}

function isObjectIdentifier(text: string): boolean {
  // Long names (`commonName`) are let pass; what has only a letter or two and is no known short name is not.
  if (/^[A-Za-z]{4,}/.test(text) || /^(?:CN|C|L|ST|O|OU|GN|SN|DC|UID)$/.test(text)) return true;
  return /^(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.\d+)(?:\.\d+)*$/.test(text);
}
