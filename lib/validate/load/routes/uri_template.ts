/**
 * Path templates: `/api/{version=v1}/{file=**}`.
 *
 * Source: `source/extensions/path/uri_template_lib` of Envoy.
 *
 * @module
 */

const MAX_VARIABLES = 5;
const MAX_NAME = 16;

/** Characters of a path segment (RFC 3986, appendix A), with `*` and without `=` outside of the end of a name. */
const LITERAL = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=*]+$/;
const REWRITE_LITERAL = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=*/]+$/;
const NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;

/** What a template is made of, in its order: how many glob operators there are, and which variables. */
interface Seen {
  readonly names: string[];
  textGlob: boolean;
}

/** Why Envoy refuses a template that paths are matched with, or undefined. */
export function templateFault(template: string): string | undefined {
  if (!/^\/[\x21-\x7e]*$/.test(template)) return "it must begin with a slash, and be of printable characters";
  const seen: Seen = { names: [], textGlob: false };
  let rest = template.slice(1);
  while (rest !== "") {
    const item = nextItem(rest);
    if (typeof item === "string") return item;
    const fault = item.name !== undefined
      ? variableFault(item.text, seen)
      : item.glob
      ? globFault(item.text, seen)
      : undefined;
    if (fault !== undefined) return fault;
    rest = rest.slice(item.text.length);
    if (rest === "" || rest === "/") break;
    if (rest.startsWith("/")) {
      rest = rest.slice(1);
      continue;
    }
    if (rest.includes("/")) return `"${rest}" follows a variable or an operator: nothing but the end may`;
    return LITERAL.test(rest) ? undefined : `"${rest}" is no text of a path`;
  }
  return undefined;
}

/** The segment that a rest begins with: an operator, a variable, or text up to the next slash. */
function nextItem(rest: string): { text: string; name?: string; glob?: boolean } | string {
  if (rest.startsWith("*")) return { text: rest.startsWith("**") ? "**" : "*", glob: true };
  if (rest.startsWith("{")) {
    const end = rest.indexOf("}");
    return end < 0 ? "a bracket is not closed" : { text: rest.slice(0, end + 1), name: rest.slice(1, end) };
  }
  const [text = ""] = rest.split("/", 1);
  return LITERAL.test(text) ? { text } : `"${text}" is no text of a path`;
}

function globFault(glob: string, seen: Seen): string | undefined {
  if (seen.textGlob) return "no operator or variable may follow **";
  seen.textGlob = glob === "**";
  return undefined;
}

function variableFault(variable: string, seen: Seen): string | undefined {
  const inside = variable.slice(1, -1);
  const equals = inside.indexOf("=");
  const name = equals < 0 ? inside : inside.slice(0, equals);
  if (!NAME.test(name)) return `"${name}" is no name of a variable`;
  if (name.length > MAX_NAME) return `the name "${name}" has more than ${MAX_NAME} characters`;
  if (seen.names.includes(name)) return `variable "${name}" is there twice`;
  if (seen.names.push(name) > MAX_VARIABLES) return `it has more than ${MAX_VARIABLES} variables`;
  if (equals < 0) return seen.textGlob ? "no operator or variable may follow **" : undefined;
  const parts = inside.slice(equals + 1).split("/");
  for (const part of parts) {
    const isGlob = part === "*" || part === "**";
    if (!isGlob && (part.startsWith("*") || !LITERAL.test(part))) return `"${part}" is no text of a path`;
    const fault = isGlob ? globFault(part, seen) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Why Envoy refuses a template that paths are rewritten by, or undefined. */
export function rewriteFault(template: string): string | undefined {
  if (!template.startsWith("/")) return "it must begin with a slash";
  if (template.includes("//")) return "it has two slashes in a row";
  for (const part of template.split(/(?=\{)|(?<=\})/)) {
    if (!part.startsWith("{")) {
      if (!REWRITE_LITERAL.test(part)) return `"${part}" is no text of a path`;
    } else if (!part.endsWith("}")) {
      return "a bracket is not closed";
    } else if (!NAME.test(part.slice(1, -1))) {
      return `"${part.slice(1, -1)}" is no name of a variable`;
    }
  }
  return undefined;
}

/** The names of the variables of a template that is valid. */
export function templateNames(template: string): string[] {
  return Array.from(template.matchAll(/\{([^}=]*)/g), ([, name = ""]) => name);
}
