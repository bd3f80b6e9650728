/**
 * Bytes that streams share, and where they must not ("Sharing bytes without breaking the rules").
 *
 * @module
 */
import {
  ack,
  ask,
  by,
  change,
  move,
  nack,
  nothing,
  on,
  reconnect,
  repeat,
  type Row,
  sends,
  subscribe,
  unsubscribe,
} from "../script.ts";

export const SHARING: readonly Row[] = [
  {
    rule: "sharing",
    name: "clients at the same place are sent the same response",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"], { nonce: "one" }), ack()],
      ...[on("other", ask("CDS"), sends("CDS", ["a", "b"], { nonce: "one" }), ack())],
      ...[change({ CDS: { a: 2 } }), sends("CDS", by(["a", "b"], ["a"]), { nonce: "two" }), ack()],
      ...[on("other", sends("CDS", by(["a", "b"], ["a"]), { nonce: "two" }), ack())],
      ...[ask("EDS", ["a"]), sends("EDS", ["a"], { nonce: "three" }), ack()],
      ...[on("other", ask("EDS", ["a"]), sends("EDS", ["a"], { nonce: "three" }), ack())],
    ],
  },
  {
    rule: "sharing",
    name: "clients at different places are sent what each of them lacks",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), on("late", ask("CDS"), sends("CDS", ["a", "b"]), ack())],
      ...[change({ CDS: { a: 2 } }), on("late", sends("CDS", by(["a", "b"], ["a"])), ack())],
      ...[change({ CDS: { b: 2 } }), on("late", sends("CDS", by(["a", "b"], ["b"])), ack())],
      ...[ack(), sends("CDS", ["a", "b"]), ack(), on("late", nothing())],
    ],
  },
  {
    rule: "sharing",
    name: "a response that comes twice on one stream comes with another nonce",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"], { nonce: "one" })],
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack("EDS"), sends("EDS", ["a"], { nonce: "two" })],
      // The nonce of the first is no verdict on the second.
      ...[repeat("EDS", "previous"), change({ EDS: { a: 2 } }), nothing()],
      ...[ack("EDS"), sends("EDS", ["a"], { nonce: "three" }), ack()],
    ],
  },
  {
    rule: "sharing",
    name: "a resubscription comes with another nonce each time",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"], { nonce: "one" }), ack()],
      ...[on("other", ask("EDS", ["a"]), sends("EDS", ["a"], { nonce: "one" }), ack())],
      ...[subscribe("EDS", ["a"]), sends("EDS", ["a"], { nonce: "two" }), ack()],
      ...[subscribe("EDS", ["a"]), sends("EDS", ["a"], { nonce: "three" }), ack()],
    ],
  },
  {
    rule: "sharing",
    name: "content that comes back comes with another nonce",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack()],
      ...[change({ CDS: { a: 1 } }), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: "sharing",
    name: "a resource that was removed and comes back unchanged is sent",
    mode: "both",
    snapshot: { LDS: { l: 1, m: 1 } },
    script: [
      ...[ask("LDS"), sends("LDS", ["l", "m"]), ack(), change({ LDS: { m: undefined } })],
      ...[sends("LDS", by(["l"], []), { removed: ["m"] }), change({ LDS: { m: 1 } }), nothing()],
      ...[ack(), sends("LDS", by(["l", "m"], ["m"])), ack(), nothing()],
    ],
  },
  {
    rule: "sharing",
    name: "a resource that is removed and comes back while another response is unanswered is not sent",
    mode: "both",
    snapshot: { LDS: { l: 1, m: 1 } },
    script: [
      ...[ask("LDS"), sends("LDS", ["l", "m"]), change({ LDS: { m: undefined } }), change({ LDS: { m: 1 } })],
      ...[nothing(), ack(), nothing()],
    ],
  },
  {
    rule: "sharing",
    name: "one client's rejection does not change what the others are sent",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), on("other", ask("CDS"), sends("CDS", ["a", "b"]), ack())],
      ...[change({ CDS: { a: 2 } }), sends("CDS", by(["a", "b"], ["a"])), nack()],
      ...[on("other", sends("CDS", by(["a", "b"], ["a"])), ack())],
      ...[
        change({ CDS: { b: 2 } }),
        sends("CDS", ["a", "b"]),
        ack(),
        on("other", sends("CDS", by(["a", "b"], ["b"])), ack()),
      ],
      // Both are at the same place again.
      ...[change({ CDS: { b: 3 } }), sends("CDS", by(["a", "b"], ["b"]), { nonce: "one" }), ack()],
      ...[on("other", sends("CDS", by(["a", "b"], ["b"]), { nonce: "one" }), ack())],
    ],
  },
  {
    rule: "sharing",
    name: "a client that came back with what it held is at the same place as the others",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), on("other", ask("CDS"), sends("CDS", ["a", "b"]), ack())],
      ...[reconnect(), ask("CDS"), sends("CDS", []), ack()],
      ...[change({ CDS: { b: 2 } }), sends("CDS", ["b"], { nonce: "one" }), ack()],
      ...[on("other", sends("CDS", ["b"], { nonce: "one" }), ack())],
    ],
  },
  {
    rule: "sharing",
    name: "a client that moves between groups is compared by content, whatever the groups' histories",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a", "b"]),
        ack(),
        change({ CDS: { a: 2 } }),
        sends("CDS", by(["a", "b"], ["a"])),
        ack(),
      ],
      ...[move({ CDS: { a: 1, b: 1 } }), sends("CDS", by(["a", "b"], ["a"])), ack(), nothing()],
    ],
  },
  {
    rule: "sharing",
    name: "names with line breaks are not taken for several names",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["x\ny"]), sends("EDS", [], { removed: ["x\ny"] }), ack()],
      ...[on("other", ask("EDS", ["x", "y"]), sends("EDS", [], { removed: ["x", "y"] }), ack())],
    ],
  },
  {
    rule: "sharing",
    name: "named clients share what they are sent, wildcard clients too, and never each other's",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"], { nonce: "named" }), ack()],
      ...[on("other", ask("CDS", ["a"]), sends("CDS", ["a"], { nonce: "named" }), ack())],
      ...[on("wild", ask("CDS"), sends("CDS", ["a", "b"], { nonce: "wild" }), ack())],
      ...[change({ CDS: { a: 2, b: 2 } }), sends("CDS", ["a"], { nonce: "named 2" }), ack()],
      ...[on("other", sends("CDS", ["a"], { nonce: "named 2" }), ack())],
      ...[on("wild", sends("CDS", ["a", "b"], { nonce: "wild 2" }), ack())],
    ],
  },
  {
    rule: "sharing",
    name: "a client that leaves the wildcard and comes back to it is sent everything",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["*"]), sends("CDS", ["a", "b"]), ack(), unsubscribe("CDS", ["*"]), nothing()],
      ...[
        subscribe("CDS", ["*"]),
        sends("CDS", ["a", "b"]),
        ack(),
        change({ CDS: { a: 2 } }),
        sends("CDS", ["a"]),
        ack(),
      ],
    ],
  },
];
