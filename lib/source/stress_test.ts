import { assertEquals } from "@std/assert";
import { stress } from "./stress.ts";
import { Followed, show, Tree } from "./testing.ts";

for (const seed of [1, 2, 3]) {
  Deno.test(`after 200 random operations the layer is that of a fresh look, seed ${seed}`, async () => {
    using tree = new Tree();
    tree.write("config/always.yaml", "always 1");
    await using followed = await Followed.load(tree.path("config"), { quietMs: 5, pollMs: 20, maxWaitMs: 50 });
    await stress(tree, seed, 200);
    await using fresh = await Followed.load(tree.path("config"));
    const last = await followed.until(show(fresh.last));
    assertEquals(last.rules, fresh.last.rules);
    assertEquals(last.common.issues, fresh.last.common.issues);
  });
}
