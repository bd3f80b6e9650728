import { assertEquals, assertThrows } from "@std/assert";
import { create, toBinary } from "@bufbuild/protobuf";
import { DeltaDiscoveryRequestSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { createResource, type Resource } from "../../model/resource.ts";
import { ResourceSet } from "../../model/resource_set.ts";
import { CLUSTER } from "../../model/types.ts";
import { compareHeld } from "./held.ts";
import { MalformedMessage } from "./reader.ts";
import { readDeltaRequest } from "./request.ts";

function resource(name: string, content: string): Resource {
  const bytes = new TextEncoder().encode(content);
  return createResource({ type: CLUSTER.url, name, bytes, references: [], origin: undefined });
}

/** Names of all lengths that need another number of bytes for their length, and one outside of ASCII. */
const SET = new ResourceSet(
  CLUSTER.url,
  [...Array.from({ length: 300 }, (_, i) => `n${i}`), "x".repeat(127), "y".repeat(128), "z".repeat(20_000), "é"]
    .map((name) => resource(name, name)),
);

function request(held: Iterable<readonly [string, string]>): Uint8Array {
  const initialResourceVersions = Object.fromEntries(held);
  return toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, { initialResourceVersions }));
}

function versions(set: Iterable<Resource>): [string, string][] {
  return [...set].map(({ name, version }) => [name, version]);
}

/** What the bytes say of the set, after a look whether a map of the same says it too. */
function compared(held: readonly (readonly [string, string])[], set = SET): [string, string][][] {
  const list = ({ differing, lacking }: ReturnType<typeof compareHeld>): [string, string][][] => [
    [...differing].sort(([a], [b]) => a < b ? -1 : 1),
    [...lacking()].map((name) => [name, ""]),
  ];
  const found = list(compareHeld(readDeltaRequest(request(held)).request.held, set));
  assertEquals(found, list(compareHeld(new Map(held), set)));
  return found;
}

Deno.test("a client that holds the whole set differs in nothing, in whatever order it says so", () => {
  assertEquals(compared(versions(SET)), [[], []]);
  assertEquals(compared(versions(SET).reverse()), [[], []]);
});

Deno.test("what differs, what is unknown and what is lacking is found among many and among few", () => {
  for (const set of [SET, new ResourceSet(CLUSTER.url, [...SET].slice(0, 9))]) {
    const [first, second, ...rest] = versions(set);
    const held = [[first?.[0] ?? "", "older"], ["gone", "AAAAAAAAAAAA"], ["short", ""], ...rest] as const;
    assertEquals(compared(held, set), [
      ([[first?.[0] ?? "", "older"], ["gone", "AAAAAAAAAAAA"], ["short", ""]] as [string, string][]).sort((
        [a],
        [b],
      ) => a < b ? -1 : 1),
      [[second?.[0] ?? "", ""]],
    ]);
  }
  assertEquals(compared([]), [[], versions(SET).map(([name]) => [name, ""])]);
});

Deno.test("the version of one resource does not pass for that of another", () => {
  const held = versions(SET);
  const [one, other] = [held[3], held[4]];
  if (one !== undefined && other !== undefined) [one[1], other[1]] = [other[1], one[1]];
  assertEquals(compared(held)[0]?.length, 2);
});

Deno.test("xdstp names are compared in canonical form", () => {
  const names = Array.from({ length: 100 }, (_, i) => resource(`xdstp://a/t/${i}?a=1&b=2`, String(i)));
  const held = names.map(({ name, version }) => [name.replace("a=1&b=2", "b=2&a=1"), version] as const);
  const { differing, lacking } = compareHeld(
    readDeltaRequest(request(held)).request.held,
    new ResourceSet(CLUSTER.url, names),
  );
  assertEquals([[...differing], [...lacking()]], [[], []]);
});

Deno.test("an entry that is no message is refused when it is looked at", () => {
  const entries = Array.from({ length: 100 }, () => [0x2a, 2, 0x0a, 9]).flat();
  const { held } = readDeltaRequest(new Uint8Array(entries)).request;
  assertEquals(held.size, 100);
  assertThrows(() => compareHeld(held, SET), MalformedMessage);
});
