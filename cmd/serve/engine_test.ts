import { assertEquals } from "@std/assert";
import { type Executable, FRUGAL, tuneEngine } from "./engine.ts";

type Started = { file: string; args: readonly string[]; env: Readonly<Record<string, string>> };

/** What a program starts in its place. */
function started(changes: Partial<Executable> = {}, options?: typeof FRUGAL): Started[] {
  const starts: Started[] = [];
  tuneEngine({
    argv: ["bun", "/$bunfs/root/xcp", "serve", "a b", "--listen", ":0"],
    argv0: "xcp",
    execPath: "/opt/xcp",
    env: { PATH: "/bin", GONE: undefined },
    execve: (file, args, env) => void starts.push({ file, args, env }),
    ...changes,
  }, options);
  return starts;
}

Deno.test("a compiled program starts itself again once, with the same words and environment", () => {
  const [first, ...more] = started();
  assertEquals(more, []);
  assertEquals(first?.file, "/opt/xcp");
  assertEquals(first?.args, ["xcp", "serve", "a b", "--listen", ":0"]);
  assertEquals(first?.env["PATH"], "/bin");
  assertEquals("GONE" in (first?.env ?? {}), false);
  assertEquals(started({ env: first?.env ?? {} }), [], "it would start itself for ever");
});

Deno.test("other work takes other options", () => {
  const [first] = started({}, FRUGAL);
  const set = Object.keys(first?.env ?? {}).filter((name) => name.startsWith("BUN_JSC_"));
  assertEquals(set.sort(), Object.keys(FRUGAL).sort());
});

Deno.test("an option that somebody set stays as it is set", () => {
  const [first] = started({ env: { BUN_JSC_useFTLJIT: "1" } });
  assertEquals(first?.env["BUN_JSC_useFTLJIT"], "1");
});

Deno.test("a program that is not compiled, or cannot be replaced, runs as it is", () => {
  assertEquals(started({ argv: ["deno", "/srv/xcp/main.ts", "serve"] }), []);
  const execve = () => {
    throw new Error("EPERM");
  };
  assertEquals(started({ execve }), []);
  tuneEngine();
});
