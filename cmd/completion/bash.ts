/**
 * The completion script of bash, 3.2 (that of macOS) and later.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { firstWordsOf, placesOf } from "./table.ts";

export function bash(commands: readonly Command[]): string {
  const choices = commands.flatMap(({ name: command, flags }) =>
    flags.flatMap(({ name, short, choices }) => {
      if (choices === undefined) return [];
      const spellings = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
      return [row(spellings.map((flag) => `"${command} ${flag}"`).join(" | "), choices)];
    })
  );
  const first = firstWordsOf(commands).map(({ command, words }) => row(`"${command} 2"`, words));
  const flags = placesOf(commands).map(({ command, part, flags }) =>
    row(part === undefined ? `"${command} "*` : `"${command} ${part}"`, flags.map(({ name }) => `--${name}`))
  );
  // Where nothing is known there are files: 3.2 cannot be told which flags have none.
  return `# Completion of xcp for bash: source <(xcp completion bash)
_xcp() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} known=
  COMPREPLY=()
  # --flag=value is three words.
  if [ "$cur" = "=" ]; then
    cur=
  elif [ "$before" = "=" ]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    known="${commands.map(({ name }) => name).join(" ")}"
  else
    case "\${COMP_WORDS[1]} $before" in
${choices.join("\n")}
    esac
  fi
  if [ -z "$known" ]; then
    case "$cur" in
    -*)
      case "\${COMP_WORDS[1]} \${COMP_WORDS[2]-}" in
${flags.join("\n")}
      esac
      ;;
    *)
      case "\${COMP_WORDS[1]} $COMP_CWORD" in
${first.join("\n")}
      esac
      ;;
    esac
  fi
  [ -z "$known" ] || COMPREPLY=($(compgen -W "$known" -- "$cur"))
}
complete -o default -F _xcp xcp
`;
}

function row(pattern: string, known: readonly string[]): string {
  return `      ${pattern}) known="${known.join(" ")}" ;;`;
}
