import { assertCases } from "./testing.ts";

Deno.test("JWT authentication names providers that are there, and keys that can be read", () => {
  assertCases([
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, rules: [{match: {prefix: /}, requires: {provider_name: p}}]",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, rules: [{match: {prefix: /}, requires: {provider_name: q}}]",
      "unknown-name",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, rules: [{match: {prefix: /}, requires: {provider_and_audiences: {provider_name: q}}}]",
      "unknown-name",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, rules: [{match: {prefix: /}, requires: {requires_any: {requirements: [{provider_name: p}, {requires_all: {requirements: [{provider_name: q}, {allow_missing: {}}]}}]}}}]",
      "unknown-name",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, requirement_map: {r: {provider_name: q}}",
      "unknown-name",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, rules: [{match: {prefix: /}, requirement_name: q}]",
      "unknown-name",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, rules: [{match: {prefix: /}, requirement_name: r}], requirement_map: {r: {provider_name: p}}",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, filter_state_rules: {name: a, requires: {x: {provider_name: q}}}",
      "unknown-name",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, filter_state_rules: {name: a, requires: {x: {provider_name: p}}}",
    ],
    ["filter", "jwt_authn.v3.JwtAuthentication", "providers: {}"],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: http://a/b, cluster: c1, timeout: 1s}}}}, rules: [{match: {prefix: /}, requires: {}}]",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      "providers: {p: {issuer: i, remote_jwks: {http_uri: {uri: foo, cluster: c1, timeout: 1s}}}}",
      "bad-value",
    ],
    [
      "filter",
      "jwt_authn.v3.JwtAuthentication",
      'providers: {p: {issuer: i, local_jwks: {inline_string: "{}"}}}',
      "bad-value",
    ],
  ]);
});
