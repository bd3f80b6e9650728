/**
 * `deno task rules`: writes `docs/rules.md` from the catalogue of rules.
 *
 * @module
 */
import { CATALOGUE, CHAPTERS } from "../lib/validate/catalogue.ts";
import type { RuleDoc } from "../lib/validate/rule.ts";

export const RULES_PAGE = new URL("../docs/rules.md", import.meta.url);

/** The page as it is committed. */
export async function rulesPage(): Promise<string> {
  const chapters = CHAPTERS.map(({ title, rules }) => `## ${title}\n\n${rules.map(section).join("\n")}`);
  const text = `<!-- Made by \`deno task rules\` from lib/validate; do not edit. -->

# Rules

What \`xcp validate\` finds, and \`xcp serve\` refuses to serve: ${CATALOGUE.size} rules. The name stands in brackets behind
every issue, and never changes its meaning. An **error** is what Envoy rejects, a **warning** what it accepts and that will
not do what it says, **info** the rest.

${chapters.join("\n")}`;
  return await formatted(text);
}

function section({ name, severity, title, text, bad, good }: RuleDoc): string {
  let section = `### ${name}\n\n**${severity}**: ${title}.\n\n${text}\n`;
  if (bad !== undefined) section += `\n\`\`\`yaml\n# breaks the rule\n${bad.trimEnd()}\n\`\`\`\n`;
  if (good !== undefined) section += `\n\`\`\`yaml\n# is right\n${good.trimEnd()}\n\`\`\`\n`;
  return section;
}

/** As `deno fmt` leaves it. */
async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
    cwd: new URL("../", import.meta.url),
  }).spawn();
  const output = child.output();
  await new Blob([text]).stream().pipeTo(child.stdin);
  const { success, stdout } = await output;
  if (!success) throw new Error("Cannot format the page of rules");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(RULES_PAGE, await rulesPage());
