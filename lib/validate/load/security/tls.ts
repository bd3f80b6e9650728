/**
 * TLS of listeners and clusters. Secrets that are still to be fetched keep Envoy from looking at the rest: it makes the
 * context when they are there.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { checkCertificate, isGiven } from "./certificates.ts";
import { checkParameters, checkProtocols, checkTicketKeys } from "./tls_parameters.ts";
import { checkValidationContext, hasAuthority } from "./validation_context.ts";

const MUST_STAPLE = 2;

/** Whether a list of `SdsSecretConfig`, or one, waits for a management server or a file. */
function waits(secrets: readonly (MessageView | undefined)[]): boolean {
  return secrets.some((each) => each?.has("sds_config"));
}

/** Whether Envoy makes the context of it while it loads the configuration. */
function isMade(common: MessageView): boolean {
  const combined = common.message("combined_validation_context");
  return !waits([
    ...common.messages("tls_certificate_sds_secret_configs"),
    common.message("validation_context_sds_secret_config"),
    combined?.message("validation_context_sds_secret_config"),
  ]);
}

function checkCommon(common: MessageView, made: boolean, atListener: boolean): void {
  for (const certificate of common.messages("tls_certificates")) checkCertificate(certificate, made, atListener);
  const context = common.message("validation_context");
  if (context !== undefined) checkValidationContext(context, made);
  const inDefault = common.message("combined_validation_context")?.message("default_validation_context");
  if (inDefault?.has("custom_validator_config")) checkValidationContext(inDefault, made);
  if (!made) return;
  const params = common.message("tls_params");
  if (params !== undefined) checkParameters(params);
  checkProtocols(common);
}

const downstream: Watcher = (tls) => {
  const common = tls.message("common_tls_context");
  const keys = tls.message("session_ticket_keys");
  if (keys !== undefined) checkTicketKeys(keys);
  const made = common !== undefined && isMade(common) &&
    !waits([tls.message("session_ticket_keys_sds_secret_config")]);
  if (common !== undefined) checkCommon(common, made, true);
  // Both bring certificates of their own.
  if (common?.has("custom_handshaker") || common?.has("custom_tls_certificate_selector")) return;
  const certificates = common?.messages("tls_certificates") ?? [];
  const secrets = common?.messages("tls_certificate_sds_secret_configs") ?? [];
  if (certificates.length > 0 && secrets.length > 0) {
    const message = "tls_certificate_sds_secret_configs cannot be set beside tls_certificates at a listener";
    return common?.reject("conflicting-fields", message, "tls_certificate_sds_secret_configs");
  }
  if (secrets.length === 0 && !certificates.some(isGiven)) {
    const message = "TLS at a listener needs a certificate: tls_certificates or tls_certificate_sds_secret_configs";
    return (common ?? tls).reject("missing-field", message);
  }
  if (made && tls.enum("ocsp_staple_policy") === MUST_STAPLE) checkStaples(certificates);
};

function checkStaples(certificates: readonly MessageView[]): void {
  for (const certificate of certificates) {
    if (!isGiven(certificate) || certificate.has("ocsp_staple")) continue;
    certificate.reject("missing-field", "with ocsp_staple_policy MUST_STAPLE, a certificate needs ocsp_staple");
  }
}

const upstream: Watcher = (tls) => {
  const common = tls.message("common_tls_context");
  const made = common === undefined || isMade(common);
  if (common !== undefined) checkCommon(common, made, false);
  if (tls.string("sni")?.value.includes("\0")) {
    tls.reject("bad-tls-parameter", "sni has a NUL character", "sni");
  }
  if (common !== undefined && !common.has("custom_tls_certificate_selector")) {
    const [first, second] = [
      ...common.messages("tls_certificates"),
      ...common.messages("tls_certificate_sds_secret_configs"),
    ];
    if (first !== undefined && second !== undefined) {
      second.reject("unsupported", "TLS of a cluster takes one certificate only");
    }
  }
  if (made && tls.bool("auto_sni_san_validation")) checkAutoNames(tls, common);
};

/** The name is compared with that of the certificate, whose authority therefore has to be known. */
function checkAutoNames(tls: MessageView, common: MessageView | undefined): void {
  const context = common?.message("validation_context");
  if (context !== undefined && hasAuthority(context)) return;
  const another = common?.which(
    "validation_context_sds_secret_config",
    "combined_validation_context",
    "validation_context_certificate_provider",
    "validation_context_certificate_provider_instance",
  );
  if (another !== undefined && another.includes("sds") || another === "combined_validation_context") return;
  const message = "auto_sni_san_validation needs a validation_context with a trusted_ca";
  tls.reject("tls-without-ca", message, "auto_sni_san_validation");
}

const TLS = "envoy.extensions.transport_sockets.tls.v3";

export const TLS_CHECKS: CheckTable = [
  [`${TLS}.DownstreamTlsContext`, downstream],
  [`${TLS}.UpstreamTlsContext`, upstream],
];
