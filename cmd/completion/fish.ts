/**
 * The completion script of fish, 3.0 and later.
 *
 * @module
 */
import type { Command } from "../command.ts";
import type { Flag } from "../flags.ts";
import { firstWordsOf, isPath, placesOf } from "./table.ts";

export function fish(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) =>
    line("test (count (commandline -opc)) -eq 1", ["-a", name], summary)
  );
  const first = firstWordsOf(commands).map(({ command, words }) =>
    line(`__xcp_at ${command}; and test (count (commandline -opc)) -eq 2`, ["-a", words.join(" ")])
  );
  const places = placesOf(commands).flatMap(({ command, part, flags, takesFiles }) => {
    const at = ["__xcp_at", command, ...(part === undefined ? [] : [part])].join(" ");
    return [...(takesFiles ? [line(at, ["-F"])] : []), ...flags.map((flag) => line(at, optionsOf(flag), flag.help))];
  });
  return `# Completion of xcp for fish: xcp completion fish > ~/.config/fish/completions/xcp.fish
function __xcp_at --argument-names command part
    set -l typed (commandline -opc)
    test "$typed[2]" = "$command"
    and begin
        test -z "$part"
        or test "$typed[3]" = "$part"
    end
end
complete -c xcp -f
${[...names, ...first, ...places].join("\n")}
`;
}

function optionsOf(flag: Flag): string[] {
  const { name, short, value, choices, optional } = flag;
  const spelled = [...(short === undefined ? [] : ["-s", short]), "-l", name];
  if (value === undefined || optional !== undefined) return spelled;
  if (choices !== undefined) return [...spelled, "-x", "-a", choices.join(" ")];
  return [...spelled, ...(isPath(flag) ? ["-r", "-F"] : ["-x"])];
}

function line(condition: string, options: readonly string[], says?: string): string {
  const about = says === undefined ? [] : ["-d", quoted(says)];
  return ["complete -c xcp -n", quoted(condition), ...options.map(word), ...about].join(" ");
}

function word(text: string): string {
  return /^[\w-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
