/**
 * The pages of the rules that the codec checks: whether a text can be read, and its values be taken for their fields.
 *
 * @module
 */
import { RULES } from "../../model/codec/rules.ts";
import type { RuleDoc } from "../rule.ts";

/** A cluster with one more line. */
function cluster(line: string): string {
  return `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: orders
connect_timeout: 1s
${line}
`;
}

const ENDPOINT = `"@type": type.googleapis.com/envoy.config.endpoint.v3.LbEndpoint
endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } }
`;

const TEXT: readonly RuleDoc[] = [
  {
    name: RULES.notUtf8,
    severity: "error",
    title: "A file is text in UTF-8",
    text: "Neither YAML nor JSON can be read from bytes that are not UTF-8. Save the file in that encoding.",
  },
  {
    name: RULES.yamlSyntax,
    severity: "error",
    title: "A file is YAML",
    text:
      "The parser stops at the first place where it can go no further, which may be long after what is wrong: a quote or " +
      "bracket that is never closed shows at the end. A map or a list as a key is YAML, and Envoy refuses it.",
    bad: cluster(`alt_stat_name: "orders`),
    good: cluster(`alt_stat_name: "orders"`),
  },
  {
    name: RULES.jsonSyntax,
    severity: "error",
    title: "A file that ends in `.json` is JSON",
    text:
      "JSON has no comments: call the file `.yaml` if it has. A comma after the last item, single quotes, and keys without " +
      "quotes are taken, as Envoy takes them.",
  },
  {
    name: RULES.tooDeep,
    severity: "error",
    title: "Maps and lists are at most 100 levels deep",
    text: "Envoy's reader stops there too.",
  },
  {
    name: RULES.aliasExpansion,
    severity: "error",
    title: "Aliases do not multiply a file beyond measure",
    text: "A few lines of aliases of aliases can stand for gigabytes. Nobody writes such a file by hand.",
  },
  {
    name: RULES.duplicateKey,
    severity: "warning",
    title: "A key stands in a map once",
    text:
      "Envoy takes the last one and says nothing; what the first one says is lost. The same field in `snake_case` and " +
      "`camelCase` counts as the same key; of lists and messages Envoy then takes both.",
    bad: cluster("alt_stat_name: a\nalt_stat_name: b"),
    good: cluster("alt_stat_name: b"),
  },
  {
    name: RULES.ignoredDocument,
    severity: "warning",
    title: "A bootstrap is one document",
    text: "Envoy reads the first document of its bootstrap file and ignores what comes after `---`.",
    bad: "node: { id: a, cluster: b }\n---\nadmin: {}\n",
    good: "node: { id: a, cluster: b }\nadmin: {}\n",
  },
];

const VALUES: readonly RuleDoc[] = [
  {
    name: RULES.unknownField,
    severity: "error",
    title: "Every key is a field of its message",
    text:
      "A misspelt field does nothing, so Envoy refuses its bootstrap for one. What comes over xDS it reads without looking " +
      "for unknown fields, unless it runs with `--reject-unknown-dynamic-fields`: then a typing error would go unseen, " +
      "which is why it is an error here everywhere. YAML's `<<` is no merge key for Envoy, and so an unknown field.",
    bad: cluster("lb_polizy: RANDOM"),
    good: cluster("lb_policy: RANDOM"),
  },
  {
    name: RULES.wrongType,
    severity: "error",
    title: "A value is of the kind that its field takes",
    text:
      "A map where a string is expected, `1` for a bool, `5` without quotes for a string. Envoy takes quoted numbers, `yes` " +
      "and `on` for a bool, and a single value for a list of one.",
    bad: cluster("alt_stat_name: 5"),
    good: cluster(`alt_stat_name: "5"`),
  },
  {
    name: RULES.badNumber,
    severity: "error",
    title: "A number is one, and fits its field",
    text:
      "Whole numbers may be written `1e4`, `10000.0`, `0x10` and, octal, `010`. A fraction, `10_000`, a word and what is " +
      "too large for the field's type are refused.",
    bad: cluster("per_connection_buffer_limit_bytes: 10_000"),
    good: cluster("per_connection_buffer_limit_bytes: 10000"),
  },
  {
    name: RULES.badEnum,
    severity: "error",
    title: "A name of an enum is one that it has",
    text: "In upper or lower case, or as its number.",
    bad: cluster("lb_policy: ROUND_ROBBIN"),
    good: cluster("lb_policy: ROUND_ROBIN"),
  },
  {
    name: RULES.badDuration,
    severity: "error",
    title: "A duration is seconds with an `s`",
    text:
      "`1.5s`, or `{seconds: 1, nanos: 500000000}`. Envoy knows no `1m`, no `500ms`, and no negative durations (but for the few that it never reads).",
    bad: cluster("dns_refresh_rate: 1m"),
    good: cluster("dns_refresh_rate: 60s"),
  },
  {
    name: RULES.badTimestamp,
    severity: "error",
    title: "A time is written as in RFC 3339",
    text: "`2030-01-31T12:00:00Z`.",
  },
  {
    name: RULES.badBytes,
    severity: "error",
    title: "Bytes are base64",
    text: "In either alphabet, with or without padding. Text belongs into `inline_string`.",
    bad: `"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
name: token
generic_secret: { secret: { inline_bytes: "a b" } }
`,
    good: `"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
name: token
generic_secret: { secret: { inline_string: "a b" } }
`,
  },
  {
    name: RULES.badString,
    severity: "error",
    title: "A string is text",
    text: "Half of a surrogate pair (`\\ud800` alone) has no form in UTF-8.",
  },
  {
    name: RULES.oneofConflict,
    severity: "error",
    title: "Of fields that exclude each other one is set",
    text: "They are members of one `oneof`. Envoy refuses two of them, be they equal.",
    bad: cluster("type: STATIC\ncluster_type: { name: envoy.clusters.redis }"),
    good: cluster("type: STATIC"),
  },
];

