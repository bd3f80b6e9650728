import { assertEquals, assertThrows } from "@std/assert";
import { CommandError } from "./exit.ts";
import { type Flag, parseFlags } from "./flags.ts";

const FLAGS: readonly Flag[] = [
  { name: "listen", value: "ADDR", repeat: true, env: true, help: "" },
  { name: "admin", value: "ADDR", env: true, help: "" },
  { name: "mode", short: "m", value: "MODE", choices: ["a", "b"], env: true, help: "" },
  { name: "tls-cert", value: "FILE", help: "" },
  { name: "loud", env: true, help: "" },
];

const parse = (args: string[], env: Record<string, string> = {}) => parseFlags(FLAGS, args, env);

function refusal(args: string[], env: Record<string, string> = {}): CommandError {
  const error = assertThrows(() => parse(args, env), CommandError);
  assertEquals(error.exitCode, 64);
  return error;
}

Deno.test("words and flags may be mixed, and -- ends the flags", () => {
  const parsed = parse(["one", "--admin=x", "--loud", "two", "--", "--admin"]);
  assertEquals(parsed.words, ["one", "two", "--admin"]);
  assertEquals([parsed.one("admin"), parsed.on("loud")], ["x", true]);
});

Deno.test("a flag that may repeat keeps all values in order", () => {
  assertEquals(parse(["--listen", "a", "--listen=b"]).all("listen"), ["a", "b"]);
});

Deno.test("a flag that may not repeat is refused the second time", () => {
  assertEquals(refusal(["--admin", "a", "--admin", "b"]).message, 'Cannot take "--admin" twice: it has one value');
});

Deno.test("an unknown flag is refused and the known ones are told", () => {
  const error = refusal(["--listne", "x"]);
  assertEquals(error.message, 'Cannot take "--listne": there is no such flag');
  assertEquals(error.unknown?.known.includes("--listen"), true);
});

Deno.test("a flag does not take the next flag for its value", () => {
  refusal(["--listen", "--loud"]);
  refusal(["--listen"]);
  assertEquals(parse(["--admin=-x"]).one("admin"), "-x");
});

Deno.test("an empty value is refused on the command line and unset in the environment", () => {
  refusal(["--admin="]);
  assertEquals(parse([], { XCP_ADMIN: "" }).one("admin"), undefined);
});

Deno.test("only a choice is taken, also by its short name and from the environment", () => {
  assertEquals(parse(["-m", "b"]).one("mode"), "b");
  refusal(["--mode", "c"]);
  refusal([], { XCP_MODE: "c" });
});

Deno.test("a switch takes true and false", () => {
  assertEquals(parse(["--loud=false"], { XCP_LOUD: "true" }).on("loud"), false);
  for (const text of ["1", "yes", "ON", "True"]) assertEquals(parse([], { XCP_LOUD: text }).on("loud"), true);
  refusal(["--loud=maybe"]);
});

Deno.test("the command line wins over the environment, and that over the file", () => {
  const file = new Map([["admin", ["file"]], ["listen", ["file"]], ["mode", ["a"]]]);
  const parsed = parse(["--admin", "flag"], { XCP_ADMIN: "env", XCP_LISTEN: "env, more" }).over(file);
  assertEquals(parsed.one("admin"), "flag");
  assertEquals(parsed.all("listen"), ["env", "more"]);
  assertEquals(parsed.one("mode"), "a");
  assertEquals([parsed.from("admin"), parsed.from("listen"), parsed.from("mode")], [
    "--admin",
    "XCP_LISTEN",
    '"mode" in the settings file',
  ]);
});

Deno.test("a flag without env is not read from the environment", () => {
  assertEquals(parse([], { XCP_TLS_CERT: "x" }).one("tls-cert"), undefined);
});

Deno.test("a value that may be left out is the next word only where that can be one", () => {
  const flags: Flag[] = [...FLAGS, { name: "ask", value: "PATH", optional: (next) => next.startsWith("/"), help: "" }];
  const asked = (...args: string[]) => {
    const { words, one } = parseFlags(flags, args, {});
    return [one("ask"), words];
  };
  assertEquals(asked("a"), [undefined, ["a"]]);
  assertEquals(asked("--ask", "a"), ["", ["a"]]);
  assertEquals(asked("a", "--ask"), ["", ["a"]]);
  assertEquals(asked("--ask", "/bin/x", "a"), ["/bin/x", ["a"]]);
  assertEquals(asked("--ask=b", "a"), ["b", ["a"]]);
  assertEquals(asked("--ask", "--loud", "/a"), ["", ["/a"]]);
  assertEquals(asked("a", "--", "--ask", "/b"), [undefined, ["a", "--ask", "/b"]]);
  for (const twice of [["--ask", "--ask"], ["--ask=/a", "--ask", "/b"]]) {
    const error = assertThrows(() => parseFlags(flags, twice, {}), CommandError);
    assertEquals(error.message, 'Cannot take "--ask" twice: it has one value');
  }
  assertThrows(() => parseFlags(flags, ["--ask="], {}), CommandError, "the value is empty");
});
