/**
 * The commands of format strings that Envoy 1.40 knows without an extension, and what they take.
 *
 * @module
 */

/** What may stand behind the name of a command. */
export interface CommandRule {
  readonly argument: "none" | "optional" | "required";
  /** Whether `:N` may follow. */
  readonly length: boolean;
}

const PLAIN = `
  ACCESS_LOG_TYPE BYTES_RECEIVED BYTES_RETRANSMITTED BYTES_SENT CONNECTION_ID CONNECTION_TERMINATION_DETAILS
  CUSTOM_FLAGS DOWNSTREAM_CX_RTT DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED
  DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT DOWNSTREAM_DETECTED_CLOSE_TYPE DOWNSTREAM_DIRECT_LOCAL_ADDRESS
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_DIRECT_LOCAL_PORT DOWNSTREAM_DIRECT_REMOTE_ADDRESS
  DOWNSTREAM_DIRECT_REMOTE_PORT DOWNSTREAM_HANDSHAKE_DURATION DOWNSTREAM_HEADER_BYTES_RECEIVED
  DOWNSTREAM_HEADER_BYTES_SENT DOWNSTREAM_LOCAL_ADDRESS DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID
  DOWNSTREAM_LOCAL_CLOSE_REASON DOWNSTREAM_LOCAL_DNS_SAN DOWNSTREAM_LOCAL_EMAIL_SAN DOWNSTREAM_LOCAL_IP_SAN
  DOWNSTREAM_LOCAL_OTHERNAME_SAN DOWNSTREAM_LOCAL_PORT DOWNSTREAM_LOCAL_SUBJECT DOWNSTREAM_LOCAL_URI_SAN
  DOWNSTREAM_PEER_CERT DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1 DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256
  DOWNSTREAM_PEER_CHAIN_SERIALS DOWNSTREAM_PEER_DNS_SAN DOWNSTREAM_PEER_EMAIL_SAN DOWNSTREAM_PEER_FINGERPRINT_1
  DOWNSTREAM_PEER_FINGERPRINT_256 DOWNSTREAM_PEER_IP_SAN DOWNSTREAM_PEER_ISSUER
  DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256 DOWNSTREAM_PEER_ISSUER_SERIAL DOWNSTREAM_PEER_OTHERNAME_SAN
  DOWNSTREAM_PEER_SERIAL DOWNSTREAM_PEER_SUBJECT DOWNSTREAM_PEER_URI_SAN DOWNSTREAM_REMOTE_ADDRESS
  DOWNSTREAM_REMOTE_PORT DOWNSTREAM_TLS_CIPHER DOWNSTREAM_TLS_GROUP DOWNSTREAM_TLS_SESSION_ID
  DOWNSTREAM_TLS_VERSION DOWNSTREAM_TRANSPORT_FAILURE_REASON DOWNSTREAM_WIRE_BYTES_RECEIVED
  DOWNSTREAM_WIRE_BYTES_SENT DURATION FILTER_CHAIN_NAME GRPC_STATUS_NUMBER HOSTNAME LISTENER_NAME
  LOCAL_REPLY_BODY PACKETS_RETRANSMITTED PROTOCOL REQUEST_DURATION REQUEST_HEADERS_BYTES REQUEST_TX_DURATION
  RESPONSE_CODE RESPONSE_DURATION RESPONSE_FLAGS RESPONSE_FLAGS_LONG RESPONSE_HEADERS_BYTES
  RESPONSE_TRAILERS_BYTES RESPONSE_TX_DURATION ROUNDTRIP_DURATION ROUTE_NAME ROUTE_RESOLUTION_COUNT
  ROUTE_RESOLUTION_TIME_US SPAN_ID STREAM_ID TLS_JA3_FINGERPRINT TLS_JA4_FINGERPRINT TRACE_ID UNIQUE_ID
  UPSTREAM_CLUSTER UPSTREAM_CLUSTER_RAW UPSTREAM_CONNECTION_ID UPSTREAM_CONNECTION_IDS_ATTEMPTED
  UPSTREAM_CONNECTION_POOL_READY_DURATION UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED
  UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT UPSTREAM_DETECTED_CLOSE_TYPE UPSTREAM_HEADER_BYTES_RECEIVED
  UPSTREAM_HEADER_BYTES_SENT UPSTREAM_HOST UPSTREAM_HOSTS_ATTEMPTED UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT
  UPSTREAM_HOST_NAME UPSTREAM_HOST_NAMES_ATTEMPTED UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT
  UPSTREAM_HOST_NAME_WITHOUT_PORT UPSTREAM_LOCAL_ADDRESS UPSTREAM_LOCAL_CLOSE_REASON UPSTREAM_LOCAL_DNS_SAN
  UPSTREAM_LOCAL_IP_SAN UPSTREAM_LOCAL_PORT UPSTREAM_LOCAL_URI_SAN UPSTREAM_PEER_CERT UPSTREAM_PEER_DNS_SAN
  UPSTREAM_PEER_IP_SAN UPSTREAM_PEER_ISSUER UPSTREAM_PEER_SUBJECT UPSTREAM_PEER_URI_SAN UPSTREAM_PROTOCOL
  UPSTREAM_REMOTE_ADDRESS UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID UPSTREAM_REMOTE_PORT
  UPSTREAM_REQUEST_ATTEMPT_COUNT UPSTREAM_SERVER_NAME UPSTREAM_TLS_CIPHER UPSTREAM_TLS_GROUP
  UPSTREAM_TLS_SESSION_ID UPSTREAM_TLS_VERSION UPSTREAM_TRANSPORT_FAILURE_REASON UPSTREAM_WIRE_BYTES_RECEIVED
  UPSTREAM_WIRE_BYTES_SENT VIRTUAL_CLUSTER_NAME
`;

