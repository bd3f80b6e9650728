/**
 * Encryption with age: public keys (recipients) and identities as the age tools write them, several of each.
 *
 * @see https://age-encryption.org/v1
 * @module
 */

/** What a text of keys says: the keys, or why it is no such text. Messages do not repeat what is in it. */
export type Keys =
  | { readonly kind: "keys"; readonly keys: readonly string[] }
  /** The state that follows the colon of a message: `line 3 is no age identity`. */
  | { readonly kind: "invalid"; readonly why: string };

/** Characters of the longest text of keys: a hundred of the longest, with comments. */
const LONGEST = 1024 * 1024;

/** Reads an identity file: one identity on each line, `#` comments, empty lines. */
export async function parseIdentities(text: string): Promise<Keys> {
  if (text.startsWith("age-encryption.org/") || text.startsWith("-----BEGIN AGE")) {
    return { kind: "invalid", why: "it is encrypted itself" };
  }
  const { Decrypter } = await import("age-encryption");
  return parse(text, "identity", (key) => {
    if (!key.startsWith("AGE-SECRET-KEY-")) throw new Error("of another kind");
    new Decrypter().addIdentity(key);
  });
}

/** Reads recipients: one on each line, as in a recipients file of age, or with commas between them. */
export async function parseRecipients(text: string): Promise<Keys> {
  const { Encrypter } = await import("age-encryption");
  return parse(text.replaceAll(",", "\n"), "recipient", (key) => new Encrypter().addRecipient(key));
}

function parse(text: string, what: "identity" | "recipient", check: (key: string) => void): Keys {
  if (text.length > LONGEST) return { kind: "invalid", why: `it is longer than ${LONGEST} characters` };
  const keys = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const key = line.trim();
    if (key === "" || key.startsWith("#")) continue;
    try {
      check(key);
    } catch {
      const other = key.startsWith("AGE-SECRET-KEY-") && what === "recipient" ? ", but an identity" : otherKind(key);
      return { kind: "invalid", why: `line ${index + 1} is no age ${what}${other}` };
    }
    keys.add(key);
  }
  return keys.size === 0 ? { kind: "invalid", why: `it holds no age ${what}` } : { kind: "keys", keys: [...keys] };
}

function otherKind(key: string): string {
  if (/^ssh-|OPENSSH/.test(key)) return ", but a key of SSH";
  return key.startsWith("AGE-PLUGIN-") ? ", but one of a plugin" : "";
}

/** Encrypts to all of the recipients: each of their identities opens it. */
export async function encrypt(bytes: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
}

/** What a decryption comes to; `no-match` when the file is whole, and none of the identities is of its recipients. */
export type Decrypted =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "no-match" }
  | { readonly kind: "damaged"; readonly cause: unknown };

export async function decrypt(bytes: Uint8Array, identities: readonly string[]): Promise<Decrypted> {
  const { Decrypter } = await import("age-encryption");
  let added = false;
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    added = true;
    return { kind: "bytes", bytes: await decrypter.decrypt(bytes) };
  } catch (error) {
    const none = added && error instanceof Error && error.message.startsWith("no identity matched");
    return none ? { kind: "no-match" } : { kind: "damaged", cause: error };
  }
}
