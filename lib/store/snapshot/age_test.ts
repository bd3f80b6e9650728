import { assert, assertEquals } from "@std/assert";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { decrypt, encrypt, parseIdentities, parseRecipients } from "./age.ts";

const IDENTITY = "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTXM9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6";

/** What `age` 1.3.2 made of "written by age" for it. */
const WRITTEN_BY_AGE =
  "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBWYmw4eWhsSkRhODh1Qmp3Y1lsbE5xOC9UYjJuUkJabUlhWW5xOXVYVkdJ" +
  "CkNCejA2QmFjYm9DRlM0eElwcGNqVmdwellYdnlzZWJaakhNcEduTXJDcDQKLS0tIEVCV1pRMWNvSFlnYmljSWxlY0s3NGg4aDRGZk9iTU9N" +
  "bUl0WTRSWXI2bUEKAYbF66DtvcVjG1yteALNSmVlnQiO1odX9d5e/tenEUHwVi7E2VevFM93xbQsJQ==";

Deno.test("identity files of age are read: comments, empty lines, Windows ends, several", async () => {
  const other = await generateIdentity();
  const text = `# created: 2026-01-01\r\n# public key: age1…\r\n${IDENTITY}\r\n\n  ${other}\n${IDENTITY}\n`;
  assertEquals(await parseIdentities(text), { kind: "keys", keys: [IDENTITY, other] });
  const recipient = await identityToRecipient(other);
  assertEquals(await parseRecipients(`# team\n${recipient}`), { kind: "keys", keys: [recipient] });
  const two = await identityToRecipient(IDENTITY);
  assertEquals(await parseRecipients(`${recipient}, ${two}`), { kind: "keys", keys: [recipient, two] });
});

Deno.test("what is no key is told by its line, and never repeated", async () => {
  const recipient = await identityToRecipient(IDENTITY);
  const identities = [
    ["", "it holds no age identity"],
    ["# nothing\n", "it holds no age identity"],
    [`${IDENTITY}\n${IDENTITY.slice(0, -1)}Q`, "line 2 is no age identity"],
    [recipient, "line 1 is no age identity"],
    ["ssh-ed25519 AAAA", "line 1 is no age identity, but a key of SSH"],
    ["AGE-PLUGIN-YUBIKEY-1X", "line 1 is no age identity, but one of a plugin"],
    ["age-encryption.org/v1\n-> scrypt", "it is encrypted itself"],
    ["-----BEGIN AGE ENCRYPTED FILE-----", "it is encrypted itself"],
  ];
  for (const [text = "", why = ""] of identities) assertEquals(await parseIdentities(text), { kind: "invalid", why });
  const why = "line 1 is no age recipient, but an identity";
  assertEquals(await parseRecipients(IDENTITY), { kind: "invalid", why });
  assertEquals(await parseRecipients("age1x"), { kind: "invalid", why: "line 1 is no age recipient" });
});

Deno.test("a wrong identity is told from a file that is no age file or a damaged one", async () => {
  const bytes = new TextEncoder().encode("hello");
  const file = await encrypt(bytes, [await identityToRecipient(IDENTITY)]);
  assertEquals(await decrypt(file, [IDENTITY]), { kind: "bytes", bytes });
  assertEquals(await decrypt(file, [await generateIdentity()]), { kind: "no-match" });
  assertEquals((await decrypt(file.subarray(0, -1), [IDENTITY])).kind, "damaged");
  assertEquals((await decrypt(bytes, [IDENTITY])).kind, "damaged");
  assert(!JSON.stringify(await decrypt(bytes, [IDENTITY])).includes(IDENTITY));
});

Deno.test("what the age tool encrypts is read", async () => {
  const file = Uint8Array.from(atob(WRITTEN_BY_AGE), (character) => character.charCodeAt(0));
  assertEquals(await decrypt(file, [IDENTITY]), { kind: "bytes", bytes: new TextEncoder().encode("written by age") });
});
