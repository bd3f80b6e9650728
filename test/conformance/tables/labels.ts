/**
 * An operator's names for content (rule 12): the version that clients are told, and nothing that the server goes by.
 *
 * @module
 */
import { ack, ask, by, change, move, nothing, on, reconnect, restart, type Row, sends } from "../script.ts";

export const LABELS: readonly Row[] = [
  {
    rule: 12,
    name: "a label is the version of every type whose content it changes, word for word",
    mode: "both",
    label: "release 1 (ü)",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "=release 1 (ü)" }), ack()],
      ...[ask("LDS"), sends("LDS", ["l"], { version: "=release 1 (ü)" }), ack(), change({ CDS: { a: 2 } }, "2")],
      ...[sends("CDS", ["a"], { version: "=2" }), ack(), nothing()],
      // The listeners did not change.
      ...[restart(), ask("LDS"), sends("LDS", ["l"], { version: "=release 1 (ü)" }), ack()],
    ],
  },
  {
    rule: [12, "clients"],
    name: "the same label with other content is sent",
    mode: "both",
    label: "v1",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "=v1" }), ack(), ask("EDS", ["a"])],
      ...[sends("EDS", ["a"], { version: "=v1" }), ack(), change({ CDS: { a: 2 }, EDS: { a: 2 } }, "v1")],
      ...[sends("CDS", ["a"], { version: "=v1" }), sends("EDS", ["a"], { version: "=v1" }), ack("CDS"), ack("EDS")],
      nothing(),
    ],
  },
  {
    rule: [7, 12],
    name: "another label for the same content sends nothing",
    mode: "both",
    label: "v1",
    snapshot: { CDS: { a: 1 } },
    script: [ask("CDS"), sends("CDS", ["a"], { version: "=v1" }), ack(), change({}, "v2"), nothing()],
  },
  {
    rule: [12, "clients"],
    name: "a label that a client brings from an earlier stream says nothing about what it has",
    mode: "sotw",
    label: "v1",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "=v1" }), ack(), reconnect(), change({ CDS: { a: 2 } }, "v1")],
      ...[ask("CDS"), sends("CDS", ["a"], { version: "=v1" }), ack(), reconnect(), ask("CDS"), sends("CDS", ["a"])],
    ],
  },
  {
    rule: [11, 12],
    name: "in delta a client that comes back is compared by its resources, whatever the label",
    mode: "delta",
    label: "v1",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"], { version: "=v1" }), ack(), reconnect()],
      ...[change({ CDS: { b: 2 } }, "v1"), ask("CDS"), sends("CDS", ["b"], { version: "=v1" }), ack(), nothing()],
    ],
  },
  {
    rule: [12, 16],
    name: "old and new clusters together have a version of their own, neither label nor content version",
    mode: "sotw",
    label: "v1",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "=v1" }), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      change({ CDS: { a: undefined, b: 1 }, LDS: { l: 2 } }, "v2"),
      ...[sends("CDS", ["a@1", "b"], { version: "union" }), ack(), sends("LDS", ["l"], { version: "=v2" }), ack()],
      ...[sends("CDS", ["b"], { version: "=v2" }), ack(), nothing()],
    ],
  },
  {
    rule: 12,
    name: "content without a label after content with one has a version of its own",
    mode: "both",
    label: "v1",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"], { version: "=v1" }), ack(), change({ CDS: { a: 2 } })],
      ...[sends("CDS", ["a"], { version: "content" }), ack(), change({ CDS: { a: 1 } }, "v1")],
      ...[sends("CDS", ["a"], { version: "=v1" }), ack()],
    ],
  },
  {
    rule: ["sharing", 12],
    name: "clients at different places are told the same label",
    mode: "both",
    label: "v1",
    snapshot: { CDS: { a: 1, b: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b"], { version: "=v1" }), ack(), change({ CDS: { b: 2 } }, "v2")],
      ...[sends("CDS", by(["a", "b"], ["b"]), { version: "=v2" }), ack()],
      ...[on("other", ask("CDS"), sends("CDS", ["a", "b"], { version: "=v2" }), ack())],
      ...[move({ CDS: { a: 1, b: 2 } }), nothing()],
    ],
  },
];
