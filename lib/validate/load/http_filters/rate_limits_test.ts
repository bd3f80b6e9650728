import { assertCases } from "./testing.ts";

Deno.test("limits of rates are ones that Envoy can keep", () => {
  assertCases([
    ["filter", "bandwidth_limit.v3.BandwidthLimit", "stat_prefix: a"],
    [
      "filter",
      "bandwidth_limit.v3.BandwidthLimit",
      "stat_prefix: a, enable_mode: REQUEST, limit_kbps: 5, fill_interval: 0.1s",
    ],
    ["filter", "bandwidth_limit.v3.BandwidthLimit", "stat_prefix: a, enable_mode: REQUEST"],
    ["route", "bandwidth_limit.v3.BandwidthLimit", "stat_prefix: a", "missing-field"],
    ["route", "bandwidth_limit.v3.BandwidthLimit", "stat_prefix: a, enable_mode: DISABLED", "missing-field"],
    ["route", "bandwidth_limit.v3.BandwidthLimit", "stat_prefix: a, limit_kbps: 5"],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}",
    ],
    ["filter", "local_ratelimit.v3.LocalRateLimit", "stat_prefix: a"],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 0.049s}",
      "bad-value",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 0.05s}",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, descriptors: [{entries: [{key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 0.01s}}]",
      "bad-value",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, descriptors: [{entries: [{key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 1s}}, {entries: [{key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 2s}}]",
      "duplicate-name",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, descriptors: [{entries: [{key: a, value: b}, {key: c, value: d}], token_bucket: {max_tokens: 10, fill_interval: 1s}}, {entries: [{key: c, value: d}, {key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 2s}}]",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, descriptors: [{entries: [{key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 1s}}, {entries: [{key: a, value: c}], token_bucket: {max_tokens: 10, fill_interval: 2s}}]",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      'stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, descriptors: [{entries: [{key: a, value: ""}], token_bucket: {max_tokens: 10, fill_interval: 1s}}, {entries: [{key: a, value: ""}], token_bucket: {max_tokens: 10, fill_interval: 2s}}]',
      "duplicate-name",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 2s}, descriptors: [{entries: [{key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 3s}}]",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, descriptors: [{entries: [{key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 3s}}]",
    ],
    ["route", "local_ratelimit.v3.LocalRateLimit", "stat_prefix: a", "missing-field"],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, local_cluster_rate_limit: {}, local_rate_limit_per_downstream_connection: true",
      "conflicting-fields",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, rate_limits: [{stage: 1, actions: [{remote_address: {}}]}]",
      "unsupported",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, rate_limits: [{disable_key: a, actions: [{remote_address: {}}]}]",
      "unsupported",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, rate_limits: [{limit: {dynamic_metadata: {metadata_key: {key: a, path: [{key: b}]}}}, actions: [{remote_address: {}}]}]",
      "unsupported",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, rate_limits: [{actions: [{remote_address: {}}]}]",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      'stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, rate_limits: [{hits_addend: {number: 1, format: "%BYTES_SENT%"}, actions: [{remote_address: {}}]}]',
      "conflicting-fields",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, rate_limits: [{hits_addend: {}, actions: [{remote_address: {}}]}]",
      "missing-field",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, status: {code: 200}",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 5, fill_interval: 1s, tokens_per_fill: 10}",
    ],
    [
      "filter",
      "ratelimit.v3.RateLimit",
      "domain: a, rate_limit_service: {grpc_service: {envoy_grpc: {cluster_name: c1}}, transport_api_version: V3}",
    ],
    [
      "filter",
      "ratelimit.v3.RateLimit",
      "domain: a, rate_limit_service: {grpc_service: {envoy_grpc: {cluster_name: c1}}}",
    ],
    [
      "filter",
      "ratelimit.v3.RateLimit",
      "domain: a, rate_limit_service: {grpc_service: {envoy_grpc: {cluster_name: nope}}, transport_api_version: V3}",
    ],
    [
      "filter",
      "ratelimit.v3.RateLimit",
      "domain: a, rate_limit_service: {grpc_service: {envoy_grpc: {cluster_name: c1}}, transport_api_version: V3}, rate_limits: [{stage: 1, actions: [{remote_address: {}}]}]",
      "unsupported",
    ],
    [
      "route",
      "ratelimit.v3.RateLimitPerRoute",
      "rate_limits: [{stage: 1, actions: [{remote_address: {}}]}]",
      "unsupported",
    ],
    [
      "route",
      "ratelimit.v3.RateLimitPerRoute",
      "rate_limits: [{limit: {dynamic_metadata: {metadata_key: {key: a, path: [{key: b}]}}}, actions: [{remote_address: {}}]}]",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 0.0499s}",
      "bad-value",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 0.0009s}",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 0.001s}",
      "bad-value",
    ],
    [
      "filter",
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: a, token_bucket: {max_tokens: 10, fill_interval: 1s}, descriptors: [{entries: [{key: a, value: b}], token_bucket: {max_tokens: 10, fill_interval: 0.0001s}}]",
      "bad-value",
    ],
  ]);
});
