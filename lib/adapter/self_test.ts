import { assertEquals, assertMatch } from "@std/assert";
import { hostCommand } from "./self.ts";

Deno.test("a compiled xcp starts its own binary again, wherever it is and whatever it was called with", () => {
  const program = { argv: ["bun", "/$bunfs/root/xcp", "serve", "./a.ts"], execPath: "/usr/bin/xcp" };
  assertEquals(hostCommand("/srv/a.ts", "./a.ts", program), {
    command: "/usr/bin/xcp",
    args: ["adapter-host", "/srv/a.ts", "./a.ts"],
  });
});

Deno.test("from source a file is run by an entry that needs no packages, and a built-in adapter by main.ts", async () => {
  const program = { argv: ["deno", "/src/some_test.ts"], execPath: "/usr/bin/deno" };
  for (const [adapter, entry] of [["/srv/a.ts", /host\/main\.ts$/], ["builtin:x", /main\.ts$/]] as const) {
    const { command, args } = hostCommand(adapter, "a", program);
    const path = args.find((arg) => arg.endsWith(".ts")) ?? "";
    const { isFile } = await Deno.stat(path);
    assertEquals([command, args.slice(-2), isFile], ["/usr/bin/deno", [adapter, "a"], true]);
    assertMatch(path, entry);
  }
});
