/**
 * Clients that do as clients do ("Clients differ").
 *
 * @module
 */
import {
  ack,
  ask,
  by,
  change,
  nothing,
  ORDER_TIMEOUT,
  reconnect,
  repeat,
  type Row,
  sends,
  subscribe,
  wake,
} from "../script.ts";

export const CLIENTS: readonly Row[] = [
  {
    rule: "clients",
    name: "an acknowledgement with another type's nonce is ignored: no close, no resend",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ask("EDS", ["a"]), sends("EDS", ["a"]), repeat("EDS", "CDS"), nothing()],
      ...[
        repeat("CDS", "EDS"),
        nothing(),
        ack("CDS"),
        ack("EDS"),
        change({ EDS: { a: 2 } }),
        sends("EDS", ["a"]),
        ack(),
      ],
    ],
  },
  {
    rule: "clients",
    name: "a client that never acknowledges a type gets the others, and the newest of that type",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ask("LDS"), nothing(), change({ CDS: { a: 2 } }), nothing()],
      ...[wake(ORDER_TIMEOUT), sends("CDS", ["a"]), sends("LDS", ["l"]), ack()],
      ...[change({ LDS: { l: 2 } }), sends("LDS", ["l"]), ack(), change({ LDS: { l: 3 } }), sends("LDS", ["l"]), ack()],
    ],
  },
  {
    rule: "clients",
    name: "a label that is used again for other content hides nothing",
    mode: "sotw",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), reconnect("release"), ask("CDS"), sends("CDS", ["a"]), ack()],
      ...[reconnect("release"), change({ CDS: { a: 2 } }), ask("CDS"), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: "clients",
    name: "resources that nothing refers to are served",
    mode: "both",
    snapshot: { EDS: { a: 1 }, RDS: { r: 1 }, SDS: { s: 1 } },
    script: [
      ...[ask("RDS", ["r"]), sends("RDS", ["r"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[ask("SDS", ["s"]), sends("SDS", ["s"]), ack(), change({ RDS: { r: 2 } }), sends("RDS", ["r"]), ack()],
    ],
  },
  {
    rule: "clients",
    name: "a gRPC client walks from its listener to its endpoints without a wait",
    mode: "both",
    snapshot: { LDS: { l: 1, m: 1 }, RDS: { r: 1, q: 1 }, CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("LDS", ["l"]), sends("LDS", ["l"]), ack(), ask("RDS", ["r"]), sends("RDS", ["r"]), ack()],
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      // A second channel of the same process.
      ...[ask("LDS", ["l", "m"]), sends("LDS", by(["l", "m"], ["m"])), ack()],
      ...[ask("CDS", ["a", "b"]), sends("CDS", by(["a", "b"], ["b"])), ack(), nothing()],
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["b"]), ack(), nothing()],
    ],
  },
  {
    rule: "clients",
    name: "a gRPC client's cluster is replaced when it asks for the other one",
    mode: "both",
    snapshot: { LDS: { l: 1 }, RDS: { r: 1 }, CDS: { a: 1 } },
    script: [
      ...[ask("LDS", ["l"]), sends("LDS", ["l"]), ack(), ask("RDS", ["r"]), sends("RDS", ["r"]), ack()],
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), ack(), change({ RDS: { r: 2 }, CDS: { a: undefined, b: 1 } })],
      // It still uses "a" until it has what the new routes name.
      ...[sends("RDS", ["r"]), ask("CDS", ["a", "b"]), sends("CDS", by(["a@1", "b"], ["b"])), ack("CDS"), nothing()],
      // That is later than its ACK of the routes; then it lets go of it by itself.
      ...[ack("RDS"), nothing(), ask("CDS", ["b"]), nothing()],
    ],
  },
  {
    rule: "clients",
    name: "a cluster that a gRPC client does not let go of is taken from it in the end",
    mode: "both",
    snapshot: { LDS: { l: 1 }, RDS: { r: 1 }, CDS: { a: 1 } },
    script: [
      ...[ask("RDS", ["r"]), sends("RDS", ["r"]), ack(), ask("CDS", ["a"]), sends("CDS", ["a"]), ack()],
      ...[change({ RDS: { r: 2 }, CDS: { a: undefined, b: 1 } }), sends("RDS", ["r"]), ack("RDS"), nothing()],
      ...[wake(ORDER_TIMEOUT - 1), nothing(), wake(1), sends("CDS", [], { removed: ["a"] })],
    ],
  },
  {
    rule: "clients",
    name: "after a reconnect clusters are answered although endpoints of a vanished cluster are asked for",
    issue: "envoy #9934",
    mode: "sotw",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ask("EDS", ["a"]), sends("EDS", ["a"]), ack("EDS"), ack("CDS")],
      ...[change({ CDS: { gone: 1 } }), sends("CDS", ["a", "gone"]), reconnect(), change({ CDS: { gone: undefined } })],
      ...[ask("EDS", ["a", "gone"]), sends("EDS", ["a"]), ack(), ask("CDS"), sends("CDS", ["a"]), ack(), nothing()],
    ],
  },
  {
    rule: "clients",
    name: "after a reconnect the endpoints of a vanished cluster are said to be gone",
    issue: "envoy #9934",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ask("EDS", ["a"]), sends("EDS", ["a"]), ack("EDS"), ack("CDS")],
      ...[change({ CDS: { gone: 1 } }), sends("CDS", ["gone"]), subscribe("EDS", ["gone"])],
      ...[sends("EDS", [], { removed: ["gone"] }), reconnect(), change({ CDS: { gone: undefined } })],
      ...[ask("EDS", ["a", "gone"]), sends("EDS", [], { removed: ["gone"] }), ack()],
    ],
  },
  {
    rule: "clients",
    name: "a herd that comes back to unchanged content is sent no resources",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 }, LDS: { l: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[ask("LDS"), sends("LDS", ["l"]), ack(), ask("RDS", ["r"]), sends("RDS", ["r"]), ack(), reconnect()],
      ...[ask("CDS"), sends("CDS", []), ack(), ask("EDS", ["a"]), nothing(), ask("LDS"), sends("LDS", []), ack()],
      ...[ask("RDS", ["r"]), nothing()],
    ],
  },
];
