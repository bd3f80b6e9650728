import { assertEquals } from "@std/assert";
import type { Layer, Part } from "../model/layer.ts";
import { createResource, type Resource } from "../model/resource.ts";
import { CLUSTER, ENDPOINTS, SECRET } from "../model/types.ts";
import { Composer } from "./compose.ts";

const TYPES = [CLUSTER.url, ENDPOINTS.url, SECRET.url];

/** Numbers below a bound, the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  return (bound) => {
    seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return ((seed ^ seed >>> 13) >>> 0) % bound;
  };
}

/** A resource that refers to others, which may be there. */
function resource(type: string, name: string, roll: (bound: number) => number): Resource {
  const references = Array.from({ length: roll(3) }, () => ({
    ...{ type: TYPES[roll(3)] ?? "", name: `n${roll(30)}`, path: "p", required: roll(2) === 0 },
    ...(roll(4) === 0 ? { bootstrap: true as const } : {}),
  }));
  return createResource({ type, name, bytes: new Uint8Array([roll(9)]), references, origin: undefined });
}

function change(resources: readonly Resource[], roll: (bound: number) => number): Resource[] {
  const next = [...resources];
  const place = roll(next.length);
  const old = next[place];
  if (old === undefined) return next;
  const kind = roll(8);
  if (kind === 0) next.splice(place, 1);
  else if (kind === 1) next.push(resource(TYPES[roll(3)] ?? "", `n${roll(30)}`, roll));
  else next[place] = resource(old.type, old.name, roll);
  return next;
}

function layer(name: string, common: Part): Layer {
  return { name, common, groups: new Map(), rules: [], failures: [] };
}

Deno.test("a candidate made from the one before is the same as one made from nothing", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const roll = dice(seed);
    const composer = new Composer("enforce");
    const parts = [0, 1].map((): Part => {
      const resources = Array.from({ length: 20 }, (_, i) => resource(TYPES[i % 3] ?? "", `n${i}`, roll));
      return { resources, issues: [] };
    });
    for (let round = 0; round < 40; round++) {
      const which = roll(2);
      parts[which] = { resources: change(parts[which]?.resources ?? [], roll), issues: [] };
      const layers = parts.map((part, i) => layer(`layer ${i}`, part));
      if (roll(2) === 0) composer.candidate("default", layers);
      // A preview that comes to nothing leaves nothing behind.
      if (roll(3) === 0) composer.candidate("default", layers.slice(0, 1));
      assertEquals(composer.compose(layers), new Composer("enforce").compose(layers));
    }
  }
});
