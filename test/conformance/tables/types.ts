/**
 * All types beside the well-known six, and those that only an operator knows (rules 1 and 21).
 *
 * @module
 */
import { ack, ask, change, nack, nothing, OTHER, type Row, sends, wake } from "../script.ts";

export const TYPES: readonly Row[] = [
  {
    rule: 1,
    name: "runtime layers and extension configurations are served by name",
    mode: "both",
    snapshot: { RTDS: { layer: 1 }, ECDS: { filter: 1, unused: 1 } },
    script: [
      ...[ask("RTDS", ["layer"]), sends("RTDS", ["layer"]), ack(), ask("ECDS", ["filter"]), sends("ECDS", ["filter"])],
      ...[ack(), change({ RTDS: { layer: 2 }, ECDS: { filter: 2, unused: 2 } }), sends("ECDS", ["filter"])],
      ...[sends("RTDS", ["layer"]), ack("RTDS"), ack("ECDS"), nothing()],
    ],
  },
  ...(["RTDS", "ECDS", OTHER] as const).flatMap((type): Row[] => [
    {
      rule: [4, 21],
      name: `an empty request of ${short(type)} is not a wildcard, and "*" is`,
      mode: "both",
      snapshot: { [type]: { a: 1, b: 1 } },
      script: [
        ...[ask(type), nothing(), ask(type, ["*"]), sends(type, ["a", "b"]), ack()],
        ...[change({ [type]: { b: 2 } }), sends(type, ["b"]), ack(), nothing()],
      ],
    },
    {
      rule: [8, 9, 21],
      name: `a response of ${short(type)} has only what changed, and in delta what is gone`,
      mode: "both",
      snapshot: { [type]: { a: 1, b: 1, c: 1 } },
      script: [
        ...[
          ask(type, ["a", "b"]),
          sends(type, ["a", "b"]),
          ack(),
          change({ [type]: { a: 2, c: 2 } }),
          sends(type, ["a"]),
        ],
        ...[ack(), nothing()],
      ],
    },
    {
      rule: [6, 21],
      name: `rejected content of ${short(type)} is not sent again on its own`,
      mode: "both",
      snapshot: { [type]: { a: 1 } },
      script: [
        ...[ask(type, ["a"]), sends(type, ["a"]), nack(), nothing(), change({ CDS: { x: 1 } }), nothing()],
        ...[change({ [type]: { a: 2 } }), sends(type, ["a"]), ack()],
      ],
    },
  ]),
  {
    rule: 21,
    name: "a type of the operator's is removed and comes back as any other",
    mode: "delta",
    snapshot: { [OTHER]: { a: 1, b: 1 } },
    script: [
      ...[
        ask(OTHER, ["a", "x"]),
        sends(OTHER, ["a"], { removed: ["x"] }),
        ack(),
        change({ [OTHER]: { a: undefined } }),
      ],
      ...[sends(OTHER, [], { removed: ["a"] }), ack(), change({ [OTHER]: { a: 1, x: 1 } }), sends(OTHER, ["a", "x"])],
      ack(),
    ],
  },
  {
    rule: 21,
    name: "a type of the operator's waits for no other, and no other for it",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 }, [OTHER]: { o: 1 }, RTDS: { layer: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ask(OTHER, ["o"]), sends(OTHER, ["o"]), ask("RTDS", ["layer"])],
      ...[sends("RTDS", ["layer"]), ack("CDS"), ask("LDS"), sends("LDS", ["l"]), ack("LDS")],
      ...[change({ CDS: { a: 2 }, LDS: { l: 2 } }), sends("CDS", ["a"]), ack("CDS"), sends("LDS", ["l"]), wake(1)],
      nothing(),
    ],
  },
];

function short(type: string): string {
  return type === OTHER ? "an operator's type" : type;
}
