/**
 * Times to live and heartbeats (rule 14).
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#ttl
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
  reading,
  reconnect,
  repeat,
  type Row,
  sends,
  unsubscribe,
  wake,
} from "../script.ts";

const TTL = 10_000;
/** A client is told that something lives on when half of its time is over. */
const HALF = TTL / 2;
/** A resource that expires. */
const dies = (content: number) => ({ content, ttl: TTL });

const lists = (...features: readonly string[]): ClientKind => ({ agent: "gRPC Java", features });
const KNOWS = "xds.config.supports-resource-ttl";

export const LIFETIMES: readonly Row[] = [
  {
    rule: 14,
    name: "a heartbeat is a resource without a body and with the version that the client has",
    issue: "go-control-plane #421",
    mode: "delta",
    snapshot: { CDS: { a: dies(1), b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!", "b"], { version: "one" }), ack(), wake(HALF - 1), nothing()],
      ...[wake(1), sends("CDS", ["a~!"], { version: "one" }), ack(), nothing()],
      ...[wake(HALF), sends("CDS", ["a~!"], { version: "one" }), ack(), nothing()],
    ],
  },
  {
    rule: 14,
    name: "in state-of-the-world the whole is sent again: Envoy would take a resource without a body for its removal",
    mode: "sotw",
    snapshot: { CDS: { a: dies(1), b: 1 }, EDS: { a: dies(1), b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!", "b"], { version: "one" }), ack(), wake(HALF - 1), nothing()],
      ...[wake(1), sends("CDS", ["a!", "b"], { version: "one" }), ack(), nothing()],
    ],
  },
  {
    rule: 14,
    name: "of named resources those that expire are sent again",
    mode: "both",
    snapshot: { EDS: { a: dies(1), b: 1, c: dies(1) } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a!", "b"]), ack()],
      ...[wake(HALF), sends("EDS", by(["a!"], ["a~!"])), ack(), nothing()],
    ],
  },
  {
    rule: 14,
    name: "a client that does not list the feature is told of no time to live",
    mode: "both",
    client: { agent: "gRPC C-core", features: [] },
    snapshot: { CDS: { a: dies(1) } },
    script: [ask("CDS"), sends("CDS", ["a"]), ack(), wake(4 * TTL), nothing()],
  },
  {
    rule: 14,
    name: "a client that lists the features of its mode is told",
    mode: "both",
    client: lists(KNOWS, "xds.config.resource-in-sotw"),
    snapshot: { CDS: { a: dies(1) } },
    script: [ask("CDS"), sends("CDS", ["a!"]), ack(), wake(HALF), sends("CDS", by(["a!"], ["a~!"])), ack()],
  },
  {
    rule: 14,
    name: "the feature has two names",
    mode: "sotw",
    client: lists(KNOWS, "xds.config.supports-resource-in-sotw"),
    snapshot: { CDS: { a: dies(1) } },
    script: [ask("CDS"), sends("CDS", ["a!"]), ack()],
  },
  {
    rule: 14,
    name: "in state-of-the-world a client must know the wrapper too",
    mode: "sotw",
    client: lists(KNOWS),
    snapshot: { CDS: { a: dies(1) } },
    script: [ask("CDS"), sends("CDS", ["a"]), ack(), wake(4 * TTL), nothing()],
  },
  {
    rule: 14,
    name: "in delta the wrapper is everyone's",
    mode: "delta",
    client: lists(KNOWS),
    snapshot: { CDS: { a: dies(1) } },
    script: [ask("CDS"), sends("CDS", ["a!"]), ack(), wake(HALF), sends("CDS", ["a~!"]), ack()],
  },
  {
    rule: 14,
    name: "what a client was just sent lives anew: no heartbeat before half of its time",
    mode: "delta",
    snapshot: { CDS: { a: dies(1) } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!"]), ack(), wake(HALF - 1_000), change({ CDS: { a: dies(2) } })],
      ...[sends("CDS", ["a!"]), ack(), wake(1_000), nothing(), wake(HALF), sends("CDS", ["a~!"]), ack()],
    ],
  },
  {
    rule: 14,
    name: "a resource that gets or loses its time to live is sent",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { a: dies(1) } }), sends("CDS", ["a!"]), ack()],
      ...[change({ CDS: { a: 1 } }), sends("CDS", ["a"]), ack(), wake(4 * TTL), nothing()],
    ],
  },
  {
    rule: 14,
    name: "a heartbeat goes beside a response that is unanswered, and is no verdict on it",
    mode: "delta",
    snapshot: { CDS: { a: dies(1), b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!", "b"]), ack(), change({ CDS: { b: 2 } }), sends("CDS", ["b"])],
      // Envoy withholds the ACK while "b" warms. "a" must not die of that.
      ...[wake(HALF), sends("CDS", ["a~!"]), ack(), change({ CDS: { b: 3 } }), nothing()],
      ...[repeat("CDS", "previous"), sends("CDS", ["b"]), ack(), nothing()],
    ],
  },
  {
    rule: 14,
    name: "a rejected heartbeat is no rejection of what the client has",
    mode: "delta",
    snapshot: { CDS: { a: dies(1) } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!"]), ack(), wake(HALF), sends("CDS", ["a~!"]), nack(), nothing()],
      ...[wake(HALF), sends("CDS", ["a~!"]), ack(), change({ CDS: { a: 1 } }), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: [6, 14],
    name: "what a client rejected gets no heartbeat",
    mode: "both",
    snapshot: { CDS: { a: dies(1) } },
    script: [ask("CDS"), sends("CDS", ["a!"]), nack(), wake(4 * TTL), nothing()],
  },
  {
    rule: [6, 14],
    name: "what is rejected beside something that expires is not sent again with its heartbeat",
    mode: "sotw",
    snapshot: { CDS: { a: dies(1), b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!", "b"]), ack(), change({ CDS: { b: 2 } }), sends("CDS", ["a!", "b"]), nack()],
      ...[wake(4 * TTL), nothing()],
    ],
  },
  {
    rule: [11, 14],
    name: "what is in doubt gets no heartbeat before it is acknowledged",
    mode: "delta",
    snapshot: { EDS: { a: dies(1), b: dies(1) } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a!", "b!"]), ack(), change({ EDS: { a: dies(2) } })],
      ...[sends("EDS", ["a!"]), nack(), change({ EDS: { a: dies(1) } }), sends("EDS", ["a!"]), nothing()],
      // A client that took a part of what it rejected would not know the version of a heartbeat.
      ...[wake(HALF), sends("EDS", ["b~!"]), repeat("EDS", "previous"), nothing()],
      ...[wake(HALF), sends("EDS", ["a~!", "b~!"]), ack(), nothing()],
    ],
  },
  {
    rule: 14,
    name: "what a client has not got, gave up, or lost gets no heartbeat",
    mode: "delta",
    snapshot: { EDS: { a: dies(1), b: dies(1), c: dies(1) } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a!", "b!"]), ack(), unsubscribe("EDS", ["a"])],
      ...[wake(HALF), sends("EDS", ["b~!"]), ack(), change({ EDS: { b: undefined } })],
      ...[sends("EDS", [], { removed: ["b"] }), ack(), wake(4 * TTL), nothing()],
    ],
  },
  {
    rule: [11, 14],
    name: "what a client brings from an earlier stream lives on",
    mode: "both",
    snapshot: { CDS: { a: dies(1) } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!"], { version: "one" }), ack(), reconnect()],
      ...[change({ EDS: { x: 1 } }), ask("CDS", ["*"]), sends("CDS", by(["a!"], [])), ack()],
      ...[wake(HALF), sends("CDS", by(["a!"], ["a~!"]), { version: "one" }), ack()],
    ],
  },
  {
    rule: [12, 14],
    name: "a version that skipped the resend lives on",
    mode: "sotw",
    snapshot: { CDS: { a: dies(1), b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!", "b"]), ack(), reconnect(), ask("CDS"), nothing()],
      ...[wake(HALF), sends("CDS", ["a!", "b"]), ack()],
    ],
  },
  {
    rule: 14,
    name: "the shortest time of a type counts for all of it",
    mode: "delta",
    snapshot: { CDS: { a: dies(1), b: { content: 1, ttl: 2 * TTL } } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!", "b!"]), ack(), wake(HALF), sends("CDS", ["a~!", "b~!"]), ack()],
    ],
  },
  {
    rule: [14, 18],
    name: "a client that does not read is sent no heartbeats, and one when it reads again",
    core: "what waits in the socket of a client that does not read cannot be told from what is sent afterwards",
    mode: "delta",
    snapshot: { CDS: { a: dies(1) } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a!"]), ack(), reading(false), wake(4 * TTL), nothing(), reading(true)],
      ...[nothing(), wake(100), sends("CDS", ["a~!"]), ack(), wake(HALF - 1), nothing()],
    ],
  },
  {
    rule: [14, 19],
    name: "a virtual host is sent again whole: without a body it would be unknown",
    mode: "delta",
    snapshot: { VHDS: { "r/web": { content: 1, ttl: TTL, domains: ["a.com"] } } },
    script: [
      ...[ask("VHDS", ["r/a.com"]), sends("VHDS", ["r/web!=r/a.com"]), ack(), wake(HALF - 1), nothing()],
      ...[wake(1), sends("VHDS", ["r/web!=r/a.com"]), ack(), nothing()],
    ],
  },
];
