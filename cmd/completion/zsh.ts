/**
 * The completion script of zsh.
 *
 * @module
 */
import type { Command } from "../command.ts";
import type { Flag } from "../flags.ts";
import { isPath, type Place, placesOf } from "./table.ts";

export function zsh(commands: readonly Command[]): string {
  const places = placesOf(commands);
  const cases = commands.map((command) => {
    const own = places.filter((place) => place.command === command.name);
    if (command.parts === undefined) {
      return `    ${command.name})\n${own.map((place) => call(place, command)).join("")}`;
    }
    const parts = own.map((place) => `        ${place.part})\n    ${call(place, command)}`);
    return `    ${command.name})
      if (( CURRENT == 2 )); then
        compadd ${Object.keys(command.parts).join(" ")}
        return
      fi
      shift words
      (( CURRENT-- ))
      case $words[1] in
${parts.join("")}      esac
      ;;
`;
  });
  return `#compdef xcp
# Completion of xcp for zsh: source <(xcp completion zsh), or as a file _xcp in a folder of $fpath.
_xcp() {
  if (( CURRENT == 2 )); then
    local -a commands
    commands=(
${commands.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join("\n")}
    )
    _describe -t commands command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join("")}  esac
}
if [[ $funcstack[1] == _xcp ]]; then
  _xcp "$@"
else
  compdef _xcp xcp
fi
`;
}

function call({ flags, takesFiles }: Place, { words }: Command): string {
  const specs = flags.flatMap(specsOf);
  if (words?.known !== undefined) specs.push(`1:word:(${words.known.join(" ")})`);
  if (takesFiles) specs.push("*:file:_files");
  return `      _arguments ${specs.map(quoted).join(" ")} ;;\n`;
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html, `_arguments`. */
function specsOf(flag: Flag): string[] {
  const { name, short, value, repeat, help, optional, choices } = flag;
  const spellings = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  const once = repeat ? "*" : spellings.length > 1 ? `(${spellings.join(" ")})` : "";
  const action = choices !== undefined ? `(${choices.join(" ")})` : isPath(flag) ? "_files" : " ";
  return spellings.map((spelling) => {
    const says = `${once}${spelling}${
      value === undefined ? "" : optional ? "=-" : spelling.startsWith("--") ? "=" : "+"
    }`;
    const takes = value === undefined ? "" : `${optional ? "::" : ":"}${value.replaceAll(/[[\]:]/g, "\\$&")}:${action}`;
    return `${says}[${help.replaceAll(/[[\]\\]/g, "\\$&")}]${takes}`;
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