const WITH_OPTIONAL_ARGUMENT = `
  GRPC_STATUS REQUESTED_SERVER_NAME DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_PEER_CERT_V_END
  DOWNSTREAM_PEER_CERT_V_START DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT EMIT_TIME EMIT_TIME_LOCAL
  RESPONSE_CODE_DETAILS START_TIME START_TIME_LOCAL UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT UPSTREAM_PEER_CERT_V_END
  UPSTREAM_PEER_CERT_V_START UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT
`;

const WITH_ARGUMENT = `
  CLUSTER_METADATA COMMON_DURATION UPSTREAM_METADATA
`;

const WITH_ARGUMENT_AND_LENGTH = `
  COALESCE DYNAMIC_METADATA ENVIRONMENT QUERY_PARAM REQ REQUEST_HEADER RESP RESPONSE_HEADER RESPONSE_TRAILER
  STREAM_INFO_REQ TRAILER XFCC_VALUE
`;

const WITH_OPTIONAL_ARGUMENT_AND_LENGTH = `
  CEL FILTER_STATE METADATA PATH QUERY_PARAMS TYPED_CEL UPSTREAM_FILTER_STATE
`;

/** By name. */
export const COMMANDS: ReadonlyMap<string, CommandRule> = new Map([
  ...rows(PLAIN, "none", false),
  ...rows(WITH_OPTIONAL_ARGUMENT, "optional", false),
  ...rows(WITH_ARGUMENT, "required", false),
  ...rows(WITH_ARGUMENT_AND_LENGTH, "required", true),
  ...rows(WITH_OPTIONAL_ARGUMENT_AND_LENGTH, "optional", true),
]);

/** Commands that are there only with an extension of `formatters`. */
export const EXTENSION_COMMANDS: ReadonlySet<string> = new Set(["FILE_CONTENT", "REQ_WITHOUT_QUERY", "SECRET"]);

function rows(names: string, argument: CommandRule["argument"], length: boolean): [string, CommandRule][] {
  return names.trim().split(/\s+/).map((name) => [name, { argument, length }]);
}

/** What is wrong with a command inside of another one. */
type Inner = (command: string, argument: string, hasLength: boolean) => string | undefined;

