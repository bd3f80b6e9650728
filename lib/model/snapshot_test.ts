import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { createResource, type Resource } from "./resource.ts";
import { difference, ResourceSet } from "./resource_set.ts";
import { createSnapshot, replacements, type Snapshot } from "./snapshot.ts";
import { CLUSTER, ENDPOINTS, VIRTUAL_HOST } from "./types.ts";

const TYPES = [CLUSTER.url, ENDPOINTS.url, VIRTUAL_HOST.url];

function resource(type: string, name: string, content: number): Resource {
  return createResource({ type, name, bytes: new Uint8Array([content]), references: [], origin: undefined });
}

/** Numbers below a bound, the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  return (bound) => {
    seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return ((seed ^ seed >>> 13) >>> 0) % bound;
  };
}

/** A change as a write or a file makes it: other contents in place, new resources at the end, some gone. */
function change(resources: readonly Resource[], roll: (bound: number) => number): Resource[] {
  const next = [...resources];
  const kind = roll(4);
  for (let times = roll(4); times >= 0 && next.length > 0 && kind < 3; times--) {
    const place = roll(next.length);
    const old = next[place];
    if (old !== undefined) next[place] = resource(old.type, old.name, roll(3));
  }
  if (kind === 3) {
    const [type = CLUSTER.url, name] = [TYPES[roll(TYPES.length)], `n${roll(400)}`];
    const there = next.findIndex((one) => one.type === type && one.name === name);
    if (there < 0) next.splice(roll(2) === 0 ? next.length : roll(next.length + 1), 0, resource(type, name, roll(3)));
    else next.splice(there, 1);
  }
  return next;
}

function content(snapshot: Snapshot): unknown {
  return [...snapshot.sets].map((set) => [
    ...[set.type, set.version, set.size],
    [...set].map(({ name, version }) => [name, version, set.get(name)?.version, set.has(name)]),
  ]);
}

function plainDifference(from: ResourceSet, to: ResourceSet): unknown {
  return {
    changed: [...to].filter(({ name, version }) => from.get(name)?.version !== version).map(({ name }) => name),
    removed: [...from].filter(({ name }) => !to.has(name)).map(({ name }) => name),
  };
}

Deno.test("a snapshot made from the one before is the same as one made from nothing, whatever led there", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const roll = dice(seed);
    let resources: Resource[] = [];
    for (let i = 0; i < 200; i++) resources.push(resource(TYPES[i % 2] ?? "", `n${i}`, 0));
    let snapshot = createSnapshot(resources);
    for (let round = 0; round < 40; round++) {
      const next = change(resources, roll);
      const made = createSnapshot(next, snapshot, undefined, resources);
      const fresh = createSnapshot(next);
      assertEquals(content(made), content(fresh));
      assertEquals(made.revision, fresh.revision);
      for (const type of TYPES) {
        const [from, to] = [snapshot.set(type), made.set(type)];
        const { changed, removed } = difference(from, to);
        assertEquals({ changed: changed.map(({ name }) => name), removed }, plainDifference(from, to));
        if (from.version === to.version) assertStrictEquals(from, to);
        // Back, too: an operator may take a change back.
        const back = difference(to, from);
        assertEquals(
          { changed: back.changed.map(({ name }) => name), removed: back.removed },
          plainDifference(to, from),
        );
      }
      resources = next;
      snapshot = made;
    }
  }
});

Deno.test("other contents for the same names share what has not changed, and have the label of the write", () => {
  const before = [resource(CLUSTER.url, "b", 1), resource(CLUSTER.url, "a", 1), resource(ENDPOINTS.url, "a", 1)];
  const after = [resource(CLUSTER.url, "b", 2), ...before.slice(1)];
  const first = createSnapshot(before, undefined, "v1");
  const second = createSnapshot(after, first, "v2", before);
  assertStrictEquals(second.set(ENDPOINTS.url), first.set(ENDPOINTS.url));
  assertEquals([second.set(CLUSTER.url).versionInfo, second.set(ENDPOINTS.url).versionInfo], ["v2", "v1"]);
  assertEquals(first.set(CLUSTER.url).get("b")?.bytes[0], 1);
  assertEquals(second.set(CLUSTER.url).get("b")?.bytes[0], 2);
  const same = [resource(CLUSTER.url, "b", 2), ...before.slice(1)];
  assertStrictEquals(createSnapshot(same, second, "v3", after), second);
});

Deno.test("of a list with one name twice the later one counts, also when the list is much as before", () => {
  const [first, second] = [resource(CLUSTER.url, "a", 1), resource(CLUSTER.url, "a", 2)];
  const snapshot = createSnapshot([first, second]);
  const next = createSnapshot([resource(CLUSTER.url, "a", 3), second], snapshot, undefined, [first, second]);
  assertEquals(next.set(CLUSTER.url).get("a")?.bytes[0], 2);
});

Deno.test("replacements are other contents in the same places, and nothing else is", () => {
  const [a, b, other] = [resource(CLUSTER.url, "a", 1), resource(CLUSTER.url, "b", 1), resource(CLUSTER.url, "a", 2)];
  assertEquals(replacements([a, b], [a, b]), []);
  assertEquals(replacements([a, b], [other, b]), [other]);
  assertEquals(replacements([a, b], [b, a]), undefined);
  assertEquals(replacements([a, b], [a]), undefined);
  assertEquals(replacements([a, b], [a, b, other]), undefined);
  assertEquals(replacements([a], [resource(ENDPOINTS.url, "a", 1)]), undefined);
});

Deno.test("a version depends on names and contents, not on order or size of what is hashed together", () => {
  const some = (count: number, content = 1) => {
    return Array.from({ length: count }, (_, i) => resource(CLUSTER.url, `n${i}`, i === 70 ? content : 1));
  };
  const version = (resources: Resource[], type = CLUSTER.url) => new ResourceSet(type, resources).version;
  const all = [some(63), some(64), some(65), some(128), some(129), some(129, 2)].map((each) => version(each));
  assertEquals(new Set(all).size, all.length);
  assertEquals(version(some(129)), version(some(129).reverse()));
  assert(version(some(64)) !== version(some(64), ENDPOINTS.url));
});
