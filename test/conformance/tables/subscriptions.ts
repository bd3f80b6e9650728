/**
 * What a client asks for: names, the wildcard and its legacy form, nonces (rules 1 to 5).
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 * @module
 */
import {
  ack,
  ask,
  by,
  change,
  ends,
  move,
  nothing,
  repeat,
  type Row,
  sends,
  subscribe,
  unsubscribe,
} from "../script.ts";

const UNKNOWN = "type.googleapis.com/example.Unknown";

export const SUBSCRIPTIONS: readonly Row[] = [
  {
    rule: 1,
    name: "a request without a type URL ends an aggregated stream",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [ask(""), ends("INVALID_ARGUMENT")],
  },
  {
    rule: 1,
    name: "every type is served on one aggregated stream",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 }, LDS: { l: 1 }, RDS: { r: 1 }, SDS: { s: 1 }, SRDS: { x: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack()],
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[ask("SDS", ["s"]), sends("SDS", ["s"]), ack()],
      ...[ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[ask("SRDS"), sends("SRDS", ["x"]), ack()],
      ...[ask("RDS", ["r"]), sends("RDS", ["r"]), ack()],
    ],
  },
  {
    rule: 1,
    name: "a type that nobody knows is answered as not there",
    mode: "delta",
    snapshot: { CDS: { a: 1 } },
    script: [ask(UNKNOWN, ["a"]), sends(UNKNOWN, [], { removed: ["a"] }), ack(), ask("CDS"), sends("CDS", ["a"])],
  },
  {
    rule: 1,
    name: "a type that nobody knows does not disturb the others",
    mode: "sotw",
    snapshot: { CDS: { a: 1 } },
    script: [ask(UNKNOWN, ["a"]), nothing(), ask("CDS"), sends("CDS", ["a"])],
  },
  {
    rule: 2,
    name: "a node that moves to another group is sent the whole difference",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b", "c"]), ack()],
      move({ CDS: { a: 1, b: 2, d: 1 } }),
      sends("CDS", by(["a", "b", "d"], ["b", "d"]), { removed: ["c"] }),
      ack(),
    ],
  },
  {
    rule: 2,
    name: "a move to a group of the same content sends nothing",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      move({ CDS: { a: 1 }, EDS: { a: 1 } }),
      nothing(),
    ],
  },
  {
    rule: 2,
    name: "a node that moves while a response is unanswered gets the difference to that response",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), move({ CDS: { b: 1 } }), nothing()],
      ...[ack(), sends("CDS", ["b"], { removed: ["a"] }), ack()],
    ],
  },
  {
    rule: 3,
    name: "a newly added name is answered although nothing changed",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [ask("EDS", ["a"]), sends("EDS", ["a"]), ack(), ask("EDS", ["a", "b"]), sends("EDS", ["b"]), ack()],
  },
  {
    rule: 3,
    name: "a newly added name of a complete type is answered with all names in state-of-the-world",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), ack()],
      ...[ask("CDS", ["a", "b"]), sends("CDS", by(["a", "b"], ["b"])), ack()],
    ],
  },
  {
    rule: 3,
    name: "the names of a request replace the ones before",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack()],
      ...[ask("EDS", ["b"]), nothing(), change({ EDS: { a: 2 } }), nothing()],
      ...[change({ EDS: { b: 2 } }), sends("EDS", ["b"]), ack()],
    ],
  },
  {
    rule: 3,
    name: "unsubscribe, then resubscribe, answers again",
    issue: "go-control-plane #431",
    mode: "both",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[ask("EDS", []), nothing(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 3,
    name: "a listener that is dropped and named again is sent again",
    issue: "go-control-plane #431",
    mode: "both",
    snapshot: { LDS: { l: 1, m: 1 } },
    script: [
      ...[ask("LDS", ["l", "m"]), sends("LDS", ["l", "m"]), ack()],
      ...[ask("LDS", ["l"]), nothing(), ask("LDS", ["l", "m"]), sends("LDS", by(["l", "m"], ["m"])), ack()],
    ],
  },
  {
    rule: 3,
    name: "a name that comes back is answered with its present content",
    issue: "go-control-plane #585",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("EDS", ["a", "b", "c"]), sends("EDS", ["a", "b", "c"]), ack(), ask("EDS", ["a", "c"]), nothing()],
      ...[change({ EDS: { b: 2 } }), nothing(), change({ EDS: { c: 2 } }), sends("EDS", ["c"]), ack()],
      ...[ask("EDS", ["a", "b", "c"]), sends("EDS", ["b"]), ack()],
    ],
  },
  {
    rule: 3,
    name: "one of two names that is dropped and comes back is answered",
    issue: "go-control-plane #1293",
    mode: "both",
    snapshot: { RDS: { a: 1, b: 1 } },
    script: [
      ...[ask("RDS", ["a", "b"]), sends("RDS", ["a", "b"]), ack()],
      ...[ask("RDS", ["b"]), nothing(), ask("RDS", ["a", "b"]), sends("RDS", ["a"]), ack()],
    ],
  },
  {
    rule: 3,
    name: "names dropped in one ACK and added in the next are answered",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack("EDS", ["b"]), sends("EDS", ["b"])],
      ...[ack("EDS", ["a", "b"]), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 3,
    name: "a name that is dropped while its resource is unanswered and named again is sent again",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), unsubscribe("EDS", ["a"]), subscribe("EDS", ["a"]), nothing()],
      ...[ack(), sends("EDS", ["a"]), ack()],
    ],
  },
  ...(["CDS", "LDS", "SRDS"] as const).flatMap((type): Row[] => [
    {
      rule: 4,
      name: `an empty first request of ${type} is the wildcard`,
      mode: "both",
      snapshot: { [type]: { a: 1, b: 1 } },
      script: [
        ...[ask(type), sends(type, ["a", "b"]), ack()],
        ...[change({ [type]: { c: 1 } }), sends(type, by(["a", "b", "c"], ["c"])), ack()],
      ],
    },
    {
      rule: 4,
      name: `an empty list of ${type} after a name means nothing`,
      mode: "both",
      snapshot: { [type]: { a: 1, b: 1 } },
      script: [
        ...[ask(type, ["a"]), sends(type, ["a"]), ack()],
        ...[ask(type, []), nothing(), change({ [type]: { a: 2 } }), nothing()],
      ],
    },
    {
      rule: 4,
      name: `the wildcard of ${type} is answered although there is nothing`,
      mode: "both",
      snapshot: { SDS: { s: 1 } },
      script: [ask(type), sends(type, []), ack(), nothing()],
    },
  ]),
  ...(["EDS", "RDS", "SDS"] as const).map((type): Row => ({
    rule: 4,
    name: `an empty request of ${type} is not a wildcard`,
    ...(type === "EDS" ? { issue: "envoy #7529" } : {}),
    mode: "both",
    snapshot: { [type]: { a: 1 } },
    script: [
      ask(type),
      nothing(),
      change({ [type]: { a: 2 } }),
      nothing(),
      ask(type, ["a"]),
      sends(type, ["a"]),
      ack(),
    ],
  })),
  {
    rule: 4,
    name: "endpoints that are not wanted any more are not sent",
    issue: "envoy #7529",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack("EDS", []), nothing()],
      ...[change({ EDS: { a: 2, b: 2 } }), nothing()],
    ],
  },
  {
    rule: 4,
    name: "the wildcard is for every type that asks for it",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 }, SDS: { s: 1 } },
    script: [
      ...[ask("EDS", ["*"]), sends("EDS", ["a", "b"]), ack(), ask("SDS", ["*"]), sends("SDS", ["s"]), ack()],
      ...[change({ EDS: { b: 2, c: 1 } }), sends("EDS", ["b", "c"]), ack()],
    ],
  },
  {
    rule: 4,
    name: "after the explicit wildcard an empty list means nothing",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ask("CDS", ["*"]),
      sends("CDS", ["a"]),
      ack(),
      ask("CDS", []),
      nothing(),
      change({ CDS: { a: 2 } }),
      nothing(),
    ],
  },
  {
    rule: 4,
    name: "a name beside the legacy wildcard keeps the wildcard until it is unsubscribed",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), subscribe("CDS", ["a"]), sends("CDS", ["a"]), ack()],
      ...[change({ CDS: { b: 2 } }), sends("CDS", ["b"]), ack(), unsubscribe("CDS", ["*"]), nothing()],
      ...[change({ CDS: { b: 3 } }), nothing(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: 4,
    name: "in state-of-the-world a name ends the legacy wildcard",
    mode: "sotw",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("CDS", ["a"]), sends("CDS", ["a"]), ack()],
      ...[change({ CDS: { b: 2 } }), nothing(), ask("CDS", []), nothing(), change({ CDS: { a: 2 } }), nothing()],
    ],
  },
  {
    rule: 4,
    name: "one empty name means nothing",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [ask("CDS", [""]), nothing(), change({ CDS: { a: 2 } }), nothing(), ask("CDS", ["a"]), sends("CDS", ["a"])],
  },
  {
    rule: 4,
    name: "names beside the wildcard are not sent twice",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS", ["*", "a"]), sends("CDS", ["a", "b"]), ack()],
      ...[ask("EDS", ["a", "*", "a"]), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 4,
    name: "a client that goes from the wildcard to a name is answered with that name",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["*"]), sends("CDS", ["a", "b"]), ack(), ask("CDS", ["a"]), sends("CDS", ["a"]), ack()],
      ...[change({ CDS: { b: 2 } }), nothing(), change({ CDS: { b: undefined } }), nothing()],
    ],
  },
  {
    rule: 4,
    name: "a client that goes from a name to the wildcard is sent everything",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), ack(), ask("CDS", ["a", "*"]), sends("CDS", ["a", "b"]), ack()],
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack(), ask("EDS", ["*"]), sends("EDS", ["a", "b"]), ack()],
      ...[change({ CDS: { b: undefined } }), sends("CDS", by(["a"], []), { removed: ["b"] }), ack()],
    ],
  },
  {
    rule: [4, 5],
    name: "the wildcard that is asked for while a named response is unanswered is sent everything",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), subscribe("CDS", ["*"]), nothing()],
      ...[ack(), sends("CDS", ["a", "b"]), ack(), change({ CDS: { b: 2 } }), sends("CDS", ["b"]), ack()],
    ],
  },
  {
    rule: [4, 5],
    name:
      "the wildcard that is asked for while a named response is unanswered removes nothing that the client never had",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[
        ask("CDS", ["a"]),
        sends("CDS", ["a"]),
        change({ CDS: { b: undefined } }),
        subscribe("CDS", ["*"]),
        nothing(),
      ],
      ...[ack(), sends("CDS", ["a"]), ack(), nothing(), change({ CDS: { b: 1 } }), sends("CDS", ["b"]), ack()],
    ],
  },
  {
    rule: [4, 5],
    name: "a wildcard that is dropped and asked for again while a response is unanswered is sent everything again",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["*"]), sends("CDS", ["a", "b"]), unsubscribe("CDS", ["*"]), subscribe("CDS", ["*"]), nothing()],
      ...[ack(), sends("CDS", ["a", "b"]), ack()],
    ],
  },
  {
    rule: [4, 7],
    name: "a wildcard that is given up before it was answered is answered for the names that are left",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), subscribe("CDS", ["*"]), unsubscribe("CDS", ["*"]), nothing()],
      ...[ack(), sends("CDS", ["a"]), ack(), change({ CDS: { b: 2 } }), nothing()],
    ],
  },
  {
    rule: 5,
    name: "a request with a stale nonce is not answered, the next one with the current nonce carries its names",
    mode: "sotw",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack(), change({ EDS: { a: 2 } }), sends("EDS", ["a"])],
      ...[ask("EDS", ["a", "b"]), nothing(), ack(), sends("EDS", ["b"]), ack()],
    ],
  },
  {
    rule: [3, 5],
    name: "a name that a stale request gave up is answered when it comes back",
    issue: "go-control-plane #431",
    mode: "sotw",
    snapshot: { RDS: { r: 1, q: 1 } },
    script: [
      ...[ask("RDS", ["r", "q"]), sends("RDS", ["r", "q"]), ack(), change({ RDS: { q: 2 } }), sends("RDS", ["q"])],
      // A listener goes and comes back before the client has read the response.
      ...[ask("RDS", ["q"]), ask("RDS", ["r", "q"]), nothing(), ack(), sends("RDS", ["r"]), ack(), nothing()],
    ],
  },
  {
    rule: 5,
    name: "a second request before the first response counts",
    mode: "both",
    snapshot: undefined,
    script: [
      ...[ask("EDS", ["a"]), ask("EDS", ["a", "b"]), nothing()],
      ...[change({ EDS: { a: 1, b: 1 } }), sends("EDS", ["a", "b"]), ack()],
    ],
  },
  {
    rule: 5,
    name: "subscriptions apply whatever the nonce",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), subscribe("EDS", ["b"]), subscribe("EDS", ["c"]), nothing()],
      ...[ack(), sends("EDS", ["b", "c"]), ack()],
    ],
  },
  {
    rule: 5,
    name: "a stale nonce is no verdict",
    mode: "both",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack(), change({ EDS: { a: 2 } }), sends("EDS", ["a"])],
      ...[repeat("EDS", "previous"), change({ EDS: { a: 3 } }), nothing(), ack(), sends("EDS", ["a"]), ack()],
    ],
  },
];
