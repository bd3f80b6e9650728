import { assertEquals } from "@std/assert";
import { callLine, readSaid } from "./said.ts";

const SAID: [line: string, said: ReturnType<typeof readSaid>][] = [
  ['{"id":1,"result":{"ping":true}}', { kind: "result", id: 1, result: { ping: true } }],
  ['{"id":1,"result":null}\r', { kind: "result", id: 1, result: null }],
  // Without a definition a group would be taken for gone: the call fails.
  ['{"id":1,"items":{}}', { kind: "error", id: 1, message: 'its items are no list: "{}"' }],
  ['{"id":1,"items":[{"group":"a","id":"b"},{"group":"a","id":""}]}', {
    kind: "error",
    id: 1,
    message: 'an item has no group and id of 1 to 1024 characters: "{"group":"a","id":""}"',
  }],
  ['{"id":2,"items":[{"group":"a","id":"b","more":1}]}', { kind: "items", id: 2, items: [{ group: "a", id: "b" }] }],
  ['{"id":3,"error":{"message":"no"}}', { kind: "error", id: 3, message: "no" }],
  ['{"id":3,"error":"no"}', { kind: "error", id: 3, message: "no" }],
  ['{"changed":{"group":"a"}}', { kind: "changed", group: "a", ids: undefined }],
  ['{"changed":{"group":"a","ids":["x"]}}', { kind: "changed", group: "a", ids: ["x"] }],
  ['{"log":{"level":"warn","message":"x"}}', { kind: "log", level: "warn", message: "x" }],
];

const FAULTS: [line: string, fault: string, shown: string][] = [
  ["ready!", "it is no JSON", '"ready!"'],
  ["[1]", "it is no JSON object", '"[1]"'],
  ["null", "it is no JSON object", '"null"'],
  ["{}", "it has no id of a call", '"{}"'],
  ['{"id":1.5,"result":1}', "it has no id of a call", '"{"id":1.5,"result":1}"'],
  ['{"id":1}', "it is no message of the protocol", '"{"id":1}"'],
  ['{"id":1,"error":{}}', "its error has no message", '"{"id":1,"error":{}}"'],
  ['{"changed":{}}', "its change has no group", '"{"changed":{}}"'],
  [
    '{"changed":{"group":"a","ids":[1]}}',
    "the ids of its change are no list of names",
    '"{"changed":{"group":"a","ids":[1]}}"',
  ],
  ['{"log":{"level":"info"}}', "its log has no message", '"{"log":{"level":"info"}}"'],
  [
    '{"log":{"level":"loud","message":""}}',
    "its log has no level of debug, info, warn, error",
    '"{"log":{"level":"loud","message":""}}"',
  ],
  ["\x1b[2J\u202e", "it is no JSON", '"\u{fffd}[2J\u{fffd}"'],
  ["x ".repeat(100), "it is no JSON", `"${"x ".repeat(60)}"…`],
  ["[".repeat(200_000), "it is nested too deeply", `"${"[".repeat(120)}"…`],
  // A message in several lines is none, and some of them are secrets.
  ['"inline_string": "-----BEGIN PRIVATE KEY-----\\nhush",', "it is no JSON", '""inline_string": [redacted]"'],
  [
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu",
    "it is no JSON",
    '"[redacted]"…',
  ],
];

Deno.test("each message of the protocol is read", () => {
  for (const [line, said] of SAID) assertEquals(readSaid(line), said, line);
});

Deno.test("a line that is no message says why, and shows what it was where it can do no harm", () => {
  for (const [line, fault, shown] of FAULTS) assertEquals(readSaid(line), { kind: "fault", fault, line: shown }, line);
});

Deno.test("what an adapter says is bounded: long names are none, many ids are the whole group, long words are cut", () => {
  const long = "x".repeat(1025);
  assertEquals(readSaid(JSON.stringify({ changed: { group: long } })).kind, "fault");
  assertEquals(readSaid(JSON.stringify({ id: 1, items: [{ group: "a", id: long }] })).kind, "error");
  const ids = Array.from({ length: 10_001 }, (_, i) => `${i}`);
  assertEquals(readSaid(JSON.stringify({ changed: { group: "a", ids } })), {
    kind: "changed",
    group: "a",
    ids: undefined,
  });
  const said = readSaid(JSON.stringify({ id: 1, error: { message: "x ".repeat(5_000) } }));
  assertEquals(said.kind === "error" && said.message.length, 8193);
});

Deno.test("a call is one line, whatever is in it", () => {
  assertEquals(
    callLine({ id: 7, call: "generate", group: "a\nb", changes: { ids: ["c"] } }),
    '{"id":7,"call":"generate","group":"a\\nb","changes":{"ids":["c"]}}\n',
  );
});
