import { status } from "@grpc/grpc-js";
import { assertEquals } from "@std/assert";
import { endingError, statusName } from "./error.ts";

const METHOD = "/a.B/C";

function words(code: status, details: string, connected = false): string {
  const { failure, message } = endingError({ code, details }, { method: METHOD, connected });
  return `${failure}: ${message}`;
}

Deno.test("a connection that cannot be made is told in the words of the system, without those of grpc-js", () => {
  const last = (text: string) =>
    words(status.UNAVAILABLE, `No connection established. Last error: ${text}. Resolution note: `);
  const rows: [said: string, told: string][] = [
    ["Error: connect ECONNREFUSED 127.0.0.1:1", "unreachable: connection refused"],
    ["Error: connect ENOENT /x.sock", "unreachable: no such file or directory"],
    ["read ECONNRESET (2026-11-22T20:18:56.683Z)", "unreachable: connection reset"],
    ["Protocol error (2026-11-22T20:18:56.683Z)", "unreachable: it does not speak HTTP/2"],
    ["Failed to connect (2026-11-22T20:18:56.683Z)", "closed: it closed the connection at once"],
    ["write EPIPE (2026-11-22T20:18:59.690Z)", "closed: it closed the connection at once"],
    ["Error: error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER", "tls: it does not speak TLS"],
    [
      "Error: error:1000045c:SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED",
      "identity: it wants a certificate",
    ],
    [
      "Error [SELF_SIGNED_CERT_IN_CHAIN]: self signed certificate in certificate chain",
      "untrusted: its certificate is signed by an authority that is not trusted",
    ],
    [
      "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: a. is not in b",
      "misnamed: its certificate is for another name: Host: a. is not in b",
    ],
    ["something new", "unreachable: something new"],
  ];
  for (const [said, told] of rows) assertEquals(last(said), told);
  assertEquals(words(status.UNAVAILABLE, "Name resolution failed for target dns:a:1"), "unreachable: no such host");
});

Deno.test("a server that answers is told apart: no gRPC, not this method, an end with words", () => {
  assertEquals(
    words(status.UNIMPLEMENTED, "Received HTTP status code 404", true),
    "unreachable: it is no gRPC server: it answers with HTTP 404",
  );
  assertEquals(words(status.UNIMPLEMENTED, "unknown method", true), "unimplemented: it does not implement a.B/C");
  assertEquals(words(status.OK, "", true), "ended: it ended the stream");
  assertEquals(words(status.UNAVAILABLE, "draining", true), "ended: it ended the stream with UNAVAILABLE: draining");
  assertEquals([statusName(5), statusName(99)], ["NOT_FOUND", "99"]);
});
