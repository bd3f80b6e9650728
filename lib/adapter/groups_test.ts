import { assertEquals } from "@std/assert";
import { Groups } from "./groups.ts";

Deno.test("what is nested deeper than anybody can walk is an issue of its group, and no error in xcp", () => {
  const logged: string[] = [];
  const groups = new Groups({
    name: "./adapter.ts",
    read() {
      throw new RangeError("Maximum call stack size exceeded");
    },
    log: { error: (message: string) => logged.push(message), warn() {}, info() {}, debug() {} },
  });
  const changed = groups.take("edge", [{ "@type": "x" }]);
  assertEquals([changed.kind === "failed" && changed.message, logged], [
    'Cannot generate group "edge": it is nested too deeply, or too large, to be read',
    [],
  ]);
});
