import { assertCases } from "./testing.ts";

Deno.test("rules that write metadata say what is read and what is written", () => {
  assertCases([
    ["filter", "header_to_metadata.v3.Config", "request_rules: [{header: a, on_header_present: {key: k}}]"],
    [
      "filter",
      "header_to_metadata.v3.Config",
      "request_rules: [{header: a, cookie: b, on_header_present: {key: k}}]",
      "conflicting-fields",
    ],
    ["filter", "header_to_metadata.v3.Config", "request_rules: [{on_header_present: {key: k}}]", "missing-field"],
    ["filter", "header_to_metadata.v3.Config", "request_rules: [{header: a}]", "missing-field"],
    [
      "filter",
      "header_to_metadata.v3.Config",
      "request_rules: [{header: a, on_header_present: {key: k, value: v, regex_value_rewrite: {pattern: {regex: a}, substitution: b}}}]",
      "conflicting-fields",
    ],
    [
      "filter",
      "header_to_metadata.v3.Config",
      "request_rules: [{cookie: a, remove: true, on_header_present: {key: k}}]",
      "unsupported",
    ],
    [
      "filter",
      "header_to_metadata.v3.Config",
      "request_rules: [{header: a, on_header_missing: {key: k}}]",
      "missing-field",
    ],
    ["filter", "header_to_metadata.v3.Config", "request_rules: [{header: a, on_header_missing: {key: k, value: x}}]"],
    [
      "filter",
      "header_to_metadata.v3.Config",
      'request_rules: [{header: a, on_header_present: {key: k, regex_value_rewrite: {pattern: {regex: a}, substitution: "\\\\1"}}}]',
    ],
    ["filter", "header_to_metadata.v3.Config", "request_rules: []"],
    ["route", "header_to_metadata.v3.Config", "", "missing-field"],
    ["route", "header_to_metadata.v3.Config", "request_rules: [{header: a, on_header_present: {key: k}}]"],
    ["filter", "header_to_metadata.v3.Config", "response_rules: [{on_header_present: {key: k}}]", "missing-field"],
    [
      "filter",
      "header_to_metadata.v3.Config",
      "request_rules: [{header: a, on_header_missing: {key: k, value: v, regex_value_rewrite: {pattern: {regex: a}, substitution: b}}}]",
    ],
    [
      "filter",
      "json_to_metadata.v3.JsonToMetadata",
      "request_rules: {rules: [{selectors: [{key: a}]}]}",
      "missing-field",
    ],
    [
      "filter",
      "json_to_metadata.v3.JsonToMetadata",
      "request_rules: {rules: [{selectors: [{key: a}], on_present: {key: k}}]}",
    ],
    [
      "filter",
      "json_to_metadata.v3.JsonToMetadata",
      "request_rules: {rules: [{selectors: [{key: a}], on_missing: {key: k}}]}",
      "missing-field",
    ],
    [
      "filter",
      "json_to_metadata.v3.JsonToMetadata",
      "request_rules: {rules: [{selectors: [{key: a}], on_missing: {key: k, value: a}}]}",
    ],
    [
      "filter",
      "json_to_metadata.v3.JsonToMetadata",
      "request_rules: {rules: [{selectors: [{key: a}], on_present: {key: k}, on_error: {key: k}}]}",
      "missing-field",
    ],
    [
      "filter",
      "json_to_metadata.v3.JsonToMetadata",
      "request_rules: {rules: [{selectors: [{key: a}], on_error: {key: k, value: x}}]}",
      "missing-field",
    ],
    ["filter", "json_to_metadata.v3.JsonToMetadata", ""],
    ["route", "json_to_metadata.v3.JsonToMetadata", "", "missing-field"],
    [
      "filter",
      "sse_to_metadata.v3.SseToMetadata",
      "response_rules: {content_parser: {name: x, typed_config: {<extensions.content_parsers.json.v3.JsonContentParser>, rules: [{rule: {selectors: [{key: a}]}}]}}}",
      "missing-field",
    ],
    ["filter", "thrift_to_metadata.v3.ThriftToMetadata", "request_rules: [{field: METHOD_NAME}]", "missing-field"],
    [
      "filter",
      "thrift_to_metadata.v3.ThriftToMetadata",
      "request_rules: [{field: METHOD_NAME, on_missing: {key: k}}]",
      "missing-field",
    ],
    ["filter", "thrift_to_metadata.v3.ThriftToMetadata", "request_rules: [{field: METHOD_NAME, on_present: {key: k}}]"],
    [
      "filter",
      "thrift_to_metadata.v3.ThriftToMetadata",
      "protocol: TWITTER, request_rules: [{field: METHOD_NAME, on_present: {key: k}}]",
      "unsupported",
    ],
    ["filter", "thrift_to_metadata.v3.ThriftToMetadata", "", "missing-field"],
  ]);
});
