/**
 * `xdstp:` names and collections (rule 20).
 *
 * @see https://github.com/cncf/xds/blob/main/proposals/TP1-xds-transport-next.md
 * @module
 */
import {
  ack,
  ask,
  by,
  change,
  type ClientKind,
  nack,
  nothing,
  reconnect,
  restart,
  type Row,
  sends,
  subscribe,
  unsubscribe,
} from "../script.ts";

const GRPC: ClientKind = { agent: "gRPC C-core", features: [] };

const AT = "xdstp://some.org/envoy.config.cluster.v3.Cluster";
const [ALL, A, B, C] = [`${AT}/g/*`, `${AT}/g/a`, `${AT}/g/b`, `${AT}/g/c`];

export const NAMES: readonly Row[] = [
  {
    rule: 20,
    name: "the order of context parameters means nothing",
    mode: "both",
    snapshot: { CDS: { [`${AT}/a?y=2&x=1`]: 1 }, EDS: { "a?y=2&x=1": 1 } },
    script: [
      ...[ask("CDS", [`${AT}/a?y=2&x=1`]), sends("CDS", [`${AT}/a?x=1&y=2`]), ack(), nothing()],
      // Names that are no URI are taken as they are.
      ...[ask("EDS", ["a?x=1&y=2", "a?y=2&x=1"])],
      ...[sends("EDS", ["a?y=2&x=1"], { removed: ["a?x=1&y=2"] }), ack(), nothing()],
    ],
  },
  {
    rule: 20,
    name: "a name in another order of its parameters is the same subscription",
    mode: "delta",
    snapshot: { CDS: { [`${AT}/a?x=1&y=2`]: 1 } },
    script: [
      ...[ask("CDS", [`${AT}/a?y=2&x=1`]), sends("CDS", [`${AT}/a?x=1&y=2`]), ack()],
      ...[unsubscribe("CDS", [`${AT}/a?x=1&y=2`]), nothing(), change({ CDS: { [`${AT}/a?x=1&y=2`]: 2 } }), nothing()],
    ],
  },
  {
    rule: 20,
    name: "other context parameters are another name",
    mode: "delta",
    snapshot: { CDS: { [`${AT}/a?x=1`]: 1 } },
    script: [
      ...[ask("CDS", [`${AT}/a?x=2`, `${AT}/a`]), sends("CDS", [], { removed: [`${AT}/a?x=2`, `${AT}/a`] }), ack()],
      ...[subscribe("CDS", [`${AT}/a?x=1`]), sends("CDS", [`${AT}/a?x=1`]), ack()],
    ],
  },
  {
    rule: 20,
    name: "a collection is its members, one level down, and follows them",
    mode: "both",
    snapshot: { CDS: { [A]: 1, [B]: 1, [`${AT}/g/sub/a`]: 1, [`${AT}/other/a`]: 1, [`${AT}/g`]: 1, a: 1 } },
    script: [
      ...[ask("CDS", [ALL]), sends("CDS", [A, B], { missing: [] }), ack()],
      ...[change({ CDS: { a: 2, [`${AT}/g/sub/a`]: 2 } }), nothing()],
      ...[change({ CDS: { [C]: 1 } }), sends("CDS", by([A, B, C], [C])), ack()],
      ...[change({ CDS: { [A]: 2, [B]: undefined } }), sends("CDS", by([A, C], [A]), { removed: [B] })],
    ],
  },
  {
    rule: 20,
    name: "an empty collection is answered by its own name, and its first member is sent",
    mode: "delta",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS", [ALL]), sends("CDS", [], { removed: [ALL], missing: [ALL] }), ack(), nothing()],
      ...[change({ CDS: { [A]: 1 } }), sends("CDS", [A], { missing: [] }), ack()],
    ],
  },
  {
    rule: [15, 20],
    name: "an empty collection is an error in state-of-the-world",
    mode: "sotw",
    client: GRPC,
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS", [ALL]), sends("CDS", [], { missing: [ALL] }), ack(), nothing()],
      ...[ask("EDS", [ALL]), sends("EDS", [], { missing: [ALL] }), ack(), nothing()],
      ...[change({ EDS: { [A]: 1 } }), sends("EDS", [A], { missing: [] }), ack()],
    ],
  },
  {
    rule: 20,
    name: "a collection that loses its last member loses that member",
    mode: "both",
    snapshot: { CDS: { a: 1, [A]: 1 } },
    script: [
      ...[ask("CDS", [ALL]), sends("CDS", [A]), ack(), change({ CDS: { [A]: undefined } })],
      ...[sends("CDS", [], { removed: [A] }), ack(), nothing(), change({ CDS: { [B]: 1 } }), sends("CDS", [B]), ack()],
    ],
  },
  {
    rule: 20,
    name: "a collection with context parameters has the members with the same ones",
    mode: "both",
    snapshot: { CDS: { [`${A}?x=1&y=2`]: 1, [`${B}?x=1`]: 1, [C]: 1 } },
    script: [ask("CDS", [`${ALL}?y=2&x=1`]), sends("CDS", [`${A}?x=1&y=2`]), ack(), nothing()],
  },
  {
    rule: 20,
    name: "a member that is named beside its collection comes once, and stays when the collection is given up",
    mode: "delta",
    snapshot: { CDS: { [A]: 1, [B]: 1 } },
    script: [
      ...[ask("CDS", [ALL, A]), sends("CDS", [A, B]), ack(), unsubscribe("CDS", [ALL]), nothing()],
      ...[change({ CDS: { [B]: 2 } }), nothing(), change({ CDS: { [A]: 2 } }), sends("CDS", [A]), ack()],
    ],
  },
  {
    rule: 20,
    name: "a member that is named and given up is still its collection's",
    mode: "delta",
    snapshot: { CDS: { [A]: 1 } },
    script: [
      ...[ask("CDS", [ALL, A]), sends("CDS", [A]), ack(), unsubscribe("CDS", [A])],
      // As under the wildcard: the client has forgotten it, and must be told again.
      ...[sends("CDS", [A]), ack(), change({ CDS: { [A]: 2 } }), sends("CDS", [A]), ack()],
    ],
  },
  {
    rule: [11, 20],
    name: "a rejected member that is named no more is in doubt still, as its collection covers it",
    mode: "sotw",
    snapshot: { EDS: { [A]: 1, [B]: 1 } },
    script: [
      ...[ask("EDS", [ALL, A]), sends("EDS", [A, B]), ack(), change({ EDS: { [A]: 2 } }), sends("EDS", [A]), nack()],
      ...[ask("EDS", [ALL]), nothing(), change({ EDS: { [A]: 1 } }), sends("EDS", [A]), ack(), nothing()],
    ],
  },
  {
    rule: [11, 20],
    name: "a rejected member that is given up is told again, and in doubt still",
    mode: "delta",
    snapshot: { EDS: { [A]: 1, [B]: 1 } },
    script: [
      ...[ask("EDS", [ALL, A]), sends("EDS", [A, B]), ack(), change({ EDS: { [A]: 2 } }), sends("EDS", [A]), nack()],
      ...[unsubscribe("EDS", [A]), sends("EDS", [A]), nack(), change({ EDS: { [A]: 1 } }), sends("EDS", [A]), ack()],
      nothing(),
    ],
  },
  {
    rule: [4, 20],
    name: "a collection that is asked for together with the wildcard is not said to be empty",
    mode: "delta",
    snapshot: { EDS: { [A]: 1, x: 1 } },
    script: [
      ...[ask("EDS", ["x"]), sends("EDS", ["x"]), ack(), subscribe("EDS", ["*", ALL]), sends("EDS", [A, "x"]), ack()],
      ...[nothing(), unsubscribe("EDS", ["*"]), nothing(), change({ EDS: { [A]: 2 } }), sends("EDS", [A]), ack()],
    ],
  },
  {
    rule: [4, 20],
    name: "of a collection that is asked for together with the wildcard nothing is removed that the client never had",
    mode: "delta",
    snapshot: { EDS: { [A]: 1, [B]: 1, x: 1 } },
    script: [
      ...[ask("EDS", ["x"]), sends("EDS", ["x"]), change({ EDS: { [B]: undefined, x: 2 } }), nothing()],
      ...[subscribe("EDS", ["*", ALL]), nothing(), ack(), sends("EDS", [A, "x"]), ack(), nothing()],
    ],
  },
  {
    rule: 20,
    name: "of a collection that is new nothing is removed that the client never had",
    mode: "delta",
    snapshot: { EDS: { [A]: 1, [B]: 1, x: 1 } },
    script: [
      ...[ask("EDS", ["x"]), sends("EDS", ["x"]), subscribe("EDS", [ALL]), change({ EDS: { [B]: undefined } })],
      ...[nothing(), ack(), sends("EDS", [A]), ack(), nothing()],
    ],
  },
  {
    rule: [16, 20],
    name: "removals do not wait for a rejected collection that the client has given up",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1 }, RDS: { [A]: 1, x: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"]), ack(), ask("RDS", [ALL, "x"]), sends("RDS", [A, "x"]), ack()],
      ...[change({ RDS: { [A]: 2 } }), sends("RDS", [A]), nack(), change({ CDS: { b: undefined } }), nothing()],
      ...[ask("RDS", ["x"]), sends("CDS", by(["a"], []), { removed: ["b"] }), ack(), nothing()],
    ],
  },
  {
    rule: 20,
    name: "a collection that was empty when the stream broke is not said to be empty when it has members",
    mode: "delta",
    snapshot: { EDS: { x: 1 } },
    script: [
      ...[ask("EDS", [ALL]), sends("EDS", [], { removed: [ALL] }), change({ EDS: { [A]: 1 } }), nothing(), reconnect()],
      ...[ask("EDS", [ALL]), sends("EDS", [A], { missing: [] }), ack(), nothing()],
    ],
  },
  {
    rule: [6, 20],
    name: "a collection whose emptiness was rejected is sent when it has members",
    mode: "delta",
    snapshot: { EDS: { x: 1 } },
    script: [
      ...[ask("EDS", [ALL, "x"]), sends("EDS", ["x"], { removed: [ALL] }), nack(), nothing(), subscribe("EDS", [ALL])],
      ...[sends("EDS", [], { removed: [ALL] }), ack(), change({ EDS: { [A]: 1 } }), sends("EDS", [A, "x"]), ack()],
      ...[subscribe("EDS", [ALL]), sends("EDS", [A], { missing: [] }), ack(), nothing()],
    ],
  },
  {
    rule: [6, 20],
    name: "a collection that gets its first member behind the answer that it is empty has that member",
    mode: "delta",
    snapshot: { EDS: { x: 1 } },
    script: [
      ...[ask("EDS", [ALL, "x"]), sends("EDS", ["x"], { removed: [ALL] }), nack(), nothing(), subscribe("EDS", [ALL])],
      ...[sends("EDS", [], { removed: [ALL] }), change({ EDS: { [A]: 1 } }), subscribe("EDS", [ALL]), nothing()],
      ...[ack(), sends("EDS", [A, "x"], { missing: [] }), ack(), nothing()],
    ],
  },
  {
    rule: [11, 20],
    name: "a member that was asked for and accepted after a rejection is taken away after a reconnect, reported or not",
    mode: "delta",
    snapshot: { EDS: { [A]: 1, [B]: 1 } },
    script: [
      ...[ask("EDS", ["*", ALL]), sends("EDS", [A, B]), nack(), subscribe("EDS", [A]), sends("EDS", [A]), ack()],
      ...[
        restart(),
        change({ EDS: { [A]: undefined } }),
        ask("EDS", [ALL]),
        sends("EDS", [B], { removed: [A] }),
        ack(),
      ],
      nothing(),
    ],
  },
  {
    rule: 20,
    name: "a collection that is subscribed again is answered again",
    mode: "delta",
    snapshot: { CDS: { [A]: 1, [B]: 1 } },
    script: [
      ...[ask("CDS", [ALL]), sends("CDS", [A, B]), ack(), subscribe("CDS", [ALL]), sends("CDS", [A, B]), ack()],
    ],
  },
  {
    rule: [3, 20],
    name: "a collection that is dropped and named again is sent again",
    mode: "both",
    snapshot: { EDS: { [A]: 1, [B]: 1, x: 1 } },
    script: [
      ...[ask("EDS", [ALL, "x"]), sends("EDS", [A, B, "x"]), ack(), ask("EDS", ["x"]), nothing()],
      ...[ask("EDS", [ALL, "x"]), sends("EDS", [A, B]), ack()],
    ],
  },
  {
    rule: [6, 20],
    name: "a rejected collection is not sent again on its own, the next good change is",
    mode: "both",
    snapshot: { CDS: { [A]: 1, [B]: 1 } },
    script: [
      ...[ask("CDS", [ALL]), sends("CDS", [A, B]), nack(), nothing(), change({ CDS: { a: 1 } }), nothing()],
      ...[change({ CDS: { [B]: 2 } }), sends("CDS", [A, B]), ack(), nothing()],
    ],
  },
  {
    rule: [11, 20],
    name:
      "after a reconnect members of a collection are told again, and those that vanished: Envoy reports none of them",
    mode: "delta",
    snapshot: { CDS: { [A]: 1, [B]: 1, x: 1 } },
    script: [
      ...[ask("CDS", [ALL, "x"]), sends("CDS", [A, B, "x"]), ack(), reconnect()],
      ...[change({ CDS: { [A]: 2, [B]: undefined, [C]: 1 } }), ask("CDS", [ALL, "x"])],
      ...[sends("CDS", [A, C], { removed: [B] }), ack(), nothing(), reconnect()],
      ...[ask("CDS", [ALL, "x"]), sends("CDS", [A, C]), ack(), nothing()],
    ],
  },
  {
    rule: [11, 20],
    name: "after a reconnect a new collection is sent but for what the client reports of it",
    mode: "delta",
    snapshot: { CDS: { [A]: 1, [B]: 1 } },
    script: [
      ...[ask("CDS", [A]), sends("CDS", [A]), ack(), reconnect(), ask("CDS", [ALL]), sends("CDS", [B]), ack()],
      ...[nothing(), change({ CDS: { [A]: 2 } }), sends("CDS", [A]), ack()],
    ],
  },
  {
    rule: [12, 20],
    name: "after a reconnect a collection is sent again whatever the version",
    mode: "sotw",
    snapshot: { CDS: { [A]: 1 }, EDS: { [A]: 1 } },
    script: [
      ...[ask("CDS", [ALL]), sends("CDS", [A]), ack(), ask("EDS", [ALL]), sends("EDS", [A]), ack(), reconnect()],
      ...[ask("CDS", [ALL]), sends("CDS", [A]), ack(), ask("EDS", [ALL]), sends("EDS", [A]), ack()],
    ],
  },
  {
    rule: [1, 20],
    name: "the endpoints of a locality are a collection",
    mode: "delta",
    snapshot: { LEDS: { "xdstp://o/envoy.config.endpoint.v3.LbEndpoint/l/1": 1 } },
    script: [
      ask("LEDS", ["xdstp://o/envoy.config.endpoint.v3.LbEndpoint/l/*"]),
      ...[sends("LEDS", ["xdstp://o/envoy.config.endpoint.v3.LbEndpoint/l/1"]), ack()],
      change({ LEDS: { "xdstp://o/envoy.config.endpoint.v3.LbEndpoint/l/2": 1 } }),
      ...[sends("LEDS", ["xdstp://o/envoy.config.endpoint.v3.LbEndpoint/l/2"]), ack(), nothing()],
    ],
  },
];
