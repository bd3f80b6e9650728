/**
 * One response in flight, nothing queued, and bounds for clients that do not behave (rule 18).
 *
 * @module
 */
import {
  ack,
  ask,
  by,
  change,
  ends,
  MOST_NAMES,
  MOST_TYPES,
  nothing,
  on,
  ORDER_TIMEOUT,
  reading,
  repeat,
  type Row,
  sends,
  type Step,
  subscribe,
  wake,
} from "../script.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`);

export const BOUNDS: readonly Row[] = [
  {
    rule: 18,
    name: "a burst of changes becomes one response, and a large CDS does not come again and again",
    issue: "envoy #46383",
    mode: "both",
    snapshot: { CDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a", "b", "c"]), ack(), change({ CDS: { a: 2 } })],
      ...[sends("CDS", by(["a", "b", "c"], ["a"])), change({ CDS: { a: 3 } }), change({ CDS: { b: 2 } })],
      ...[change({ CDS: { a: 4, c: undefined } }), nothing(), ack()],
      ...[sends("CDS", ["a", "b"], { removed: ["c"] }), ack(), nothing()],
    ],
  },
  {
    rule: 18,
    name: "a change that is taken back while the response is unanswered is sent again",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), change({ CDS: { a: 2 } }), sends("CDS", ["a"])],
      ...[change({ CDS: { a: 1 } }), nothing(), ack(), sends("CDS", ["a"]), ack(), nothing()],
    ],
  },
  {
    rule: 18,
    name: "a change that comes and goes while the response is unanswered is never sent",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), change({ CDS: { a: 2 } }), change({ CDS: { a: 1 } }), nothing()],
      ...[ack(), nothing()],
    ],
  },
  {
    rule: 18,
    name: "a response is made for the subscription at the time of sending",
    mode: "both",
    snapshot: { EDS: { a: 1, b: 1, c: 1 } },
    script: [
      ...[ask("EDS", ["a", "b"]), sends("EDS", ["a", "b"]), change({ EDS: { a: 2, b: 2, c: 2 } }), nothing()],
      ...[ack("EDS", ["b", "c"]), sends("EDS", ["b", "c"]), ack(), nothing()],
    ],
  },
  {
    rule: 18,
    name: "types do not wait for each other's ACK without a reason",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 }, LDS: { l: 1 }, SDS: { s: 1 } },
    script: [
      ...[ask("LDS"), sends("LDS", ["l"]), ask("CDS"), sends("CDS", ["a"]), ask("EDS", ["a"]), sends("EDS", ["a"])],
      ...[ask("SDS", ["s"]), sends("SDS", ["s"]), change({ CDS: { a: 2 } }), nothing(), ack("SDS"), nothing()],
    ],
  },
  {
    rule: 18,
    name: "a client that reads and never acknowledges gets the newest after the deadline, one response at a time",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        change({ CDS: { a: 2 } }),
        change({ CDS: { a: 3 } }),
        wake(ORDER_TIMEOUT - 1),
      ],
      ...[nothing(), wake(1), sends("CDS", ["a"]), change({ CDS: { a: 4 } }), wake(ORDER_TIMEOUT - 1), nothing()],
      ...[wake(1), sends("CDS", ["a"]), wake(8 * ORDER_TIMEOUT), nothing()],
    ],
  },
  {
    rule: 18,
    name: "a question behind an unanswered response is answered after the deadline",
    mode: "delta",
    snapshot: { EDS: { a: 1, b: 1 } },
    script: [
      ...[ask("EDS", ["a"]), sends("EDS", ["a"]), subscribe("EDS", ["b"]), wake(ORDER_TIMEOUT - 1), nothing()],
      ...[wake(1), sends("EDS", ["a", "b"]), ack(), nothing()],
    ],
  },
  {
    rule: [17, 18],
    name: "endpoints of a changed cluster go after the deadline if the ones before are unanswered",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("EDS", ["a"]), sends("EDS", ["a"])],
      ...[
        change({ CDS: { a: 2 } }),
        sends("CDS", ["a"]),
        wake(ORDER_TIMEOUT),
        sends("EDS", ["a"]),
        ack("EDS"),
        ack("CDS"),
      ],
      nothing(),
    ],
  },
  {
    rule: 18,
    name: "a client that never acknowledges is not sent again what it was sent",
    mode: "both",
    snapshot: { CDS: { a: 1 }, EDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ask("EDS", ["a"]), sends("EDS", ["a"]), wake(8 * ORDER_TIMEOUT), nothing()],
    ],
  },
  {
    rule: 18,
    name: "a late ACK of a response that was given up is no verdict on its successor",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), change({ CDS: { a: 2 } }), wake(ORDER_TIMEOUT)],
      ...[
        sends("CDS", ["a"]),
        repeat("CDS", "previous"),
        change({ CDS: { a: 3 } }),
        nothing(),
        ack(),
        sends("CDS", ["a"]),
        ack(),
      ],
    ],
  },
  {
    rule: 18,
    name: "a client that neither reads nor acknowledges loses its stream when something new waits",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[
        ask("CDS"),
        sends("CDS", ["a"]),
        reading(false),
        change({ CDS: { a: 2 } }),
        wake(ORDER_TIMEOUT - 1),
        nothing(),
      ],
      ...[wake(1), ends("DEADLINE_EXCEEDED")],
    ],
  },
  {
    rule: 18,
    name: "a client that does not read keeps its stream while there is nothing new",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), reading(false), wake(8 * ORDER_TIMEOUT), nothing(), reading(true), ack()],
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack()],
    ],
  },
  {
    rule: 18,
    name: "a client that does not read holds nobody else back",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), reading(false), on("good", ask("CDS"), sends("CDS", ["a"]), ack())],
      ...[
        change({ CDS: { a: 2 } }),
        on("good", sends("CDS", ["a"]), ack()),
        wake(ORDER_TIMEOUT),
        ends("DEADLINE_EXCEEDED"),
      ],
      ...[change({ CDS: { a: 3 } }), on("good", sends("CDS", ["a"]), ack())],
    ],
  },
  {
    rule: 18,
    name: "more types than allowed end the stream",
    core: "the server's own bounds are higher",
    mode: "both",
    snapshot: { CDS: { a: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack()],
      ...names(MOST_TYPES - 1).map((name): Step => ask(`type.googleapis.com/example.${name}`)),
      ...[change({ CDS: { a: 2 } }), sends("CDS", ["a"]), ack()],
      ...[ask("type.googleapis.com/example.More"), ends("RESOURCE_EXHAUSTED")],
    ],
  },
  {
    rule: 18,
    name: "more names than allowed end the stream, and nobody else's",
    core: "the server's own bounds are higher",
    mode: "both",
    snapshot: undefined,
    script: [
      ...[on("good", ask("EDS", names(MOST_NAMES)), nothing()), ask("EDS", names(MOST_NAMES + 1))],
      ...[ends("RESOURCE_EXHAUSTED"), on("good", nothing())],
    ],
  },
  {
    rule: 18,
    name: "names that are added one by one count together",
    core: "the server's own bounds are higher",
    mode: "delta",
    snapshot: undefined,
    script: [
      ...[subscribe("EDS", names(MOST_NAMES)), subscribe("EDS", names(MOST_NAMES)), nothing()],
      ...[subscribe("EDS", ["one more"]), ends("RESOURCE_EXHAUSTED")],
    ],
  },
];
