/**
 * `xcp help`: examples first.
 *
 * @module
 */
import type { Command, Context, Entry } from "./command.ts";
import { EXIT, usageError } from "./exit.ts";
import { envName, type Flag, HELP } from "./flags.ts";

const WIDTH = 100;

/** The command that explains these, and itself among them. */
export function helpOn(commands: readonly Entry[]): Command {
  return {
    name: "help",
    summary: "explain a command",
    usage: "[COMMAND [PART]]",
    examples: [
      { does: "every flag of serve", line: "xcp help serve" },
      { does: "what belongs to one part of snapshot", line: "xcp help snapshot pull" },
    ],
    flags: [],
    words: { most: 2, known: commands.map(({ name }) => name) },
    async run({ words: [name, part] }, { stdout }: Context) {
      if (name === undefined) stdout.write(overview(commands));
      else {stdout.write(
          part === undefined ? explain(await find(commands, name)) : await explainPart(commands, name, part),
        );}
      return EXIT.ok;
    },
  };
}

async function find(commands: readonly Entry[], name: string): Promise<Command> {
  const entry = commands.find((entry) => entry.name === name);
  if (entry !== undefined) return await entry.load();
  throw usageError(`Cannot explain "${name}": there is no such command`, {
    unknown: { given: name, known: commands.map(({ name }) => name) },
    hint: `"xcp help" lists the commands`,
  });
}

/** What `xcp help COMMAND PART` prints. */
async function explainPart(commands: readonly Entry[], name: string, part: string): Promise<string> {
  const { parts = {}, flags, examples, ...command } = await find(commands, name);
  const found = Object.hasOwn(parts, part) ? parts[part] : undefined;
  if (found === undefined) {
    throw usageError(`Cannot explain "${name} ${part}": ${name} has no such part`, {
      unknown: { given: part, known: Object.keys(parts) },
      hint: `"xcp help ${name}" explains it`,
    });
  }
  return explain({
    ...command,
    usage: found.usage,
    examples: examples.filter(({ line }) => line.startsWith(`xcp ${name} ${part} `)),
    flags: flags.filter((flag) => found.flags.includes(flag.name)),
  });
}

/** What `xcp` and `xcp help` print. */
function overview(commands: readonly Entry[]): string {
  return `xcp is a control plane for Envoy: it turns files of Envoy YAML, what adapters generate, and what
programs write over HTTP into xDS streams.

Examples:
  # serve a directory on 127.0.0.1:18000
  xcp serve ./config

  # make an Envoy that follows it
  xcp bootstrap --node-id edge-1 --cluster edge > envoy.yaml && envoy -c envoy.yaml

  # see what it took, and what it rejected
  xcp status

  # or watch all of that at work first
  xcp playground

Commands:
${columns(commands.map(({ name, summary }) => [name, summary]))}
"xcp help COMMAND" has the examples and flags of one command.
`;
}

/** What `xcp help COMMAND` and `xcp COMMAND --help` print. */
export function explain({ name, summary, usage, examples, flags, notes = [] }: Command): string {
  const sections = [
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    ...(examples.length === 0
      ? []
      : [`Examples:\n${examples.map(({ does, line }) => `  # ${does}\n  ${line}`).join("\n\n")}`]),
    `Usage:\n  xcp ${name}${usage === "" ? "" : ` ${usage}`}`,
    `Flags:\n${columns([...flags, HELP].map((flag) => [flagColumn(flag), helpColumn(flag)])).trimEnd()}`,
    ...notes.map((note) => wrap(note, WIDTH).join("\n")),
  ];
  return `${sections.join("\n\n")}\n`;
}

function flagColumn({ short, name, value, choices, optional }: Flag): string {
  const placeholder = choices?.join("|") ?? value;
  if (optional !== undefined) return `--${name}[=${placeholder}]`;
  return `${short === undefined ? "" : `-${short}, `}--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`;
}

function helpColumn({ name, help, fallback, env, repeat }: Flag): string {
  const more = [
    ...(repeat ? ["may repeat"] : []),
    ...(fallback === undefined ? [] : [`default ${fallback}`]),
    ...(env ? [`$${envName(name)}`] : []),
  ];
  return more.length === 0 ? help : `${help} (${more.join("; ")})`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(34, Math.max(...rows.map(([name]) => name.length)));
  const margin = " ".repeat(left + 4);
  return rows.map(([name, text]) => {
    const lines = wrap(text, WIDTH - left - 4);
    const first = name.length > left ? `  ${name}\n${margin}` : `  ${name.padEnd(left)}  `;
    return `${first}${lines.join(`\n${margin}`)}\n`;
  }).join("");
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
