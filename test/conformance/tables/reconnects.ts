/**
 * A client that comes back with what it holds (rules 11 and 12).
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
 * @module
 */
import {
  ack,
  ask,
  by,
  change,
  move,
  nothing,
  on,
  ORDER_TIMEOUT,
  reconnect,
  restart,
  type Row,
  sends,
  subscribe,
  wake,
} from "../script.ts";

export const RECONNECTS: readonly Row[] = [
  {
    rule: 11,
    name: "what the client holds is not sent again, but the wildcard is answered",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[reconnect(), ask("CDS"), sends("CDS", []), ack(), ask("LDS"), sends("LDS", []), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "what changed meanwhile is sent, and nothing else",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack()],
      ...[reconnect(), change({ CDS: { b: 2, c: 1 }, EDS: { a: 2 } })],
      ...[
        ask("EDS", ["a", "b"]),
        sends("EDS", ["a"]),
        ack(),
        ask("CDS"),
        sends("CDS", ["b", "c"]),
        sends("EDS", ["b"]),
      ],
      ...[ack("EDS"), ack("CDS"), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), sends("EDS", ["a"])],
    ],
  },
  {
    rule: [11, 17],
    name: "endpoints that the client holds are sent, if their cluster changed before the client could say so",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack()],
      ...[reconnect(), change({ CDS: { a: 2 } }), ask("CDS"), sends("CDS", ["a"])],
      // Envoy asks for all types at once. It will warm "a", and not ask again.
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a"]), ack("EDS"), ack("CDS"), nothing()],
    ],
  },
  {
    rule: 11,
    name: "named resources that the client holds are not sent again, others are",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack()],
      ...[reconnect(), ask("EDS", ["a", "b"]), nothing(), change({ EDS: { b: 2 } }), sends("EDS", ["b"]), ack()],
      ...[reconnect(), ask("EDS", ["a", "b", "c", "x"]), sends("EDS", ["c"], { removed: ["x"] }), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "what vanished meanwhile is removed, when those that may use it had time to come back too",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), reconnect(), change({ CDS: { a: undefined } })],
      ...[ask("CDS"), sends("CDS", []), ack(), nothing(), wake(ORDER_TIMEOUT), sends("CDS", [], { removed: ["a"] })],
      ...[ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "what vanished meanwhile is removed at once where nothing in the snapshot can use it",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), reconnect(), change({ CDS: { a: undefined } })],
      ...[ask("CDS"), sends("CDS", [], { removed: ["a"] }), ack(), nothing()],
    ],
  },
  {
    rule: [8, 11, 12],
    name: "what vanished meanwhile is removed in state-of-the-world too, with a second response",
    mode: "sotw",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), reconnect(), change({ CDS: { a: undefined, c: 1 } })],
      ...[ask("CDS"), sends("CDS", ["a@1", "b", "c"]), ack(), nothing()],
      ...[wake(ORDER_TIMEOUT), sends("CDS", ["b", "c"]), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "named endpoints that vanished meanwhile are removed",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack(), reconnect(), change({ EDS: { b: undefined } })],
      ...[ask("EDS", ["a", "b"]), nothing(), wake(ORDER_TIMEOUT), sends("EDS", [], { removed: ["b"] }), ack()],
      ...[change({ EDS: { b: 1 } }), sends("EDS", ["b"]), ack()],
    ],
  },
  {
    rule: 11,
    name: "what vanished and came back with the same content is not sent, with other content it is",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), reconnect()],
      ...[change({ CDS: { a: undefined, b: undefined } }), change({ CDS: { a: 1, b: 2 } })],
      ...[ask("CDS"), sends("CDS", ["b"]), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name:
      "only the first request of a type on a stream reports what the client holds; later subscriptions are answered",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack(), reconnect(), ask("EDS", ["a"]), nothing()],
      ...[subscribe("EDS", ["b"]), sends("EDS", ["b"]), ack(), subscribe("EDS", ["a"]), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 11,
    name: "a client that starts again with nothing is sent everything",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[restart(), ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 11,
    name: "a client that comes before there is anything is held, and then brought up to date",
    mode: "both",
    snapshot: undefined,
    script: [
      ...[ask("CDS"), ask("EDS", ["a"]), ask("LDS"), nothing(), wake(4 * ORDER_TIMEOUT), nothing()],
      ...[change({ CDS: { a: 1 }, EDS: { a: 1 }, LDS: { l: 1 } }), sends("CDS", ["a"]), sends("EDS", ["a"])],
      ...[ack("CDS"), sends("LDS", ["l"]), ack(), ack("EDS")],
    ],
  },
  {
    rule: 12,
    name: "an equal version skips the resend for the wildcard types",
    mode: "sotw",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 }, SRDS: { s: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[ask("SRDS"), sends("SRDS", ["s"]), ack()],
      ...[reconnect(), ask("CDS"), nothing(), ask("LDS"), nothing(), ask("SRDS"), nothing()],
      ...[change({ LDS: { l: 2 } }), sends("LDS", ["l"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"])],
    ],
  },
  {
    rule: 12,
    name: "an equal version of a named type is sent all the same",
    issue: "kgateway #14703",
    mode: "sotw",
    snapshot: { EDS: { a: 1, b: 1 }, RDS: { r: 1 }, SDS: { s: 1 }, CDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack(), ask("RDS", ["r"]), sends("RDS", ["r"]), ack()],
      ...[ask("SDS", ["s"]), sends("SDS", ["s"]), ack(), reconnect()],
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack(), ask("RDS", ["r"]), sends("RDS", ["r"]), ack()],
      ...[ask("SDS", ["s"]), sends("SDS", ["s"]), ack()],
    ],
  },
  {
    rule: 12,
    name: "endpoints that are asked for before the server has anything are sent, whatever version the client brings",
    issue: "kgateway #14703",
    mode: "sotw",
    snapshot: undefined,
    script: [
      ...[reconnect("held"), ask("EDS", ["a"]), ask("CDS", ["a"]), nothing()],
      ...[change({ CDS: { a: 1 }, EDS: { a: 1 } }, "held"), sends("CDS", ["a"]), sends("EDS", ["a"])],
      ...[ack("EDS"), ack("CDS"), nothing()],
    ],
  },
  {
    rule: 12,
    name: "clusters and listeners by name are sent again whatever the version",
    mode: "sotw",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("LDS", ["l"]), sends("LDS", ["l"]), ack(), ask("CDS", ["a"]), sends("CDS", ["a"]), ack(), reconnect()],
      ...[ask("LDS", ["l"]), sends("LDS", ["l"]), ack(), ask("CDS", ["a"]), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: 12,
    name: "the endpoint wildcard is sent again whatever the version",
    mode: "sotw",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["*"]), sends("EDS", ["a"]), ack(), reconnect(), ask("EDS", ["*"]), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 12,
    name: "another version is answered with everything",
    mode: "sotw",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"], { version: "old" }), ack(), reconnect(), change({ CDS: { a: 2 } })],
      ...[ask("CDS"), sends("CDS", ["a", "b"], { version: "new" }), ack()],
    ],
  },
  {
    rule: 12,
    name: "a version that the server does not know, as an operator's label, is answered with everything",
    mode: "sotw",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), reconnect("v1.2.3"), ask("CDS"), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: 12,
    name: "the version belongs to the content, not to the stream",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "one" }), ack()],
      ...[on("other", ask("CDS"), sends("CDS", ["a"], { version: "one" }), ack())],
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"], { version: "two" }), ack()],
      ...[on("other", sends("CDS", ["a"], { version: "two" }), ack())],
      ...[change({ CDS: { a: 1 } }), sends("CDS", ["a"], { version: "one" }), ack(), on("other", sends("CDS", ["a"]))],
      ...[ask("LDS"), sends("LDS", ["l"], { version: "listeners" }), ack()],
    ],
  },
  {
    rule: 12,
    name: "a change of one type leaves the versions of the others alone",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "one" }), ack(), change({ EDS: { a: 2 } }), nothing()],
      ...[restart(), ask("CDS"), sends("CDS", ["a"], { version: "one" }), ack()],
    ],
  },
  {
    rule: [12, "sharing"],
    name: "a client that comes back into another group is compared by content",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), reconnect(), move({ CDS: { a: 1, b: 2, c: 1 } })],
      ...[ask("CDS"), sends("CDS", by(["a", "b", "c"], ["b", "c"])), ack(), nothing()],
    ],
  },
  {
    rule: 12,
    name: "a version that was answered to one name does not stand for everything",
    mode: "sotw",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), ack(), reconnect(), ask("CDS", ["*"]), sends("CDS", ["a", "b"])],
    ],
  },
];
