import { assertEquals } from "@std/assert";
import { formatFault } from "./format.ts";
import { COMMANDS } from "./format_commands.ts";

// What Envoy 1.40 answers to each as the format of an access log.
const TAKEN: readonly string[] = [
  "%%",
  "%REQ(:PATH)%",
  "%REQ(?b)%",
  "%REQ(a?)%",
  "%REQ(a_B-1.x)%",
  "%REQ(a):18446744073709551615%",
  "%REQ(a):0%",
  "%PROTOCOL()%",
  "%START_TIME()%",
  "%START_TIME(%s)%",
  "%START_TIME(%10n)%",
  "%START_TIME(\r)%",
  "%START_TIME(\t)%",
  "%DURATION%%%",
  "%FILTER_STATE(a:PLAIN)%",
  "%FILTER_STATE(a:FIELD:b)%",
  "%FILTER_STATE(a:TYPED:)%",
  "%FILTER_STATE(a:)%",
  "%FILTER_STATE(a:FIELD:b:c)%",
  "%COMMON_DURATION(a:b)%",
  "%COMMON_DURATION(a:b:ms)%",
  "%COMMON_DURATION(a:b:us)%",
  "%COMMON_DURATION(a:b:ns)%",
  "%COMMON_DURATION(:)%",
  "%GRPC_STATUS(CAMEL_STRING)%",
  "%GRPC_STATUS(SNAKE_STRING)%",
  "%GRPC_STATUS(NUMBER)%",
  "%GRPC_STATUS()%",
  "%PATH(WQ)%",
  "%PATH(NQ:ORIG)%",
  "%PATH(:PATH)%",
  "%PATH(WQ:ORIG_OR_PATH:zz)%",
  "%QUERY_PARAMS(ORIG)%",
  "%QUERY_PARAMS(DECODED)%",
  "%QUERY_PARAMS(DECODED):5%",
  "%REQUESTED_SERVER_NAME(SNI_ONLY)%",
  "%REQUESTED_SERVER_NAME(SNI_FIRST)%",
  "%REQUESTED_SERVER_NAME(HOST_FIRST)%",
  "%REQUESTED_SERVER_NAME(SNI_FIRST:ORIG)%",
  "%REQUESTED_SERVER_NAME(SNI_FIRST:HOST)%",
  "%REQUESTED_SERVER_NAME(SNI_FIRST:ORIG_OR_HOST)%",
  "%REQUESTED_SERVER_NAME(:ORIG)%",
  "%REQUESTED_SERVER_NAME(SNI_FIRST:ORIG:q)%",
  "%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%",
  "%RESPONSE_CODE_DETAILS(X)%",
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(MASK_PREFIX_LEN)%",
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(24)%",
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(X:24)%",
  "%METADATA(DYNAMIC:a)%",
  "%METADATA(ROUTE)%",
  "%METADATA(DYNAMIC:a:b):4%",
  "%METADATA(LISTENER:x)%",
  "%METADATA(VIRTUAL_HOST:x)%",
  "%METADATA(CLUSTER:x)%",
  "%METADATA(UPSTREAM_HOST:x)%",
  "%METADATA(LISTENER_FILTER_CHAIN:x)%",
  "%CEL(request.path)%",
  "%TYPED_CEL(request.path.size() > 3)%",
  "%XFCC_VALUE(uri)%",
  "%XFCC_VALUE(URI)%",
  "%XFCC_VALUE(by)%",
  "%XFCC_VALUE(hash)%",
  "%XFCC_VALUE(cert)%",
  "%XFCC_VALUE(chain)%",
  "%XFCC_VALUE(subject)%",
  "%XFCC_VALUE(dns)%",
  "%XFCC_VALUE(uri):4%",
  "%DYNAMIC_METADATA(a:b)%",
  "%DYNAMIC_METADATA(:)%",
  "%ENVIRONMENT(x)%",
  '%COALESCE({"operators":["PROTOCOL"]})%',
  '%COALESCE({"operators":[{"command":"REQ","param":"x","max_length":3}]})%',
  '%COALESCE({"operators":[{"command":"CEL","param":"(1)"}]})%',
  '%COALESCE({"operators":["PROTOCOL"],"x":1}):4%',
  "%REQUEST_HEADER(a?b):5%",
  "%TRAILER(a)%",
  "%STREAM_INFO_REQ(a?b)%",
  "%QUERY_PARAM(a b)%",
  "%UPSTREAM_PEER_CERT_V_START(%Y)%",
  "%EMIT_TIME_LOCAL(%f)%",
  "%UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(MASK)%",
  "%START_TIME( )%",
  "",
];

