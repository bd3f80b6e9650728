/**
 * `-o table|json|yaml`: data on stdout in the form that was asked for.
 *
 * @module
 */
import { type Flag, type Parsed } from "./flags.ts";

export type Form = "table" | "text" | "json" | "yaml" | "names" | "sarif";

/** The `-o` flag with the forms that a command has; the first is the default. */
export function outputFlag(first: Form, ...more: Form[]): Flag {
  return {
    name: "output",
    short: "o",
    value: "FORM",
    choices: [first, ...more],
    fallback: first,
    help: "form of the output",
  };
}

/** JSON for people and `jq`: indented, with a newline at its end. */
export function toJsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** YAML without anchors and folding. */
export async function toYamlText(value: unknown): Promise<string> {
  const { dump } = await import("js-yaml");
  return dump(value, { lineWidth: -1, noRefs: true });
}

/** The value as JSON or YAML. */
export async function formatted(form: "json" | "yaml", value: unknown): Promise<string> {
  return form === "json" ? toJsonText(value) : await toYamlText(value);
}

/** Which form was asked for. */
export function formOf<F extends Form>(parsed: Parsed, forms: readonly [F, ...F[]]): F {
  const asked = parsed.one("output");
  return forms.find((form) => form === asked) ?? forms[0];
}
