import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "./commands.ts";
import { ran } from "./testing/context.ts";

const SHELLS = ["bash", "zsh", "fish"];

Deno.test("every script knows every command, and every flag by its name", async () => {
  const commands = await Promise.all(COMMANDS.map(({ load }) => load()));
  for (const shell of SHELLS) {
    const { code, stdout, stderr } = await ran(["completion", shell]);
    assertEquals([code, stderr], [0, ""]);
    for (const { name, flags, parts = {} } of commands) {
      for (const word of [name, ...Object.keys(parts)]) assertStringIncludes(stdout, word);
      for (const flag of flags) assertStringIncludes(stdout, `${shell === "fish" ? "-l " : "--"}${flag.name}`);
    }
  }
});

Deno.test("a shell that is not there, and none, are refused with those there are", async () => {
  const none = await ran(["completion"]);
  assertEquals([none.code, none.stderr.split("\n")[1]], [64, "It is one of bash, zsh, fish"]);
  const other = await ran(["completion", "fishy"]);
  assertEquals(other.stderr, 'xcp: Cannot complete in "fishy": it is one of bash, zsh, fish\nDid you mean "fish"?\n');
});

/** What each shell offers behind these words; the last one is what is being typed. */
const OFFERED: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [["sna"], ["snapshot"]],
  [["snapshot", "p"], ["prune", "pull", "push"]],
  [["snapshot", "pull", "--as", ""], ["envoy", "json", "xcp"]],
  [["snapshot", "push", "--with"], ["--with-secrets", "--without-secrets"]],
  [["snapshot", "pull", "--with"], []],
  [["help", "sta"], ["status"]],
  [["completion", ""], ["bash", "fish", "zsh"]],
  [["status", "-o", ""], ["json", "table", "yaml"]],
];

Deno.test("bash offers what may follow", async () => {
  const cases = OFFERED.map(([words]) => `offer xcp ${words.map(quoted).join(" ")}`);
  const offer = `offer() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _xcp; echo "\${COMPREPLY[*]-}"; }`;
  const lines = await shell("bash", ["-uc"], [await script("bash"), offer, ...cases]);
  assertEquals(lines, OFFERED.map(([, offered]) => offered));
  // `--as=env` is three words to bash.
  const equals = `offer xcp snapshot pull --as = env; offer xcp snapshot pull --as =`;
  const values = await shell("bash", ["-uc"], [await script("bash"), offer, equals]);
  assertEquals(values, [["envoy"], ["envoy", "json", "xcp"]]);
});

Deno.test({
  name: "fish: what may follow is offered",
  ignore: !await isInstalled("fish"),
  async fn() {
    const cases = OFFERED.map(([words]) =>
      `echo (complete -C ${quoted(["xcp", ...words].join(" "))} | string split -f1 \\t)`
    );
    const lines = await shell("fish", ["--no-config", "-c"], [await script("fish"), ...cases]);
    assertEquals(lines, OFFERED.map(([, offered]) => offered));
  },
});

Deno.test({
  name: "zsh: what may follow is handed to its completion system",
  ignore: !await isInstalled("zsh"),
  async fn() {
    const system = `compdef() { : }; compadd() { print -r -- "$@" }; _arguments() { print -r -- "$@" }
_describe() { print -r -- \${commands%%:*} }
offer() { words=("$@"); CURRENT=$#; _xcp }`;
    const cases = OFFERED.map(([words]) => `offer xcp ${words.map(quoted).join(" ")}`);
    const text = (await output("zsh", ["-f", "-c"], [system, await script("zsh"), ...cases])).split("\n");
    for (const [at, [words, offered]] of OFFERED.entries()) {
      for (const word of offered) assertStringIncludes(text[at] ?? "", word);
      assertEquals(text[at]?.includes("--with-secrets"), words.includes("push"));
    }
    assertStringIncludes(text[2] ?? "", "--as=[pull: what is written]:FORM:(xcp envoy json)");
  },
});

async function script(name: string): Promise<string> {
  return (await ran(["completion", name])).stdout;
}

/** The words of each line, sorted: shells have their own orders. */
async function shell(program: string, args: readonly string[], lines: readonly string[]): Promise<string[][]> {
  const text = await output(program, args, lines);
  return text.trimEnd().split("\n").map((line) => line.split(" ").filter((word) => word !== "").sort());
}

async function output(program: string, args: readonly string[], lines: readonly string[]): Promise<string> {
  const command = new Deno.Command(program, { args: [...args, lines.join("\n")], stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
  return new TextDecoder().decode(stdout);
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

function quoted(text: string): string {
  return `'${text}'`;
}
