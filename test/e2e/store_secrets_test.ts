import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { createAuthority } from "../certificates.ts";
import { cluster, documents, fileStore, type Folder, runXcp, secret, snapshot, temporaryFolder } from "./harness.ts";

const PASSWORD = "hush-hush-password-of-a-key";
/** No secret: what must be found, or nothing would be. */
const KNOWN = "known-to-everybody";
const KEY = createAuthority().issue({ commonName: "site" }).key;

/** Lines of a key without those that every key has. */
const KEY_LINES = KEY.split("\n").filter((line) => line.length > 20 && !line.startsWith("---"));

/** A Secret, a password inside an `Any` of a cluster, and a cluster that anybody may see. */
const CONFIG = documents(
  secret("cert", { cert: "a public chain", key: KEY }),
  cluster(
    "upstream",
    `transport_socket:
  name: tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
    common_tls_context:
      tls_certificates:
        - certificate_chain: { filename: /chain }
          private_key: { filename: /key }
          password: { inline_string: ${PASSWORD} }`,
  ),
  cluster("plain", `alt_stat_name: ${KNOWN}`),
);

/** Every file below a folder: as it is stored, and what comes out of it where it is packed. */
async function everyByte(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    found.push(entry.name);
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    found.push(bytes.toString("latin1"));
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) found.push(gunzipSync(bytes).toString("latin1"));
  }
  return found;
}

/** Which of the secrets are in a text, as they are or in the forms in which bytes become text. */
function secretsIn(texts: readonly string[]): string[] {
  const der = Buffer.from(KEY_LINES.join(""), "base64");
  const needles = [PASSWORD, ...KEY_LINES, der.toString("latin1"), der.toString("hex")];
  const forms = needles.flatMap((text) => [text, Buffer.from(text).toString("base64").slice(0, 24)]);
  return forms.filter((form) => texts.some((text) => text.includes(form)));
}

interface Place extends AsyncDisposable {
  readonly folder: Folder;
  readonly config: string;
  readonly store: string;
}

async function place(): Promise<Place> {
  const folder = await temporaryFolder();
  await folder.write("config/a.yaml", CONFIG);
  return {
    folder,
    config: folder.at("config"),
    store: fileStore(folder),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("a push that is not told what becomes of secrets stores nothing, and names none", async () => {
  await using at = await place();
  const { code, stdout, stderr } = await runXcp(["snapshot", "push", at.config, at.store]);
  assertEquals(code, 65);
  assertStringIncludes(stderr, '2 resources hold secrets: cluster "upstream"');
  assertStringIncludes(stderr, 'secret "cert"');
  assertEquals(secretsIn([stdout, stderr]), []);
  const stored = await readdir(at.folder.at("store"), { recursive: true }).catch(() => []);
  assertEquals(stored.filter((name) => /chunks.+|snapshots.+|latest/.test(name)), []);
});

Deno.test("no stored byte tells a secret that was left out", async () => {
  await using at = await place();
  await snapshot(["push", at.config, at.store, "--without-secrets"]);
  const stored = await everyByte(at.folder.at("store"));
  assert(stored.some((text) => text.includes(KNOWN)), "what is no secret is not found either");
  assertEquals(secretsIn(stored), []);
});

Deno.test("no stored byte tells a secret that is encrypted, and who has the identity has it again", async () => {
  await using at = await place();
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  await snapshot(["push", at.config, at.store, "--with-secrets", recipient]);
  const stored = await everyByte(at.folder.at("store"));
  assert(stored.some((text) => text.includes(KNOWN)), "what is no secret is not found either");
  assertEquals(secretsIn(stored), []);
  assertEquals(stored.some((text) => text.includes(identity)), false);

  await at.folder.write("identity", identity);
  await snapshot(["pull", at.store, at.folder.at("out"), "--identity", at.folder.at("identity")]);
  const pulled = await everyByte(at.folder.at("out"));
  assertEquals(secretsIn(pulled).includes(PASSWORD), true, "the grep finds no secret where there is one");
  assert(KEY_LINES.every((line) => secretsIn(pulled).includes(line)));
  const files = await readdir(at.folder.at("out"), { recursive: true, withFileTypes: true });
  for (const { name, parentPath } of files.filter((entry) => entry.isFile())) {
    const file = join(parentPath, name);
    if (secretsIn([await readFile(file, "latin1")]).length > 0) assertEquals((await stat(file)).mode & 0o777, 0o600);
  }
});

Deno.test("a push that only says what it would do makes no store, and says when there is none", async () => {
  await using at = await place();
  const args = ["snapshot", "push", at.config, at.store, "--without-secrets", "--dry-run"];
  const { code, stdout, stderr } = await runXcp(args);
  assertEquals([code, stdout], [66, ""]);
  assertStringIncludes(stderr, `Cannot open "${at.store}": no such directory`);
  assertEquals(await readdir(at.folder.path), ["config"]);
  await snapshot(["push", at.config, at.store, "--without-secrets"]);
  const before = await everyByte(at.folder.at("store"));
  await at.folder.write("config/b.yaml", cluster("more"));
  const dry = await runXcp(args);
  assertEquals([dry.code, dry.stderr], [0, ""]);
  assertStringIncludes(dry.stdout, `Would push to ${at.store}: `);
  assertEquals(await everyByte(at.folder.at("store")), before);
});