/** What is wrong with the argument of a command, apart from there being one. */
export function argumentFault(command: string, argument: string, inner: Inner): string | undefined {
  const [first = "", second = "", third = ""] = argument.split(":");
  switch (command) {
    case "REQ":
    case "REQUEST_HEADER":
    case "REQ_WITHOUT_QUERY":
    case "RESP":
    case "RESPONSE_HEADER":
    case "RESPONSE_TRAILER":
    case "STREAM_INFO_REQ":
    case "TRAILER":
      return headersFault(argument);
    case "FILTER_STATE":
    case "UPSTREAM_FILTER_STATE":
      if (first === "") return `%${command}% needs a key`;
      if ((second === "FIELD") !== (third !== "")) return `FIELD of %${command}% goes with the name of a field`;
      return oneOf(command, second, ["", "PLAIN", "TYPED", "FIELD"]);
    case "COMMON_DURATION": {
      const parts = argument.split(":").length;
      if (parts < 2 || parts > 3) return "%COMMON_DURATION% takes start:end or start:end:precision";
      return parts === 2 ? undefined : oneOf(command, third, ["ms", "us", "ns"]);
    }
    case "GRPC_STATUS":
      return oneOf(command, argument, ["", "CAMEL_STRING", "SNAKE_STRING", "NUMBER"]);
    case "PATH":
      return oneOf(command, first, ["", "WQ", "NQ"]) ?? oneOf(command, second, ["", "ORIG", "PATH", "ORIG_OR_PATH"]);
    case "QUERY_PARAMS":
      return oneOf(command, argument, ["", "ORIG", "DECODED"]);
    case "REQUESTED_SERVER_NAME":
      return oneOf(command, first, ["", "SNI_ONLY", "SNI_FIRST", "HOST_FIRST"]) ??
        oneOf(command, second, ["", "ORIG", "HOST", "ORIG_OR_HOST"]);
    case "METADATA":
      return oneOf(command, first, METADATA_KINDS);
    case "XFCC_VALUE":
      return oneOf(command, argument.toLowerCase(), XFCC_KEYS);
    case "CEL":
    case "TYPED_CEL":
      return argument.trim() === "" ? `%${command}% needs an expression` : undefined;
    case "COALESCE":
      return coalesceFault(argument, inner);
    default:
      return /^(?:START_TIME|EMIT_TIME)(?:_LOCAL)?$|_PEER_CERT_V_(?:START|END)$/.test(command) &&
          /%[-_0^#]*[1-9]*[EO]?n/.test(argument)
        ? `a time of %${command}% cannot have a line break`
        : undefined;
  }
}

const METADATA_KINDS = [
  "DYNAMIC",
  "CLUSTER",
  "ROUTE",
  "UPSTREAM_HOST",
  "LISTENER",
  "LISTENER_FILTER_CHAIN",
  "VIRTUAL_HOST",
] as const;
const XFCC_KEYS = ["by", "hash", "cert", "chain", "subject", "uri", "dns"] as const;

function oneOf(command: string, value: string, known: readonly string[]): string | undefined {
  if (known.includes(value)) return undefined;
  return `%${command}% takes ${known.filter((each) => each !== "").join(", ")}, not "${value}"`;
}

/** A header, and perhaps another one that is taken in its absence. */
function headersFault(argument: string): string | undefined {
  const names = argument.split("?");
  if (names.length > 2) return `"${argument}" names more than one alternative header`;
  const wrong = names.find((name) => !/^(?::?[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$/.test(name));
  return wrong === undefined ? undefined : `"${wrong}" is no name of a header`;
}

function coalesceFault(argument: string, inner: Inner): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(argument);
  } catch {
    return "the argument of %COALESCE% is no JSON";
  }
  const operators = isRecord(json) ? json["operators"] : undefined;
  if (!Array.isArray(operators) || operators.length === 0) return "%COALESCE% needs a list of `operators`";
  for (const operator of operators as unknown[]) {
    const fault = typeof operator === "string"
      ? inner(operator, "", false)
      : isRecord(operator)
      ? operatorFault(operator, inner)
      : "an operator of %COALESCE% is a name or an object";
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function operatorFault(operator: Record<string, unknown>, inner: Inner): string | undefined {
  const { command, param = "", max_length: length } = operator;
  if (typeof command !== "string") return "an operator of %COALESCE% needs a `command`";
  if (typeof param !== "string") return "`param` of %COALESCE% is text";
  if (length !== undefined && !(Number.isInteger(length) && Number(length) > 0)) {
    return "`max_length` of %COALESCE% is a positive integer";
  }
  return inner(command, param, length !== undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