const TYPES: readonly RuleDoc[] = [
  {
    name: RULES.missingType,
    severity: "error",
    title: "A resource, and whatever stands in a `typed_config`, says its type",
    text: `With the key \`"@type"\`: \`type.googleapis.com/\` and the full name of the message.`,
    bad: "name: orders\nconnect_timeout: 1s\n",
    good: cluster("lb_policy: RANDOM"),
  },
  {
    name: RULES.unknownType,
    severity: "error",
    title: "An `@type` names a message of Envoy's API",
    text: "The v2 API is gone. `xcp version` says which release of the API is inside; types of your own come with " +
      "`--descriptors`. A name without a slash before it is refused.",
    bad: `"@type": type.googleapis.com/envoy.api.v2.Cluster\nname: orders\n`,
    good: cluster("lb_policy: RANDOM"),
  },
  {
    name: RULES.unservedType,
    severity: "error",
    title: "A resource is something that clients can ask for",
    text:
      "A message that is part of others, or of the protocol itself, cannot be served by itself: put it where it belongs.",
    bad: `"@type": type.googleapis.com/envoy.config.core.v3.Address\npipe: { path: /a }\n`,
    good: cluster("lb_policy: RANDOM"),
  },
  {
    name: RULES.unaskedType,
    severity: "warning",
    title: "A resource is something that clients do ask for",
    text: "The message has a name, and no field of the API names such a message. A client of your own may.",
  },
  {
    name: RULES.missingName,
    severity: "error",
    title: "A resource has a name",
    text:
      "Clients ask for it, and refer to it, by its name. A type without a name field is put into a wrapper that has one. " +
      "For listeners, routes and secrets, which Envoy takes without a name inside of other files, it is a warning: they are " +
      "not served.",
    bad: ENDPOINT,
    good: `"@type": type.googleapis.com/envoy.service.discovery.v3.Resource
name: xdstp:///envoy.config.endpoint.v3.LbEndpoint/orders/1
resource:
  ${ENDPOINT.trimEnd().replaceAll("\n", "\n  ")}
`,
  },
  {
    name: RULES.badName,
    severity: "error",
    title: "A name is one that a client can ask for",
    text: "A name that begins with `xdstp:` has to be well-formed, and the alias of a resource is not empty.",
  },
  {
    name: RULES.nameMismatch,
    severity: "error",
    title: "The name of a wrapper is that of what is in it",
    text: "Envoy knows the resource by its own name and would be told of changes under the other.",
  },
  {
    name: RULES.missingResource,
    severity: "error",
    title: "A wrapper has a resource in it",
    text: "`envoy.service.discovery.v3.Resource` is a wrapper; what it wraps stands under the key `resource`.",
  },
  {
    name: RULES.ignoredField,
    severity: "warning",
    title: "Of a wrapper, name, aliases, time to live and resource are taken",
    text: "The other fields are set by the server, or belong to a part of the protocol that xcp does not speak.",
  },
];

const WRITES: readonly RuleDoc[] = [
  {
    name: RULES.badLabel,
    severity: "error",
    title: "A version label is a short text",
    text: "In the body of a write over HTTP: one to 256 characters, none of them a control character.",
  },
  {
    name: RULES.moreIssues,
    severity: "info",
    title: "There is more than is listed",
    text: "After some hundred issues of one kind the rest is counted. Mend the first ones, and look again.",
  },
];

export const READING_RULES: readonly RuleDoc[] = [...TEXT, ...VALUES, ...TYPES, ...WRITES];
