/**
 * How the secrets of one push are encrypted: as those of its parent, whose chunks then serve again, or anew.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Secrets } from "./content.ts";
import type { Encryption, Manifest } from "./format.ts";
import { type Held, seal } from "./seal.ts";

export interface Vault {
  /** Null when there are no secrets to encrypt. */
  readonly encryption: Encryption | null;
  /** The parent's encrypted chunks hold these very secrets, for these very recipients. */
  readonly same: boolean;
  /** A version that tells nothing of the secrets behind it; see {@link Encryption}. */
  hide(version: string): string;
}

/** `secrets` are those to encrypt. */
export async function openVault(
  secrets: readonly Held[],
  how: Secrets,
  parent: Manifest | undefined,
): Promise<Vault> {
  if (how.mode !== "encrypt" || secrets.length === 0) {
    return { encryption: null, same: false, hide: (version) => version };
  }
  const recipients = [...new Set(how.recipients)].sort();
  if (recipients.length === 0) throw new Error("Cannot encrypt secrets: there are no recipients");
  const before = parent?.encryption;
  if (before && before.recipients.join() === recipients.join()) {
    const { check, hide } = await seal(secrets, before.salt);
    if (check === before.check) return { encryption: before, same: true, hide };
  }
  const salt = randomBytes(16).toString("hex");
  const { check, hide } = await seal(secrets, salt);
  return { encryption: { recipients, salt, check }, same: false, hide };
}
