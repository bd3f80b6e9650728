/**
 * When something is sent, and what a response carries (rules 7 to 10 and 13).
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#resource-updates
 * @module
 */
import { ack, ask, by, change, move, nothing, type Row, sends, subscribe, unsubscribe } from "../script.ts";

export const ANSWERS: readonly Row[] = [
  {
    rule: 7,
    name: "a plain ACK is never answered",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), nothing(), ack("CDS"), nothing()],
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack(), nothing(), ack("EDS"), nothing()],
    ],
  },
  {
    rule: 7,
    name: "an ACK that adds a name is a question and is answered",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [ask("EDS", ["a"]), sends("EDS", ["a"]), ack("EDS", ["a", "b"]), sends("EDS", ["b"]), ack(), nothing()],
  },
  {
    rule: 7,
    name: "a new snapshot of the same content sends nothing",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[change({}), nothing(), change({ CDS: { a: 1 }, EDS: { a: 1 } }), nothing()],
    ],
  },
  {
    rule: 7,
    name: "a change of one type sends nothing of the others",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[ask("LDS"), sends("LDS", ["l"]), ack(), change({ EDS: { a: 2 } }), sends("EDS", ["a"]), ack()],
      ...[change({ LDS: { l: 2 } }), sends("LDS", ["l"]), ack()],
    ],
  },
  {
    rule: 7,
    name: "a change of names that nobody asked for sends nothing",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"]), ack()],
      ...[change({ CDS: { b: 2, c: 1 }, EDS: { b: undefined } }), nothing()],
    ],
  },
  {
    rule: 7,
    name: "a resource that changed, and whose cluster changed, comes once",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack()],
      ...[change({ CDS: { a: 2 }, EDS: { a: 2 } }), sends("CDS", ["a"]), sends("EDS", ["a"]), ack("CDS"), ack("EDS")],
    ],
  },
  {
    rule: 7,
    name: "a name that is asked for twice before the answer is answered once",
    mode: "delta",
    snapshot: undefined,
    script: [
      ...[subscribe("EDS", ["a", "a"]), subscribe("EDS", ["a"]), change({ EDS: { a: 1 } })],
      ...[sends("EDS", ["a"]), ack(), nothing()],
    ],
  },
  ...(["CDS", "LDS", "SRDS"] as const).flatMap((type): Row[] => [
    {
      rule: 8,
      name: `a response of ${type} is complete: what is absent is removed`,
      mode: "both",
      snapshot: { [type]: { a: 1, b: 1, c: 1 } },
      script: [
        ...[ask(type), sends(type, ["a", "b", "c"]), ack()],
        ...[change({ [type]: { b: undefined } }), sends(type, by(["a", "c"], []), { removed: ["b"] }), ack()],
        ...[change({ [type]: { a: 2 } }), sends(type, by(["a", "c"], ["a"])), ack()],
      ],
    },
    {
      rule: 8,
      name: `an empty list of ${type} removes everything`,
      mode: "both",
      snapshot: { [type]: { a: 1, b: 1 } },
      script: [
        ...[ask(type), sends(type, ["a", "b"]), ack()],
        ...[change({ [type]: { a: undefined, b: undefined } }), sends(type, [], { removed: ["a", "b"] }), ack()],
        ...[nothing(), change({ [type]: { a: 1 } }), sends(type, ["a"]), ack()],
      ],
    },
  ]),
  {
    rule: 8,
    name: "a named listener that is not there is answered without it",
    mode: "sotw",
    snapshot: { LDS: { l: 1 } },
    script: [
      ...[ask("LDS", ["x"]), sends("LDS", []), ack(), ask("LDS", ["x", "l"]), sends("LDS", ["l"]), ack()],
      ...[change({ LDS: { x: 1 } }), sends("LDS", ["l", "x"]), ack()],
      ...[change({ LDS: { x: undefined } }), sends("LDS", ["l"]), ack()],
    ],
  },
  ...(["EDS", "RDS", "SDS"] as const).flatMap((type): Row[] => [
    {
      rule: 8,
      name: `a response of ${type} has only what changed`,
      mode: "both",
      snapshot: { [type]: { a: 1, b: 1, c: 1 } },
      script: [
        ...[ask(type, ["a", "b"]), sends(type, ["a", "b"]), ack()],
        ...[change({ [type]: { a: 2, c: 2 } }), sends(type, ["a"]), ack()],
      ],
    },
    {
      rule: 8,
      name: `state-of-the-world cannot say that something of ${type} is gone, and says nothing`,
      mode: "sotw",
      snapshot: { [type]: { a: 1, b: 1 } },
      script: [
        ...[ask(type, ["a", "b"]), sends(type, ["a", "b"]), ack()],
        ...[change({ [type]: { a: undefined } }), nothing(), change({ [type]: { b: 2 } }), sends(type, ["b"]), ack()],
        ...[change({ [type]: { a: 1 } }), sends(type, ["a"]), ack()],
      ],
    },
    {
      rule: 9,
      name: `something of ${type} that vanished is removed, and sent when it comes back`,
      mode: "delta",
      snapshot: { [type]: { a: 1, b: 1 } },
      script: [
        ...[ask(type, ["a", "b"]), sends(type, ["a", "b"]), ack()],
        ...[change({ [type]: { a: undefined } }), sends(type, [], { removed: ["a"] }), ack(), nothing()],
        ...[change({ [type]: { a: 1 } }), sends(type, ["a"]), ack()],
      ],
    },
  ]),
  {
    rule: 8,
    name: "a name that is not there yet is sent when it is created",
    mode: "sotw",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["x"]), nothing(), ask("EDS", ["x", "a"]), sends("EDS", ["a"]), ack(), nothing()],
      ...[change({ EDS: { x: 1 } }), sends("EDS", ["x"]), ack()],
    ],
  },
  {
    rule: 9,
    name: "a subscribed name that does not exist is answered in removed_resources",
    issue: "go-control-plane #565",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS", ["a", "x"]), sends("CDS", ["a"], { removed: ["x"] }), ack(), nothing()],
      ...[ask("EDS", ["x", "y"]), sends("EDS", [], { removed: ["x", "y"] }), ack(), nothing()],
    ],
  },
  {
    rule: 9,
    name: "a name that was answered as removed stays subscribed",
    issue: "go-control-plane #488",
    mode: "delta",
    snapshot: { CDS: { foo: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["foo"]), ask("EDS", ["foo"]), sends("EDS", [], { removed: ["foo"] }), ack("CDS")],
      ...[ack("EDS"), change({ EDS: { foo: 1 } }), sends("EDS", ["foo"]), ack()],
    ],
  },
  {
    rule: 9,
    name: "that a name does not exist is said once",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a", "x"]), sends("EDS", ["a"], { removed: ["x"] }), ack()],
      ...[change({ EDS: { a: 2 } }), sends("EDS", ["a"]), ack(), change({ EDS: { b: 1 } }), nothing()],
    ],
  },
  {
    rule: 9,
    name: "a name that is created while its absence is unanswered is sent",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["x"]), sends("EDS", [], { removed: ["x"] }), change({ EDS: { x: 1 } }), nothing()],
      ...[ack(), sends("EDS", ["x"]), ack()],
    ],
  },
  {
    rule: 9,
    name: "endpoints that become empty are sent as such, not removed",
    mode: "both",
    snapshot: { EDS: { a: 1 } },
    script: [ask("EDS", ["a"]), sends("EDS", ["a"]), ack(), change({ EDS: { a: 0 } }), sends("EDS", ["a"]), ack()],
  },
  {
    rule: 10,
    name: "a name that is subscribed again is answered although it is current",
    issue: "go-control-plane #1450",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack()],
      ...[subscribe("EDS", ["a"]), sends("EDS", ["a"]), ack(), subscribe("EDS", ["a"]), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 10,
    name: "a name that does not exist and is subscribed again is answered again",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["x"]), sends("EDS", [], { removed: ["x"] }), ack()],
      ...[subscribe("EDS", ["x"]), sends("EDS", [], { removed: ["x"] }), ack()],
    ],
  },
  {
    rule: 10,
    name: "a wildcard that is subscribed again is answered with everything",
    issue: "go-control-plane #1450",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["*"]), sends("CDS", ["a", "b"]), ack()],
      ...[subscribe("CDS", ["*"]), sends("CDS", ["a", "b"]), ack(), nothing()],
    ],
  },
  {
    rule: 10,
    name: "a wildcard that is subscribed again is answered with everything that there is at the time of the answer",
    mode: "delta",
    snapshot: { CDS: { c: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["c"]), ack(), change({ CDS: { d: 1 } }), sends("CDS", ["d"])],
      ...[change({ CDS: { c: undefined } }), subscribe("CDS", ["*"]), change({ CDS: { c: 1 } }), nothing()],
      // The client may have forgotten "c", although it was never told that it went.
      ...[ack(), sends("CDS", ["c", "d"]), ack(), nothing()],
    ],
  },
  {
    rule: 10,
    name: "a cluster that a wildcard client names is answered",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), subscribe("CDS", ["b", "x"])],
      ...[sends("CDS", ["b"], { removed: ["x"] }), ack(), change({ CDS: { x: 1 } }), sends("CDS", ["x"]), ack()],
    ],
  },
  {
    rule: 10,
    name: "a name that is subscribed while its resource is unanswered is answered again",
    mode: "delta",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[
        ask("EDS", ["a"]),
        sends("EDS", ["a"]),
        subscribe("EDS", ["a"]),
        nothing(),
        ack(),
        sends("EDS", ["a"]),
        ack(),
      ],
    ],
  },
  {
    rule: 10,
    name: "unsubscribing an unknown name is ignored",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), unsubscribe("CDS", ["a", "x"]), nothing()],
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), ack(), unsubscribe("EDS", ["x", "*"]), nothing()],
      ...[change({ EDS: { a: 2 } }), sends("EDS", ["a"]), ack()],
    ],
  },
  {
    rule: 10,
    name: "unsubscribing a name that the wildcard covers is answered with the resource",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["*", "a"]), sends("CDS", ["a", "b"]), ack()],
      ...[unsubscribe("CDS", ["a"]), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: 10,
    name: "unsubscribing a name that the wildcard covers and that is gone is answered with its removal",
    mode: "delta",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS", ["*", "x"]), sends("CDS", ["a"], { removed: ["x"] }), ack()],
      ...[unsubscribe("CDS", ["x"]), sends("CDS", [], { removed: ["x"] }), ack(), nothing()],
    ],
  },
  {
    rule: [4, 10],
    name: "what is owed of a wildcard is not sent after the wildcard is gone",
    mode: "delta",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["*", "a", "b"]), sends("CDS", ["a", "b"]), unsubscribe("CDS", ["a"]), unsubscribe("CDS", ["*"])],
      ...[nothing(), ack(), nothing(), change({ CDS: { a: 2, b: 2 } }), sends("CDS", ["b"]), ack()],
    ],
  },
  {
    rule: 13,
    name: "resources of one name and several types come in responses of their own type",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 2 }, SDS: { a: 3 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ask("EDS", ["a"]), sends("EDS", ["a"]), ask("SDS", ["a"])],
      ...[sends("SDS", ["a"]), ack("CDS"), ack("EDS"), ack("SDS")],
      move({ CDS: { a: 4 }, EDS: { a: 5 }, SDS: { a: 6 } }),
      ...[sends("CDS", ["a"]), sends("EDS", ["a"]), sends("SDS", ["a"])],
    ],
  },
];
