import { assert, assertEquals } from "@std/assert";
import { startChild } from "./child.ts";

Deno.test("a process that writes without end has no more than its share of the time", async () => {
  let busy = 0;
  let chunks = 0;
  const enough = Promise.withResolvers<void>();
  const begin = performance.now();
  const child = startChild({
    command: "yes",
    args: [],
    env: { PATH: Deno.env.get("PATH") ?? "" },
    stdout() {
      const start = performance.now();
      while (performance.now() - start < 2);
      busy += performance.now() - start;
      if (++chunks === 200) enough.resolve();
    },
    stderr() {},
  });
  await enough.promise;
  const share = busy / (performance.now() - begin);
  child.kill("SIGKILL");
  assertEquals(await child.ended, "it was killed by SIGKILL");
  assert(share < 0.75, `${share} of the time`);
});
