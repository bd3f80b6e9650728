/**
 * What becomes of secrets in a store, and who can read them there.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import type { Secrets } from "../lib/store/snapshot/content.ts";
import { CommandError, usageError } from "./exit.ts";
import type { Flag, Parsed } from "./flags.ts";
import { readNamed } from "./values.ts";

/** `--with-secrets` and `--without-secrets`; `of` names what they are about. */
export function secretFlags(of: string): readonly [Flag, Flag] {
  return [
    {
      name: "with-secrets",
      value: "RECIPIENTS",
      repeat: true,
      env: true,
      help: `${of}: encrypt secrets to these age public keys, or those in a file`,
    },
    { name: "without-secrets", env: true, help: `${of}: leave resources with secrets out` },
  ];
}

/**
 * What the flags say: recipients, or files of them. Nothing said: secrets are refused.
 *
 * @throws {CommandError} `usage`, `unreadable`, `invalid`
 */
export async function secretsOf(parsed: Parsed): Promise<Secrets> {
  const named = parsed.all("with-secrets");
  const without = parsed.on("without-secrets");
  if (without && parsed.from("with-secrets") !== "--with-secrets") return { mode: "without" };
  if (without && named.length > 0) throw usageError("Cannot take --with-secrets and --without-secrets: choose one");
  if (without) return { mode: "without" };
  if (named.length === 0) return { mode: "refuse" };
  const { parseRecipients } = await import("../lib/store/snapshot/age.ts");
  const recipients: string[] = [];
  for (const text of named) {
    const file = await isFile(text);
    const keys = await parseRecipients(file ? await readNamed(text) : text);
    if (keys.kind === "keys") recipients.push(...keys.keys);
    else if (file) {
      throw new CommandError("invalid", `Cannot use the recipients in "${text}": ${keys.why}`, {
        ...(keys.why.includes("identity") ? { hint: `"age-keygen -y FILE" prints the public keys of identities` } : {}),
      });
    } else {
      throw usageError(`Cannot take ${parsed.from("with-secrets")}: ${keys.why}`, {
        hint: "It takes age public keys (age1…), or a file of them, which has to be there",
      });
    }
  }
  return { mode: "encrypt", recipients: [...new Set(recipients)] };
}

async function isFile(text: string): Promise<boolean> {
  try {
    return (await stat(text)).isFile();
  } catch {
    return false;
  }
}
