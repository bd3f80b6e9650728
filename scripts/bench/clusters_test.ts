import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { loadApi } from "../../lib/model/api.ts";
import { readFile } from "../../lib/model/codec/read.ts";
import { cluster } from "./clusters.ts";

Deno.test("the clusters are valid, of an ordinary size, and differ by index and revision", () => {
  const api = loadApi();
  const read = (index: number, revision: number) => {
    const { resources, issues } = readFile(api, JSON.stringify(cluster(index, revision)), "a.json", "test");
    assertEquals(issues, []);
    const [resource] = resources;
    assert(resource !== undefined);
    return resource;
  };
  const one = read(17, 0);
  assert(one.bytes.length > 600 && one.bytes.length < 900, `${one.bytes.length} bytes`);
  assertNotEquals(read(18, 0).name, one.name);
  assertEquals(read(17, 1).name, one.name);
  assertNotEquals(read(17, 1).version, one.version);
});
