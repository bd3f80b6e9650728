import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}]}",
  ],
  ["listener TLS", "require_client_certificate: false", "missing-field"],
  ["listener TLS", "common_tls_context: {}", "missing-field"],
  ["listener TLS", "common_tls_context: {tls_certificates: [{}]}", "missing-field"],
  ["cluster TLS", "sni: a"],
  [
    "cluster TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}]}",
  ],
  ["listener TLS", "common_tls_context: {tls_certificates: [{private_key: {inline_string: $key}}]}", "missing-field"],
  [
    "cluster TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}}]}",
    "missing-field",
  ],
  [
    "listener TLS",
    'common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: ""}, private_key: {inline_string: $key}}]}',
    "missing-field",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: x}, private_key: {inline_string: $key}}]}",
    "bad-certificate",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: x}}]}",
    "bad-certificate",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $other}}]}",
    "bad-certificate",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $nameless}, private_key: {inline_string: $key}}]}",
    "bad-certificate",
  ],
  [
    "cluster TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $nameless}, private_key: {inline_string: $key}}]}",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, pkcs12: {inline_bytes: AAAA}}]}",
    "conflicting-fields",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}, ocsp_staple: {inline_string: x}}]}",
    "bad-certificate",
  ],
  [
    "listener TLS",
    "ocsp_staple_policy: MUST_STAPLE, common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}]}",
    "missing-field",
  ],
  [
    "listener TLS",
    "ocsp_staple_policy: STRICT_STAPLING, common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}]}",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}], tls_certificate_sds_secret_configs: [{name: d, sds_config: {path_config_source: {path: /dev/null}}}]}",
    "conflicting-fields",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificate_sds_secret_configs: [{name: d, sds_config: {path_config_source: {path: /dev/null}}}]}",
  ],
  [
    "cluster TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}], tls_certificate_sds_secret_configs: [{name: d, sds_config: {path_config_source: {path: /dev/null}}}]}",
    "unsupported",
  ],
  [
    "cluster TLS",
    "common_tls_context: {tls_certificate_sds_secret_configs: [{name: d, sds_config: {path_config_source: {path: /dev/null}}}], tls_params: {cipher_suites: [FOO]}}",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {trusted_ca: {inline_string: $chain}, match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: a}}]}}",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: a}}]}}",
    "tls-without-ca",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}], validation_context: {match_subject_alt_names: [{exact: a}]}}",
    "tls-without-ca",
  ],
  ["cluster TLS", "common_tls_context: {validation_context: {allow_expired_certificate: true}}", "tls-without-ca"],
  ["cluster TLS", "common_tls_context: {validation_context: {crl: {inline_string: x}}}", "tls-without-ca"],
  ["cluster TLS", "common_tls_context: {validation_context: {trusted_ca: {inline_string: x}}}", "bad-certificate"],
  ["cluster TLS", 'common_tls_context: {validation_context: {trusted_ca: {inline_string: ""}}}', "bad-certificate"],
  ["cluster TLS", "common_tls_context: {validation_context: {trusted_ca: {inline_string: $key}}}", "bad-certificate"],
  [
    "cluster TLS",
    'common_tls_context: {validation_context: {verify_certificate_hash: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, "aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa"]}}',
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {verify_certificate_hash: [gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg]}}",
    "bad-tls-parameter",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {verify_certificate_hash: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}}",
    "bad-tls-parameter",
  ],
  [
    "cluster TLS",
    'common_tls_context: {validation_context: {verify_certificate_spki: ["YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="]}}',
  ],
  [
    "cluster TLS",
    'common_tls_context: {validation_context: {verify_certificate_spki: ["YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYQ=="]}}',
    "bad-tls-parameter",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {trusted_ca: {inline_string: $chain}, match_typed_subject_alt_names: [{san_type: OTHER_NAME, matcher: {exact: a}}]}}",
    "missing-field",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {trusted_ca: {inline_string: $chain}, match_typed_subject_alt_names: [{san_type: OTHER_NAME, oid: zz, matcher: {exact: a}}]}}",
    "bad-tls-parameter",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {trusted_ca: {inline_string: $chain}, match_typed_subject_alt_names: [{san_type: OTHER_NAME, oid: 1.3.6.1.4.1, matcher: {exact: a}}]}}",
  ],
  ["cluster TLS", "auto_sni_san_validation: true", "tls-without-ca"],
  ["cluster TLS", "auto_sni_san_validation: true, common_tls_context: {validation_context: {}}", "tls-without-ca"],
  [
    "cluster TLS",
    "auto_sni_san_validation: true, common_tls_context: {validation_context: {trusted_ca: {inline_string: $chain}}}",
  ],
  ["cluster TLS", 'sni: "a\\0b"', "bad-tls-parameter"],
  [
    "cluster TLS",
    'common_tls_context: {tls_params: {cipher_suites: ["[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]", "ECDHE+AESGCM", AES128-SHA]}}',
  ],
  ["cluster TLS", "common_tls_context: {tls_params: {cipher_suites: [FOO]}}", "bad-tls-parameter"],
  ["cluster TLS", "common_tls_context: {tls_params: {cipher_suites: [TLS_AES_128_GCM_SHA256]}}", "bad-tls-parameter"],
  ["cluster TLS", 'common_tls_context: {tls_params: {cipher_suites: ["ALL:!RC4"]}}', "bad-tls-parameter"],
  [
    "cluster TLS",
    "common_tls_context: {tls_params: {cipher_suites: [ecdhe-rsa-aes128-gcm-sha256]}}",
    "bad-tls-parameter",
  ],
  ["cluster TLS", "common_tls_context: {tls_params: {ecdh_curves: [X25519, P-256, X25519MLKEM768]}}"],
  ["cluster TLS", "common_tls_context: {tls_params: {ecdh_curves: [secp256r1]}}", "bad-tls-parameter"],
  ["cluster TLS", "common_tls_context: {tls_params: {ecdh_curves: [P-256, prime256v1]}}", "bad-tls-parameter"],
  ["cluster TLS", "common_tls_context: {tls_params: {signature_algorithms: [rsa_pss_rsae_sha256, ed25519]}}"],
  [
    "cluster TLS",
    "common_tls_context: {tls_params: {signature_algorithms: [rsa_pss_pss_sha256]}}",
    "bad-tls-parameter",
  ],
  [
    "cluster TLS",
    'common_tls_context: {alpn_protocols: ["h2,http/1.1", aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}',
  ],
  [
    "cluster TLS",
    "common_tls_context: {alpn_protocols: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}",
    "bad-tls-parameter",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}]}, session_ticket_keys: {keys: [{inline_string: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]}",
  ],
  [
    "listener TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: $chain}, private_key: {inline_string: $key}}]}, session_ticket_keys: {keys: [{inline_string: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]}",
    "bad-tls-parameter",
  ],
  ["bootstrap", "static_resources: {secrets: [{name: s}]}", "missing-field"],
  ["bootstrap", "static_resources: {secrets: [{name: s, tls_certificate: {certificate_chain: {inline_string: x}}}]}"],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {custom_validator_config: {name: envoy.tls.cert_validator.spiffe, typed_config: {<extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig>, trust_domains: [{name: a, trust_bundle: {inline_string: $chain}}]}}}}",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {custom_validator_config: {name: envoy.tls.cert_validator.spiffe, typed_config: {<extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig>, trust_domains: [{name: a, trust_bundle: {inline_string: $chain}}, {name: a, trust_bundle: {inline_string: $chain}}]}}}}",
    "duplicate-name",
  ],
  [
    "cluster socket",
    "<extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport>, transport_socket: $raw, passthrough_metadata: [{kind: {host: {}}, name: a}]",
  ],
  [
    "cluster socket",
    "<extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport>, transport_socket: $raw, passthrough_metadata: [{kind: {route: {}}, name: a}]",
    "unsupported",
  ],
];

const api = loadApi();

for (const [i, each] of CASES.entries()) {
  const [place, fields, rule] = each;
  Deno.test(`TLS ${i}: ${rule ?? "taken"}: ${place} ${fields.slice(0, 80)}`, () => {
    assertEquals(broken(api, each), rule === undefined ? [] : [rule]);
  });
}