const REFUSED: readonly string[] = [
  "%",
  "100%",
  "a%b",
  "%REQ(X)",
  "%REQ(a?b?c)%",
  "%REQ(a b)%",
  "%REQ(:)%",
  "%REQ()%",
  "%REQ(é)%",
  "%req(X)%",
  "%REQ(a)b)%",
  "%REQ(a\nb)%",
  "%REQ(a):18446744073709551616%",
  "%REQ(a):-1%",
  "%REQ(a):%",
  "%START_TIME(%n)%",
  "%START_TIME(%En)%",
  "%START_TIME(%3n)%",
  "%START_TIME(%0n)%",
  "%START_TIME(%Y%%n)%",
  "%DURATION%%",
  "%FILTER_STATE(a:X)%",
  "%FILTER_STATE(a:FIELD)%",
  "%FILTER_STATE(a:PLAIN:b)%",
  "%FILTER_STATE(:PLAIN)%",
  "%FILTER_STATE%",
  "%COMMON_DURATION(a:b:s)%",
  "%COMMON_DURATION(a:b:ms:x)%",
  "%PATH(WQ:X)%",
  "%REQUESTED_SERVER_NAME(HOST_ONLY)%",
  "%REQUESTED_SERVER_NAME(SNI_FIRST:x)%",
  "%METADATA(FOO:x)%",
  "%METADATA(MATCHED_ROUTE:x)%",
  "%CEL()%",
  "%XFCC_VALUE(x)%",
  "%REQ_WITHOUT_QUERY(x)%",
  '%COALESCE({"operators":[]})%',
  '%COALESCE({"operators":["FOO"]})%',
  '%COALESCE({"operators":[{"command":"REQ","max_length":3}]})%',
  '%COALESCE({"operators":[{"command":"REQ","param":"x","max_length":0}]})%',
  '%COALESCE({"operators":[{"command":"REQ","param":"x","max_length":1.5}]})%',
  '%COALESCE({"operators":[{"command":"REQ","param":5}]})%',
  '%COALESCE({"operators":[5]})%',
  '%COALESCE({"operators":"x"})%',
  '%COALESCE({"a":1})%',
  '%COALESCE({"operators":[{"command":"COALESCE","param":"{}"}]})%',
  "%COALESCE([])%",
  "%RESPONSE_FLAGS%x%FOO",
  "%EMIT_TIME(%n)%",
  "%UPSTREAM_PEER_CERT_V_END(%n)%",
  "%DOWNSTREAM_PEER_CERT_V_END(%n)%",
  "%START_TIME_LOCAL(%n)%",
  "%REQ( )%",
  "%_%",
  "%9%",
  "% %",
  "%A-B%",
];

Deno.test("formats that Envoy takes have no fault", () => {
  assertEquals(TAKEN.filter((text) => formatFault(text) !== undefined), []);
});

Deno.test("formats that Envoy refuses have a fault", () => {
  assertEquals(REFUSED.filter((text) => formatFault(text) === undefined), []);
});

/** What stands between the brackets matters to these. */
const PARTICULAR =
  /^(?:COALESCE|COMMON_DURATION|GRPC_STATUS|METADATA|PATH|QUERY_PARAMS|REQUESTED_SERVER_NAME|XFCC_VALUE)$/;

Deno.test("a command says whether it takes an argument and a length", () => {
  for (const [name, { argument, length }] of COMMANDS) {
    if (PARTICULAR.test(name)) continue;
    assertEquals(formatFault(`%${name}(a)%`) === undefined, argument !== "none", name);
    assertEquals(formatFault(`%${name}(a):3%`) === undefined, argument !== "none" && length, name);
  }
});

Deno.test("commands of extensions are known where the extension is", () => {
  assertEquals(formatFault("%REQ_WITHOUT_QUERY(:PATH)%", ["REQ_WITHOUT_QUERY"]), undefined);
  assertEquals(formatFault("%OURS(x)%", "any"), undefined);
  assertEquals(
    formatFault("%REQ_WITHOUT_QUERY(:PATH)%"),
    "unknown command %REQ_WITHOUT_QUERY% (an extension in `formatters` has it)",
  );
  assertEquals(
    formatFault("%REQ_WITHOUT_QUERY(a?b?c)%", ["REQ_WITHOUT_QUERY"]),
    '"a?b?c" names more than one alternative header',
  );
});

Deno.test("a percent sign by itself is told with what stands there", () => {
  assertEquals(formatFault("99% of"), 'no command begins at "% of" (a percent sign is written %%)');
  assertEquals(formatFault("99%% of"), undefined);
});
