/**
 * Saying that something is not there: `resource_errors` (rule 15).
 *
 * @see https://github.com/grpc/proposal/blob/master/A88-xds-data-error-handling.md
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
  type Row,
  sends,
  subscribe,
  unsubscribe,
} from "../script.ts";

const GRPC: ClientKind = { agent: "gRPC C-core", features: [] };

export const ABSENCE: readonly Row[] = [
  {
    rule: 15,
    name: "a name that is not there is an error, and in delta a removal for clients that know no errors",
    mode: "both",
    client: GRPC,
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["a", "x"]), sends("EDS", ["a"], { removed: ["x"], missing: ["x"] }), ack(), nothing()],
      ...[change({ EDS: { a: 2 } }), sends("EDS", ["a"], { missing: [] }), ack(), nothing()],
    ],
  },
  {
    rule: 15,
    name: "the news that nothing is there is a response of its own",
    mode: "both",
    client: GRPC,
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["x", "y"]), sends("EDS", [], { removed: ["x", "y"], missing: ["x", "y"] }), ack(), nothing()],
      ...[change({ EDS: { x: 1 } }), sends("EDS", ["x"], { missing: [] }), ack(), nothing()],
    ],
  },
  {
    rule: 15,
    name: "to Envoy a response without its endpoints ends the warming of a cluster: it is not told",
    mode: "sotw",
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["x"]), nothing(), ask("EDS", ["a", "x"]), sends("EDS", ["a"]), ack(), nothing()],
      ...[change({ EDS: { x: 1 } }), sends("EDS", ["x"], { missing: [] }), ack()],
    ],
  },
  {
    rule: 15,
    name: "a named listener or cluster that is not there is an error once",
    mode: "both",
    client: GRPC,
    snapshot: { LDS: { l: 1 }, CDS: { a: 1 } },
    script: [
      ...[ask("LDS", ["l", "x"]), sends("LDS", ["l"], { removed: ["x"], missing: ["x"] }), ack(), nothing()],
      ...[change({ LDS: { l: 2 } }), sends("LDS", ["l"], { missing: [] }), ack()],
      ...[ask("CDS", ["x"]), sends("CDS", [], { removed: ["x"], missing: ["x"] }), ack(), nothing()],
    ],
  },
  {
    rule: 15,
    name: "a named resource that goes away is an error then",
    mode: "both",
    client: GRPC,
    snapshot: { LDS: { l: 1, m: 1 } },
    script: [
      ...[ask("LDS", ["l", "m"]), sends("LDS", ["l", "m"], { missing: [] }), ack(), change({ LDS: { l: undefined } })],
      ...[sends("LDS", by(["m"], []), { removed: ["l"], missing: ["l"] }), ack(), nothing()],
      ...[change({ LDS: { m: 2 } }), sends("LDS", ["m"], { missing: [] }), ack()],
    ],
  },
  {
    rule: 15,
    name: "what a wildcard loses is no error",
    mode: "both",
    client: GRPC,
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"], { missing: [] }), ack(), change({ CDS: { b: undefined } })],
      ...[sends("CDS", by(["a"], []), { removed: ["b"], missing: [] }), ack()],
    ],
  },
  {
    rule: 15,
    name: "a wildcard without anything is no error",
    mode: "both",
    client: GRPC,
    snapshot: { EDS: { a: 1 } },
    script: [ask("CDS"), sends("CDS", [], { missing: [] }), ack(), nothing()],
  },
  {
    rule: 15,
    name: "a name beside the wildcard is an error when it is not there",
    mode: "both",
    client: GRPC,
    snapshot: { CDS: { a: 1 } },
    script: [ask("CDS", ["*", "x"]), sends("CDS", ["a"], { removed: ["x"], missing: ["x"] }), ack(), nothing()],
  },
  {
    rule: 15,
    name: "a name that gave way to the wildcard is no error any more",
    mode: "sotw",
    snapshot: { EDS: { a: 1 } },
    script: [ask("EDS", ["x"]), nothing(), ask("EDS", ["*"]), sends("EDS", ["a"], { missing: [] }), ack(), nothing()],
  },
  {
    rule: 15,
    name: "a name that is asked for again is an error again",
    mode: "delta",
    client: GRPC,
    snapshot: { EDS: { a: 1 } },
    script: [
      ...[ask("EDS", ["x"]), sends("EDS", [], { removed: ["x"], missing: ["x"] }), ack(), subscribe("EDS", ["x"])],
      ...[sends("EDS", [], { removed: ["x"], missing: ["x"] }), ack(), unsubscribe("EDS", ["x"]), nothing()],
    ],
  },
  {
    rule: [6, 15],
    name: "an error that is rejected is not repeated",
    mode: "both",
    client: GRPC,
    snapshot: { LDS: { l: 1 } },
    script: [
      ...[ask("LDS", ["x"]), sends("LDS", [], { removed: ["x"], missing: ["x"] }), nack(), nothing()],
      ...[change({ LDS: { x: 1 } }), sends("LDS", ["x"], { missing: [] }), ack()],
    ],
  },
  {
    rule: [11, 15],
    name: "after a reconnect what a client has and what is gone meanwhile are told apart",
    mode: "delta",
    client: GRPC,
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), ack(), reconnect(), change({ EDS: { b: undefined } })],
      ...[ask("EDS", ["a", "b"]), sends("EDS", [], { removed: ["b"], missing: ["b"] }), ack(), nothing()],
    ],
  },
  {
    rule: [15, "sharing"],
    name: "clients that named something and clients that did not are not sent each other's errors",
    mode: "both",
    client: GRPC,
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS", ["*", "b"]), sends("CDS", ["a", "b"]), ack(), change({ CDS: { b: undefined } })],
      ...[sends("CDS", by(["a"], []), { removed: ["b"], missing: ["b"] }), ack()],
      ...[ask("EDS", ["x"]), sends("EDS", [], { removed: ["x"], missing: ["x"] }), ack()],
    ],
  },
];
