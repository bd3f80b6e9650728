import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ran } from "./testing/context.ts";

/** A folder with a configuration, and the URL of a store in it, which go with the test. */
async function world(files: Readonly<Record<string, string>> = { "clusters.yaml": cluster("orders") }) {
  const path = await mkdtemp(join(tmpdir(), "xcp-snapshot-"));
  const config = join(path, "config");
  await write(config, files);
  return {
    path,
    config,
    store: `file://${path}/store`,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

function cluster(name: string, seconds = 1): string {
  return `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: ${name}\nconnect_timeout: ${seconds}s\n`;
}

const SECRET = `"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
name: api
generic_secret: { secret: { inline_string: hush-hush } }
`;

Deno.test("what is pushed is told by log and show, and pushed once", async () => {
  await using at = await world();
  const pushed = await ran(["snapshot", "push", at.config, at.store, "--label", "v1"]);
  assertEquals([pushed.code, pushed.stderr], [0, ""]);
  assertMatch(
    pushed.stdout,
    /^Pushed snapshot 1 [0-9a-f]{12} \(v1\) to file:\/\/\S+: 1 resource, \d of \d chunks written, /,
  );
  assertMatch((await ran(["snapshot", "push", at.config, at.store])).stdout, /^Nothing to push: snapshot 1 /);
  const [entry, ...others] = JSON.parse((await ran(["snapshot", "log", at.store, "-o", "json"])).stdout);
  assertEquals(others, []);
  assertEquals([entry.number, entry.label, entry.parent, entry.resources, entry.pointers], [1, "v1", null, 1, [
    "latest",
  ]]);
  const shown = JSON.parse((await ran(["snapshot", "show", `${at.store}@v1`, "-o", "json"])).stdout);
  assertEquals([shown.hash, shown.provenance.from], [entry.hash, at.config]);
  assertMatch((await ran(["snapshot", "log", at.store])).stdout, /^NUMBER .*\n +1 .* v1 .* latest\n$/);
  assertMatch((await ran(["snapshot", "show", at.store])).stdout, /\ndefault +clusters +1 /);
});

Deno.test("a source with errors is refused, and one that lost everything", async () => {
  await using at = await world({ "a.yaml": `${cluster("a")}lb_polizy: 1\n` });
  const { code, stderr } = await ran(["snapshot", "push", at.config, at.store]);
  assertEquals(code, 65);
  assertMatch(stderr, /a\.yaml:4:1: error: .*\nxcp: Cannot use ".*": it has an error\n/);
  await writeFile(join(at.config, "a.yaml"), "");
  assertEquals((await ran(["snapshot", "push", at.config, at.store])).code, 65);
  assertEquals((await ran(["snapshot", "push", at.config, at.store, "--allow-empty"])).code, 0);
  assertEquals((await ran(["snapshot", "push", join(at.path, "none"), at.store])).code, 66);
});

Deno.test("secrets are pushed only when it is said what becomes of them", async () => {
  await using at = await world({ "a.yaml": cluster("a"), "s.yaml": SECRET });
  const refused = await ran(["snapshot", "push", at.config, at.store]);
  assertEquals([refused.code, refused.stdout], [65, ""]);
  assertStringIncludes(refused.stderr, '1 resource holds a secret: secret "api" of group "default"');
  const pushed = await ran(["snapshot", "push", at.config, at.store, "--without-secrets"]);
  assertEquals(pushed.code, 0);
  assertStringIncludes(pushed.stderr, '1 resource left out: secret "api" of group "default"');
  const pulled = await ran(["snapshot", "pull", at.store, join(at.path, "out")]);
  assertEquals([pulled.code, pulled.stderr], [0, 'xcp: secret "api" of group "default" is left out\n']);
});

Deno.test("encrypted secrets come back with an identity, for their owner alone, and not without", async () => {
  await using at = await world({ "a.yaml": cluster("a"), "s.yaml": SECRET });
  const { generateIdentity, identityToRecipient } = await import("age-encryption");
  const identity = await generateIdentity();
  await writeFile(join(at.path, "key.txt"), identity);
  const recipient = await identityToRecipient(identity);
  assertEquals((await ran(["snapshot", "push", at.config, at.store, "--with-secrets", recipient])).code, 0);
  const without = await ran(["snapshot", "pull", at.store, join(at.path, "without")]);
  assertStringIncludes(without.stderr, 'secret "api" of group "default" is left out');
  assertStringIncludes(without.stderr, "Secrets of this store are encrypted: --identity FILE reads them");
  const out = join(at.path, "with");
  const identified = ["--identity", join(at.path, "key.txt")];
  assertEquals((await ran(["snapshot", "pull", at.store, out, ...identified])).code, 0);
  const file = join(out, "groups/default/secrets.yaml");
  assertStringIncludes(await readFile(file, "utf8"), "hush-hush");
  assertEquals((await stat(file)).mode & 0o777, 0o600);
  assertEquals((await ran(["diff", at.store, out, ...identified])).code, 0);
  await writeFile(join(at.path, "other.txt"), await generateIdentity());
  const other = await ran(["snapshot", "pull", at.store, join(at.path, "o"), "--identity", join(at.path, "other.txt")]);
  assertEquals(other.code, 66);
  assertStringIncludes(other.stderr, '"xcp snapshot show STORE" names the public keys');
  const swapped = await ran(["snapshot", "push", at.config, at.store, "--with-secrets", join(at.path, "key.txt")]);
  assertEquals(swapped.code, 65);
  assertStringIncludes(swapped.stderr, '"age-keygen -y FILE" prints the public keys of identities');
  assertEquals((await ran(["snapshot", "push", at.config, at.store, "--with-secrets", "age1nonsense"])).code, 64);
});

const GROUPS = {
  "a.yaml": cluster("a"),
  "groups/edge/b.yaml": cluster("b"),
  "groups/bare/.keep": "",
  "groups.yaml": 'rules:\n- { group: edge, id: "e*", locality: { sub_zone: x }, metadata: { k: v } }\n',
};

for (const form of ["xcp", "json"]) {
  Deno.test(`what was pulled as ${form} is served the same, and swapped as a whole by the next pull`, async () => {
    await using at = await world(GROUPS);
    const out = join(at.path, "out");
    const pull = () => ran(["snapshot", "pull", at.store, out, "--as", form]);
    await ran(["snapshot", "push", at.config, at.store]);
    const pulled = await pull();
    assertEquals([pulled.code, pulled.stderr], [0, ""]);
    assertMatch(pulled.stdout, /^Pulled snapshot 1 [0-9a-f]{12} to .*: 4 resources in 3 groups\n$/);
    const same = await ran(["diff", at.config, out]);
    assertEquals(same, { code: 0, stdout: "", stderr: "" });
    assertEquals((await ran(["validate", "-q", out])).code, 0);
    const before = await readlink(join(out, ".data"));
    await write(at.config, { "groups/edge/b.yaml": cluster("c") });
    await ran(["snapshot", "push", at.config, at.store]);
    assertEquals((await pull()).code, 0);
    assertEquals((await ran(["diff", at.config, out])).code, 0);
    assertEquals((await readdir(out)).includes(before), false);
    assertEquals((await readdir(out)).filter((name) => name.startsWith(".data-")).length, 1);
  });
}

Deno.test("a directory that no pull has written is left alone", async () => {
  await using at = await world();
  await ran(["snapshot", "push", at.config, at.store]);
  const { code, stderr } = await ran(["snapshot", "pull", at.store, at.config]);
  assertEquals(code, 73);
  assertStringIncludes(stderr, "it is not empty, and no pull has written it");
  assertEquals(await readdir(at.config), ["clusters.yaml"]);
});

Deno.test("rollback, verify and prune say what they did, with their exit codes", async () => {
  await using at = await world();
  for (const seconds of [1, 2, 3]) {
    await write(at.config, { "clusters.yaml": cluster("orders", seconds) });
    assertEquals((await ran(["snapshot", "push", at.config, at.store])).code, 0);
  }
  const back = await ran(["snapshot", "rollback", `${at.store}@1`]);
  assertEquals(back.code, 0);
  assertMatch(back.stdout, /snapshot 4 [0-9a-f]{12} repeats 1, and is the newest\n$/);
  assertEquals((await ran(["snapshot", "rollback", `${at.store}@nothing`])).code, 66);
  assertEquals((await ran(["snapshot", "rollback", at.store])).code, 64);
  assertMatch((await ran(["snapshot", "verify", at.store])).stdout, /^4 snapshots, .*: all is as it was written\n/);
  const dry = await ran(["snapshot", "prune", at.store, "--keep", "2", "--dry-run"]);
  assertMatch(dry.stdout, /^Would remove 2 snapshots \(1-2\) and 1 chunk, /);
  assertMatch(
    (await ran(["snapshot", "prune", at.store, "--keep", "2"])).stdout,
    /^Removed 2 snapshots \(1-2\) and 1 chunk, /,
  );
  assertEquals((await ran(["snapshot", "prune", at.store])).code, 64);
  const [chunk = ""] = await readdir(join(at.path, "store", "chunks"));
  await rm(join(at.path, "store", "chunks", chunk));
  const damaged = await ran(["snapshot", "verify", at.store]);
  assertEquals(damaged.code, 65);
  assertStringIncludes(damaged.stdout, `chunks/${chunk}: it is not there; lost with it: snapshot `);
});

Deno.test("a store that is not there is no empty one, and is not made but by a push", async () => {
  await using at = await world();
  for (const action of [["log"], ["show"], ["verify"], ["prune", "--keep", "1"]]) {
    const { code } = await ran(["snapshot", action[0] ?? "", at.store, ...action.slice(1)]);
    assertEquals(code, 66, action[0]);
  }
  assertEquals(await readdir(at.path), ["config"]);
});

Deno.test("the commit of a clean tree is the label, unless one is given", async () => {
  await using at = await world();
  const run = promisify(execFile);
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: at.config });
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "one");
  const head = (await git("rev-parse", "HEAD")).stdout.trim();
  const labels = async () =>
    JSON.parse((await ran(["snapshot", "log", at.store, "-o", "json"])).stdout).map((entry: { label: unknown }) =>
      entry.label
    );
  await ran(["snapshot", "push", at.config, at.store]);
  assertEquals(await labels(), [head]);
  await write(at.config, { "clusters.yaml": cluster("orders", 9) });
  await ran(["snapshot", "push", at.config, at.store]);
  assertEquals(await labels(), [null, head]);
  await git("commit", "-qam", "two");
  await write(at.config, { ".gitignore": "more.yaml\n", "more.yaml": cluster("more") });
  await ran(["snapshot", "push", at.config, at.store, "--label", "mine"]);
  assertEquals(await labels(), ["mine", null, head]);
});

Deno.test("flags and words that mean nothing to an action are refused", async () => {
  await using at = await world();
  const cases = [
    ["snapshot"],
    ["snapshot", "pusch", at.config, at.store],
    ["snapshot", "push", at.config],
    ["snapshot", "push", at.config, "./not-a-store"],
    ["snapshot", "push", at.config, `${at.store}@1`],
    ["snapshot", "push", at.config, at.store, "--keep", "1"],
    ["snapshot", "push", at.config, at.store, "--label", "latest"],
    ["snapshot", "log", at.store, "more"],
    ["snapshot", "pull", at.store, "dir", "--group", "x"],
    ["snapshot", "prune", at.store, "--keep", "0"],
  ];
  for (const args of cases) assertEquals((await ran(args)).code, 64, args.join(" "));
});
