/**
 * ACK and NACK, and what a NACK leaves behind (rules 6 and 11b).
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#ack-and-nack-semantics-summary
 * @module
 */
import {
  ack,
  ask,
  by,
  change,
  nack,
  nothing,
  on,
  ORDER_TIMEOUT,
  reconnect,
  repeat,
  type Row,
  sends,
  subscribe,
  wake,
} from "../script.ts";

export const VERDICTS: readonly Row[] = [
  {
    rule: 6,
    name: "a stream does not send rejected content again on its own",
    issue: "go-control-plane #794",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), change({ CDS: { a: 2 } })],
      ...[sends("CDS", by(["a", "b"], ["a"])), nack(), nothing(), wake(4 * ORDER_TIMEOUT), nothing()],
      ...[change({ CDS: { a: 2 } }), nothing(), change({ LDS: { l: 1 } }), nothing()],
    ],
  },
  {
    rule: 6,
    name: "a rejected first response is not sent again on its own",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        nack(),
        nothing(),
        ask("EDS", ["a"]),
        sends("EDS", ["a"]),
        nack(),
        nothing(),
      ],
      ...[wake(4 * ORDER_TIMEOUT), nothing(), repeat("CDS"), repeat("EDS"), nothing()],
    ],
  },
  {
    rule: 6,
    name: "the next good change after a NACK is taken",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), nack()],
      ...[change({ CDS: { a: 3 } }), sends("CDS", ["a"]), ack(), nothing()],
    ],
  },
  {
    rule: 6,
    name: "a change that came while the rejected response was unanswered is sent",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"])],
      ...[change({ CDS: { a: 3 } }), nothing(), nack(), sends("CDS", ["a"]), ack(), nothing()],
    ],
  },
  {
    rule: 6,
    name: "a request that repeats a rejected nonce without the error is no ACK",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), change({ CDS: { a: 2 } })],
      ...[sends("CDS", by(["a", "b"], ["a"])), nack(), repeat("CDS"), nothing()],
      // Had it been one, the server would believe that the client has the new "a".
      ...[change({ CDS: { b: 2 } }), sends("CDS", ["a", "b"]), ack(), nothing()],
    ],
  },
  {
    rule: 6,
    name: "a NACK of a nonce that was acknowledged does not count",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), nack(), nothing()],
      ...[change({ CDS: { b: 2 } }), sends("CDS", by(["a", "b"], ["b"])), ack()],
    ],
  },
  {
    rule: 6,
    name: "new names are answered after a NACK",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), nack(), nothing(), ask("EDS", ["a", "b"]), sends("EDS", ["b"])],
      ...[ack(), nothing(), ask("EDS", ["a", "b"]), nothing()],
    ],
  },
  {
    rule: 6,
    name: "new names in a NACK are answered",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [ask("EDS", ["a"]), sends("EDS", ["a"]), nack("EDS", ["a", "b"]), sends("EDS", ["b"]), ack(), nothing()],
  },
  {
    rule: 6,
    name: "resubscription of what was rejected is answered",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), nack(), nothing(), subscribe("EDS", ["a"]), sends("EDS", ["a"])],
      ...[nack(), nothing(), subscribe("EDS", ["a"]), sends("EDS", ["a"]), ack(), nothing()],
    ],
  },
  {
    rule: 6,
    name: "what was rejected is in order again once all of it was asked for and accepted",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[
        ask("EDS", ["a", "b"]),
        sends("EDS", ["a", "b"]),
        nack(),
        subscribe("EDS", ["a"]),
        sends("EDS", ["a"]),
        ack(),
      ],
      ...[subscribe("EDS", ["b"]), sends("EDS", ["b"]), ack(), change({ EDS: { b: 2 } }), sends("EDS", ["b"]), ack()],
    ],
  },
  {
    rule: 6,
    name: "rejected content is sent again when it comes back after other content",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), nack()],
      ...[
        change({ CDS: { a: 3 } }),
        sends("CDS", ["a"]),
        ack(),
        change({ CDS: { a: 2 } }),
        sends("CDS", ["a"]),
        nack(),
      ],
      nothing(),
    ],
  },
  {
    rule: 6,
    name: "a NACK of one type does not hold back others that do not depend on it",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 }, SDS: { s: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), nack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[ask("SDS", ["s"]), sends("SDS", ["s"]), ack(), change({ EDS: { a: 2 } }), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 6,
    name: "a NACK of one client is nothing to another",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), on("other", ask("CDS"), sends("CDS", ["a"]), ack())],
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), nack(), on("other", sends("CDS", ["a"]), ack())],
      ...[change({ CDS: { a: 3 } }), sends("CDS", ["a"]), nack(), on("other", sends("CDS", ["a"]), ack(), nothing())],
    ],
  },
  {
    rule: 6,
    name: "what was rejected together is sent again when the client gives up a part of it",
    mode: "both",
    snapshot: { RDS: { good: 1, bad: 1 } },
    script: [
      ...[ask("RDS", ["good", "bad"]), sends("RDS", ["good", "bad"]), ack(), change({ RDS: { good: 2, bad: 2 } })],
      // The client may have stopped at "bad" and never looked at "good".
      ...[sends("RDS", ["good", "bad"]), nack(), nothing(), ask("RDS", ["good"]), sends("RDS", ["good"]), ack()],
      nothing(),
    ],
  },
  {
    rule: 6,
    name: "a rejected cluster that is given up leaves nothing to say",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["a", "b"]), sends("CDS", ["a", "b"]), ack(), change({ CDS: { b: 2 } })],
      ...[sends("CDS", by(["a", "b"], ["b"])), nack(), ask("CDS", ["a"]), nothing()],
      ...[change({ CDS: { b: 3 } }), nothing(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: [6, 11],
    name: "what was rejected together is sent again when a part of it is taken away",
    mode: "both",
    snapshot: { RDS: { good: 1, bad: 1 } },
    script: [
      ...[ask("RDS", ["good", "bad"]), sends("RDS", ["good", "bad"]), ack(), change({ RDS: { good: 2, bad: 2 } })],
      ...[sends("RDS", ["good", "bad"]), nack(), nothing(), change({ RDS: { bad: undefined } })],
      ...[sends("RDS", ["good"], { removed: ["bad"] }), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "a rollback after a NACK is sent, although the client acknowledged that content before",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), change({ CDS: { a: 2 } })],
      ...[sends("CDS", by(["a", "b"], ["a"])), nack(), nothing()],
      ...[change({ CDS: { a: 1 } }), sends("CDS", by(["a", "b"], ["a"])), ack(), nothing()],
      ...[change({ CDS: { b: 2 } }), sends("CDS", by(["a", "b"], ["b"])), ack()],
    ],
  },
  {
    rule: 11,
    name: "a rollback of named resources after a NACK is sent",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("EDS", ["a", "b", "c"]), sends("EDS", ["a", "b", "c"]), ack(), change({ EDS: { a: 2, b: 2 } })],
      ...[sends("EDS", ["a", "b"]), nack(), change({ EDS: { a: 1 } }), sends("EDS", ["a", "b"]), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "what was added in a rejected response and then taken back is removed",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        ack(),
        change({ CDS: { b: 1 } }),
        sends("CDS", by(["a", "b"], ["b"])),
        nack(),
      ],
      ...[change({ CDS: { b: undefined } }), sends("CDS", by(["a"], []), { removed: ["b"] }), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "what was removed in a rejected response and then put back is sent",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack()],
      ...[change({ CDS: { b: undefined } }), sends("CDS", by(["a"], []), { removed: ["b"] }), nack(), nothing()],
      ...[change({ CDS: { b: 1 } }), sends("CDS", by(["a", "b"], ["b"])), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "after two rejections everything of both is sent until one clean ACK",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b", "c"]), ack()],
      ...[change({ CDS: { a: 2 } }), sends("CDS", by(["a", "b", "c"], ["a"])), nack()],
      ...[change({ CDS: { a: 1, b: 2 } }), sends("CDS", by(["a", "b", "c"], ["a", "b"])), nack()],
      ...[change({ CDS: { b: 1 } }), sends("CDS", by(["a", "b", "c"], ["a", "b"])), ack(), nothing()],
      ...[change({ CDS: { c: 2 } }), sends("CDS", by(["a", "b", "c"], ["c"])), ack()],
    ],
  },
  {
    rule: 11,
    name: "what a client rejected is sent again on its next stream, although it reports what it had before",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), change({ CDS: { a: 2 } })],
      ...[sends("CDS", by(["a", "b"], ["a"])), nack(), change({ CDS: { a: 1 } }), sends("CDS", by(["a", "b"], ["a"]))],
      ...[reconnect(), ask("CDS"), sends("CDS", by(["a", "b"], ["a"])), ack()],
      nothing(),
    ],
  },
  {
    rule: 11,
    name:
      "named resources that a client rejected are sent again on its next stream, and not once more on the one after it",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[
        ask("EDS", ["a", "b"]),
        sends("EDS", ["a", "b"]),
        ack(),
        change({ EDS: { a: 2 } }),
        sends("EDS", ["a"]),
        nack(),
      ],
      ...[
        change({ EDS: { a: 1 } }),
        sends("EDS", ["a"]),
        reconnect(),
        ask("EDS", ["a", "b"]),
        sends("EDS", ["a"]),
        ack(),
      ],
      ...[reconnect(), ask("EDS", ["a", "b"]), nothing()],
    ],
  },
  {
    rule: 11,
    name: "what a client rejected and then accepted in another form is not sent again on its next stream",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack(), change({ EDS: { a: 2 } }), sends("EDS", ["a"])],
      ...[nack(), change({ EDS: { a: 3 } }), sends("EDS", ["a"]), ack(), reconnect(), ask("EDS", ["a", "b"])],
      nothing(),
    ],
  },
  {
    rule: 11,
    name: "what was unanswered when the stream broke is sent again on the next one",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", by(["a", "b"], ["a"]))],
      ...[change({ CDS: { a: 1 } }), reconnect(), ask("CDS"), sends("CDS", by(["a", "b"], ["a"])), ack(), nothing()],
    ],
  },
  {
    rule: [11, 16],
    name: "an ACK of other names does not settle what was rejected and waits for its removal",
    mode: "delta",
    snapshot: { CDS: { a: 1, c: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "c"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), nack(), reconnect()],
      // The removal of "a" waits for the listeners, which have not come back yet.
      ...[change({ CDS: { a: undefined, c: 2 } }), ask("CDS"), sends("CDS", ["c"]), ack(), nothing()],
      // It comes back as it was, and as the client reported it; but the client may have taken what it rejected.
      ...[change({ CDS: { a: 1 } }), sends("CDS", ["a"]), ack(), nothing()],
    ],
  },
  {
    rule: 11,
    name: "a rejection is forgotten with its client's name, not with its stream",
    mode: "delta",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), on("other", ask("CDS"), sends("CDS", ["a"]), ack())],
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), nack(), on("other", sends("CDS", ["a"]), ack())],
      ...[reconnect(), ask("CDS"), sends("CDS", ["a"]), nack(), nothing()],
      on("other", reconnect(), ask("CDS"), sends("CDS", []), ack()),
    ],
  },
];
