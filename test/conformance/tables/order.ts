/**
 * Make before break on one stream, and warming (rules 16 and 17).
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
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
  type Row,
  sends,
  type Step,
  subscribe,
  unsubscribe,
  wake,
} from "../script.ts";

/** Envoy comes up: a listener, its routes, a cluster and its endpoints, all acknowledged. */
const UP = { CDS: { a: 1 }, EDS: { a: 1, b: 1 }, LDS: { l: 1 }, RDS: { r: 1 } };
const comeUp: readonly Step[] = [
  ...[ask("CDS"), sends("CDS", ["a"]), ask("EDS", ["a"]), sends("EDS", ["a"]), ack("EDS"), ack("CDS")],
  ...[ask("LDS"), sends("LDS", ["l"]), ask("RDS", ["r"]), sends("RDS", ["r"]), ack("RDS"), ack("LDS")],
];
/** The cluster "a" is replaced by "b", and the routes follow. */
const replace: Step = change({ CDS: { a: undefined, b: 1 }, RDS: { r: 2 } });

export const ORDER: readonly Row[] = [
  {
    rule: 16,
    name: "endpoints and secrets follow the sending of clusters, not its ACK",
    issue: "go-control-plane #526",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 }, SDS: { s: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        ask("EDS", ["a"]),
        sends("EDS", ["a"]),
        ask("SDS", ["s"]),
        sends("SDS", ["s"]),
      ],
      ...[ack("EDS"), ack("SDS"), ack("CDS"), change({ CDS: { a: 2, b: 1 }, EDS: { b: 1 }, SDS: { s: 2 } })],
      ...[sends("CDS", ["a", "b"]), sends("EDS", ["a"]), sends("SDS", ["s"])],
      // Envoy acknowledges its clusters only after this.
      ...[ack("EDS", ["a", "b"]), sends("EDS", ["b"]), ack("EDS"), ack("SDS"), ack("CDS"), nothing()],
    ],
  },
  ...(["LDS", "RDS", "SRDS"] as const).flatMap((type): Row[] => [
    {
      rule: 16,
      name: `${type} waits for the ACK of CDS`,
      issue: "go-control-plane #800",
      mode: "both",
      snapshot: { CDS: { a: 1 }, [type]: { x: 1 } },
      script: [
        ...[ask("CDS"), sends("CDS", ["a"]), ask(type, ["x"]), nothing(), ack("CDS"), sends(type, ["x"]), ack()],
        ...[change({ CDS: { a: 2 }, [type]: { x: 2 } }), sends("CDS", ["a"]), nothing(), ack(), sends(type, ["x"])],
      ],
    },
    {
      rule: 16,
      name: `${type} does not wait longer than the deadline for a silent CDS`,
      mode: "both",
      snapshot: { CDS: { a: 1 }, [type]: { x: 1 } },
      script: [
        ...[ask("CDS"), sends("CDS", ["a"]), ask(type, ["x"]), wake(ORDER_TIMEOUT - 1), nothing()],
        ...[wake(1), sends(type, ["x"]), ack(), nothing()],
      ],
    },
    {
      rule: 16,
      name: `${type} does not wait longer than the deadline for a rejected CDS`,
      mode: "both",
      snapshot: { CDS: { a: 1 }, [type]: { x: 1 } },
      script: [
        ...[ask("CDS"), sends("CDS", ["a"]), nack(), ask(type, ["x"]), wake(ORDER_TIMEOUT - 1), nothing()],
        ...[wake(1), sends(type, ["x"]), ack(), nothing()],
      ],
    },
    {
      rule: 16,
      name: `${type} goes on as soon as a rejected CDS is corrected`,
      mode: "both",
      snapshot: { CDS: { a: 1 }, [type]: { x: 1 } },
      script: [
        ...[ask("CDS"), sends("CDS", ["a"]), nack(), ask(type, ["x"]), nothing()],
        ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack(), sends(type, ["x"]), ack()],
      ],
    },
    {
      rule: 16,
      name: `${type} does not wait for a CDS that has nothing to say`,
      mode: "both",
      snapshot: { CDS: { a: 1 }, [type]: { x: 1 } },
      script: [
        ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask(type, ["x"]), sends(type, ["x"]), ack()],
        ...[change({ [type]: { x: 2 } }), sends(type, ["x"])],
      ],
    },
  ]),
  {
    rule: 16,
    name: "the wait for a silent CDS does not begin anew with each change",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        ask("LDS"),
        wake(ORDER_TIMEOUT - 1),
        change({ CDS: { a: 2 }, LDS: { l: 2 } }),
      ],
      ...[nothing(), wake(1), sends("CDS", ["a"]), sends("LDS", ["l"]), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "a corrected cluster passes one that never warms",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { b: 1 } }), sends("CDS", by(["a", "b"], ["b"]))],
      ...[change({ CDS: { b: 2 } }), nothing(), wake(ORDER_TIMEOUT), sends("CDS", by(["a", "b"], ["b"])), ack()],
      nothing(),
    ],
  },
  {
    rule: 16,
    name: "a cluster that is replaced is there until the routes have followed",
    issue: "envoy #13070, consul #10379",
    mode: "both",
    snapshot: UP,
    script: [
      ...comeUp,
      replace,
      ...[sends("CDS", by(["a@1", "b"], ["b"])), ask("EDS", ["a", "b"]), sends("EDS", ["b"]), ack("EDS"), nothing()],
      ...[ack("CDS"), sends("RDS", ["r"]), nothing()],
      ...[ack("RDS"), sends("CDS", by(["b"], []), { removed: ["a"] }), ack("CDS"), nothing()],
    ],
  },
  {
    rule: 16,
    name: "a cluster that is replaced is there until the listeners have followed",
    issue: "envoy #13070, consul #10379",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[
        change({ CDS: { a: undefined, b: 1 }, LDS: { l: 2 } }),
        sends("CDS", by(["a@1", "b"], ["b"])),
        nothing(),
        ack(),
      ],
      ...[sends("LDS", ["l"]), nothing(), ack(), sends("CDS", by(["b"], []), { removed: ["a"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "a cluster that is replaced is there until the scoped routes have followed",
    mode: "both",
    snapshot: { CDS: { a: 1 }, SRDS: { s: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("SRDS"), sends("SRDS", ["s"]), ack()],
      ...[change({ CDS: { a: undefined, b: 1 }, SRDS: { s: 2 } }), sends("CDS", by(["a@1", "b"], ["b"])), ack()],
      ...[sends("SRDS", ["s"]), nothing(), ack(), sends("CDS", by(["b"], []), { removed: ["a"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "the union of old and new clusters has a version of its own",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "old" }), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      change({ CDS: { a: undefined, b: 1 }, LDS: { l: 2 } }),
      ...[sends("CDS", by(["a@1", "b"], ["b"]), { version: "union" }), ack(), sends("LDS", ["l"]), ack()],
      ...[sends("CDS", by(["b"], []), { removed: ["a"], version: "new" }), ack(), nothing()],
    ],
  },
  {
    rule: [12, 16],
    name: "a stream that breaks between the union and the removal does not lose the removal",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[change({ CDS: { a: undefined, b: 1 }, LDS: { l: 2 } }), sends("CDS", by(["a@1", "b"], ["b"])), ack()],
      ...[sends("LDS", ["l"]), ack(), sends("CDS", by(["b"], []), { removed: ["a"] }), reconnect()],
      // It may have lost "a" or not, and its listeners have not come back yet: the union again, then the removal again.
      ...[ask("CDS"), sends("CDS", by(["a@1", "b"], [])), ack(), wake(ORDER_TIMEOUT)],
      ...[sends("CDS", by(["b"], []), { removed: ["a"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "names that several snapshots removed in between are all dropped",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1, c: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b", "c"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[
        change({ CDS: { a: undefined, d: 1 }, LDS: { l: 2 } }),
        sends("CDS", by(["a@1", "b", "c", "d"], ["d"])),
        ack(),
      ],
      ...[sends("LDS", ["l"]), change({ CDS: { b: undefined, e: 1 }, LDS: { l: 3 } })],
      ...[sends("CDS", by(["a@1", "b@1", "c", "d", "e"], ["e"])), ack("CDS"), ack("LDS"), sends("LDS", ["l"])],
      ...[change({ CDS: { c: undefined } }), nothing(), ack()],
      ...[sends("CDS", by(["d", "e"], []), { removed: ["a", "b", "c"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "a cluster that comes back before its removal was sent is not removed",
    mode: "both",
    snapshot: UP,
    script: [
      ...comeUp,
      ...[
        replace,
        sends("CDS", by(["a@1", "b"], ["b"])),
        ack(),
        sends("RDS", ["r"]),
        change({ CDS: { a: 1 } }),
        nothing(),
      ],
      ...[ack("RDS"), nothing()],
    ],
  },
  {
    rule: 16,
    name: "a removal alone goes at once when nobody uses it",
    mode: "both",
    snapshot: { ...UP, CDS: { a: 1, z: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "z"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[change({ CDS: { z: undefined } }), sends("CDS", by(["a"], []), { removed: ["z"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "removals wait for a silent user no longer than the deadline",
    mode: "both",
    snapshot: UP,
    script: [
      ...comeUp,
      ...[
        replace,
        sends("CDS", by(["a@1", "b"], ["b"])),
        ack(),
        sends("RDS", ["r"]),
        wake(ORDER_TIMEOUT - 1),
        nothing(),
      ],
      ...[wake(1), sends("CDS", by(["b"], []), { removed: ["a"] }), ack("CDS"), nothing()],
    ],
  },
  {
    rule: 16,
    name: "removals wait no longer than the deadline for a silent user that nothing had to wait for",
    mode: "both",
    snapshot: { CDS: { a: 1, z: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "z"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[change({ CDS: { z: undefined }, LDS: { l: 2 } }), sends("LDS", ["l"]), wake(ORDER_TIMEOUT - 1), nothing()],
      ...[wake(1), sends("CDS", by(["a"], []), { removed: ["z"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "removals wait for a rejected user until it is corrected: it still uses what it kept",
    mode: "both",
    snapshot: UP,
    script: [
      ...comeUp,
      ...[replace, sends("CDS", by(["a@1", "b"], ["b"])), ack(), sends("RDS", ["r"]), nack(), wake(4 * ORDER_TIMEOUT)],
      ...[nothing(), change({ EDS: { a: 2 } }), sends("EDS", ["a"]), ack()],
      ...[change({ RDS: { r: 3 } }), sends("RDS", ["r"]), ack()],
      ...[sends("CDS", by(["b"], []), { removed: ["a"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "removals do not wait for a rejected route that the client has given up",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { r: 1, q: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("RDS", ["r", "q"]), sends("RDS", ["r", "q"]), ack()],
      ...[change({ RDS: { q: 2 } }), sends("RDS", ["q"]), nack(), change({ CDS: { b: undefined } }), nothing()],
      ...[ask("RDS", ["r"]), sends("CDS", by(["a"], []), { removed: ["b"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "removals do not wait for a rejected route that was taken away, for which there is no word",
    mode: "sotw",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("RDS", ["r", "q"]), sends("RDS", ["r"])],
      ...[ack(), change({ RDS: { q: 1 } }), sends("RDS", ["q"]), nack(), change({ CDS: { b: undefined } }), nothing()],
      ...[change({ RDS: { q: undefined } }), sends("CDS", ["a"]), ack(), nothing()],
      // The client may have taken it in part: it is sent when it comes back.
      ...[change({ RDS: { q: 1 } }), sends("RDS", ["q"]), ack()],
    ],
  },
  {
    rule: 16,
    name: "removals wait until a rejected route that was taken away is acknowledged as gone",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("RDS", ["r", "q"]), sends("RDS", ["r"], { removed: ["q"] })],
      ...[ack(), change({ RDS: { q: 1 } }), sends("RDS", ["q"]), nack(), change({ CDS: { b: undefined } }), nothing()],
      ...[change({ RDS: { q: undefined } }), sends("RDS", [], { removed: ["q"] }), ack()],
      ...[sends("CDS", [], { removed: ["b"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "removals do not wait for a rejected route that was asked for again and accepted",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("RDS", ["r"]), sends("RDS", ["r"]), nack()],
      ...[change({ CDS: { b: undefined } }), nothing(), subscribe("RDS", ["r"]), sends("RDS", ["r"]), ack()],
      ...[sends("CDS", [], { removed: ["b"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "a rejection of a name that was given up before holds back nothing",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("RDS", ["r"]), sends("RDS", ["r"])],
      ...[unsubscribe("RDS", ["r"]), subscribe("RDS", ["q"]), nothing(), nack(), sends("RDS", [], { removed: ["q"] })],
      ...[ack(), change({ CDS: { b: undefined } }), sends("CDS", [], { removed: ["b"] }), ack()],
    ],
  },
  {
    rule: 16,
    name: "the removal of endpoints follows the removal of their cluster",
    mode: "delta",
    snapshot: UP,
    script: [
      ...comeUp,
      change({ CDS: { a: undefined, b: 1 }, EDS: { a: undefined }, RDS: { r: 2 } }),
      ...[sends("CDS", ["b"]), subscribe("EDS", ["b"]), sends("EDS", ["b"]), ack("EDS"), nothing()],
      ...[ack("CDS"), sends("RDS", ["r"]), ack(), sends("CDS", [], { removed: ["a"] }), nothing()],
      ...[ack(), sends("EDS", [], { removed: ["a"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "the removal of routes follows the listeners and the scoped routes",
    mode: "delta",
    snapshot: { LDS: { l: 1 }, RDS: { r: 1, q: 1 }, SRDS: { s: 1 } },
    script: [
      ...[ask("LDS"), sends("LDS", ["l"]), ack(), ask("SRDS"), sends("SRDS", ["s"]), ack()],
      ...[ask("RDS", ["q", "r"]), sends("RDS", ["q", "r"]), ack()],
      ...[
        change({ LDS: { l: 2 }, RDS: { q: undefined, r: 2 }, SRDS: { s: 2 } }),
        sends("LDS", ["l"]),
        sends("SRDS", ["s"]),
      ],
      ...[sends("RDS", ["r"]), ack("RDS"), ack("LDS"), nothing(), ack("SRDS"), sends("RDS", [], { removed: ["q"] })],
      ...[ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "the removal of scoped routes follows the listeners",
    mode: "both",
    snapshot: { LDS: { l: 1 }, SRDS: { s: 1, t: 1 } },
    script: [
      ...[ask("LDS"), sends("LDS", ["l"]), ack(), ask("SRDS"), sends("SRDS", ["s", "t"]), ack()],
      ...[change({ LDS: { l: 2 }, SRDS: { t: undefined } }), sends("LDS", ["l"]), nothing(), ack()],
      ...[sends("SRDS", by(["s"], []), { removed: ["t"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "the removal of secrets follows the clusters and the listeners",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 }, SDS: { s: 1, t: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("SDS", ["s", "t"]), sends("SDS", ["s", "t"]), ack()],
      ...[ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[
        change({ CDS: { a: 2 }, LDS: { l: 2 }, SDS: { s: undefined, t: 2 } }),
        sends("CDS", ["a"]),
        sends("SDS", ["t"]),
      ],
      ...[ack("SDS"), nothing(), ack("CDS"), sends("LDS", ["l"]), nothing(), ack()],
      ...[sends("SDS", [], { removed: ["s"] }), ack(), nothing()],
    ],
  },
  {
    rule: 16,
    name: "a client that rejects or is silent holds nobody else back",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        nack(),
        ask("LDS"),
        on("silent", ask("CDS"), sends("CDS", ["a"]), ask("LDS")),
      ],
      ...[on("good", ask("CDS"), sends("CDS", ["a"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack())],
      ...[change({ CDS: { a: 2 } }), on("good", sends("CDS", ["a"]), ack()), sends("CDS", ["a"]), nack()],
    ],
  },
  {
    rule: 16,
    name: "a rejected CDS holds back neither endpoints nor its own correction",
    mode: "both",
    snapshot: UP,
    script: [
      ...comeUp,
      ...[
        change({ CDS: { b: 1 }, EDS: { a: 2 }, RDS: { r: 2 } }),
        sends("CDS", by(["a", "b"], ["b"])),
        sends("EDS", ["a"]),
      ],
      ...[nack("CDS"), ack("EDS"), nothing(), change({ CDS: { b: 2 } }), sends("CDS", by(["a", "b"], ["b"])), ack()],
      ...[sends("RDS", ["r"]), ack(), nothing()],
    ],
  },
  {
    rule: 17,
    name: "the endpoints of a changed cluster are sent again by themselves",
    issue: "envoy #13009, envoy #35696, go-control-plane #583, go-control-plane #981, go-control-plane #1035",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a", "b"]),
        ask("EDS", ["a", "b"]),
        sends("EDS", ["a", "b"]),
        ack("EDS"),
        ack("CDS"),
      ],
      ...[change({ CDS: { a: 2 } }), sends("CDS", by(["a", "b"], ["a"])), sends("EDS", ["a"]), ack("EDS"), ack("CDS")],
      nothing(),
    ],
  },
  {
    rule: 17,
    name: "the endpoints of a changed cluster are sent again under the wildcard too",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("EDS", ["*"]), sends("EDS", ["a", "b"]), ack()],
      ...[change({ CDS: { a: 2 } }), sends("CDS", by(["a", "b"], ["a"])), sends("EDS", ["a"]), ack("EDS"), ack("CDS")],
      nothing(),
    ],
  },
  {
    rule: 17,
    name: "the endpoints of a changed cluster are sent again after those that are unanswered",
    issue: "go-control-plane #1035",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[change({ EDS: { a: 2 } }), sends("EDS", ["a"]), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), nothing()],
      ...[ack("EDS"), sends("EDS", ["a"]), ack("EDS"), ack("CDS"), nothing()],
    ],
  },
  {
    rule: 17,
    name: "endpoints that nobody subscribed are not sent with their cluster",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack(), nothing()],
      ...[
        ask("EDS", ["b"]),
        sends("EDS", ["b"]),
        ack(),
        change({ CDS: { a: 3 } }),
        sends("CDS", ["a"]),
        ack(),
        nothing(),
      ],
    ],
  },
  {
    rule: 17,
    name: "endpoints of a changed cluster that are not there are said to be not there",
    mode: "delta",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        ask("EDS", ["a"]),
        sends("EDS", [], { removed: ["a"] }),
        ack("EDS"),
        ack("CDS"),
      ],
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), sends("EDS", [], { removed: ["a"] }), ack("EDS"), ack("CDS")],
    ],
  },
  {
    rule: 17,
    name: "routes are not sent again with a changed listener",
    mode: "both",
    snapshot: UP,
    script: [...comeUp, change({ LDS: { l: 2 } }), sends("LDS", ["l"]), ack(), nothing()],
  },
  {
    rule: [17, "sharing"],
    name: "a cluster that was removed and comes back is sent, and its endpoints with it",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a", "b"]),
        ask("EDS", ["a", "b"]),
        sends("EDS", ["a", "b"]),
        ack("EDS"),
        ack("CDS"),
      ],
      ...[
        change({ CDS: { a: undefined } }),
        sends("CDS", by(["b"], []), { removed: ["a"] }),
        change({ CDS: { a: 1 } }),
      ],
      ...[nothing(), ack("CDS"), sends("CDS", by(["a", "b"], ["a"])), sends("EDS", ["a"]), ack("EDS"), ack("CDS")],
      nothing(),
    ],
  },
];
