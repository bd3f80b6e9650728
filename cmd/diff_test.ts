import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadApi } from "../lib/model/api.ts";
import { toJson } from "../lib/model/codec/print.ts";
import { readFile } from "../lib/model/codec/read.ts";
import { ran } from "./testing/context.ts";

async function world(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), "xcp-diff-"));
  for (const [folder, files] of [["a", a], ["b", b]] as const) {
    await mkdir(join(path, folder));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(path, folder, name, ".."), { recursive: true });
      await writeFile(join(path, folder, name), text);
    }
  }
  return { path, a: join(path, "a"), b: join(path, "b"), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

function cluster(name: string, seconds = 1): string {
  return `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: ${name}\nconnect_timeout: ${seconds}s\n`;
}

const secret = (text: string) =>
  `"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
name: api
generic_secret: { secret: { inline_string: ${text} } }
`;

Deno.test("the same content is no difference, however it is written, and exit code 0", async () => {
  await using at = await world({ "a.yaml": cluster("x") }, {
    "b.json": `{"connectTimeout": "1s", "name": "x",
    "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster"}`,
  });
  assertEquals(await ran(["diff", at.a, at.b]), { code: 0, stdout: "", stderr: "" });
});

Deno.test("what is added, changed and removed is told by group, and exit code 1", async () => {
  await using at = await world(
    { "a.yaml": cluster("same"), "groups/edge/e.yaml": cluster("old"), "groups/edge/f.yaml": cluster("x") },
    { "a.yaml": cluster("same"), "groups/edge/e.yaml": cluster("new"), "groups/edge/f.yaml": cluster("x", 2) },
  );
  const { code, stdout } = await ran(["diff", at.a, at.b]);
  assertEquals(code, 1);
  assertEquals(
    stdout,
    'group "edge"\n  + cluster new\n  ~ cluster x\n  - cluster old\n1 added, 1 changed, 1 removed\n',
  );
  const full = await ran(["diff", "--full", at.a, at.b]);
  assertStringIncludes(full.stdout, "    -connect_timeout: 1s\n    +connect_timeout: 2s\n");
  const json = JSON.parse((await ran(["diff", "-o", "json", at.a, at.b])).stdout);
  assertEquals([json.added, json.changed, json.removed, json.rules], [1, 1, 1, null]);
  const type = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  assertEquals(
    json.groups[0].resources.map((each: Record<string, unknown>) => [each.change, each.type, each.name]),
    [["added", type, "new"], ["changed", type, "x"], ["removed", type, "old"]],
  );
  assertEquals((await ran(["diff", "--group", "default", at.a, at.b])).code, 0);
});

Deno.test("a secret is compared and not shown", async () => {
  await using at = await world({ "s.yaml": secret("hush-one") }, { "s.yaml": secret("hush-two") });
  for (const form of ["table", "json"]) {
    const { code, stdout, stderr } = await ran(["diff", "--full", "-o", form, at.a, at.b]);
    assertEquals([code, stderr, stdout.includes("hush")], [1, "", false]);
    assertStringIncludes(stdout, "what differs is not shown");
  }
});

Deno.test("what cannot be read is trouble: exit code 2, and never no difference", async () => {
  await using at = await world({ "a.yaml": cluster("x") }, { "b.yaml": `${cluster("x")}nonsense: 1\n` });
  for (const other of [at.b, "/nowhere", `file://${at.path}/none`, "http://127.0.0.1:1"]) {
    const { code, stdout } = await ran(["diff", at.a, other]);
    assertEquals([code, stdout], [2, ""], other);
  }
  assertEquals((await ran(["diff", at.a])).code, 64);
});

/** The part of the admin API that is asked, over the resources of some files; without rules one of an earlier xcp. */
async function startServer(texts: readonly string[], rules?: readonly unknown[]) {
  const api = loadApi();
  const resources = texts.flatMap((text) => readFile(api, text, "x.yaml", "x").resources).map((resource) => ({
    type: resource.type,
    name: resource.name,
    version: resource.version,
    origin: null,
    resource: toJson(api, resource),
  }));
  const server = createServer((request, response) => {
    const bodies: Readonly<Record<string, unknown>> = {
      "/v1/groups": { groups: [{ name: "default", revision: "r" }] },
      "/v1/groups/default/effective": { group: "default", resources },
      "/v1/rules": rules === undefined ? undefined : { rules },
    };
    const body = bodies[request.url ?? ""];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(JSON.stringify(body ?? { detail: "Cannot find it: there is no such path" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

Deno.test("a running server is compared by its versions, its secrets too", async () => {
  await using at = await world({ "a.yaml": cluster("x"), "s.yaml": secret("hush") }, { "s.yaml": secret("other") });
  await using server = await startServer([cluster("x"), secret("hush")]);
  const same = await ran(["diff", server.url, at.a]);
  assertEquals([same.code, same.stdout], [0, ""]);
  assertMatch(same.stderr, /a server does not tell its rules\n$/);
  const other = await ran(["diff", server.url, at.b]);
  assertEquals([other.code, other.stdout], [
    1,
    'group "default"\n  - cluster x\n  ~ secret api\n0 added, 1 changed, 1 removed\n',
  ]);
});

const GROUPS_FILE = `rules:
- { group: default, id: "a-*", locality: { region: eu, sub_zone: x }, metadata: { role: edge } }
- { group: default, cluster: web }
`;
const RULES = [
  { group: "default", id: "a-*", locality: { region: "eu", sub_zone: "x" }, metadata: { role: "edge" } },
  { group: "default", cluster: "web" },
];

Deno.test("the rules of a running server are compared, and pushed with the rest", async () => {
  await using at = await world({ "a.yaml": cluster("x"), "groups.yaml": GROUPS_FILE }, { "a.yaml": cluster("x") });
  await using server = await startServer([cluster("x")], RULES);
  assertEquals(await ran(["diff", server.url, at.a]), { code: 0, stdout: "", stderr: "" });
  const other = await ran(["diff", server.url, at.b]);
  assertEquals([other.code, other.stderr], [1, ""]);
  assertStringIncludes(other.stdout, "~ rules that map nodes to groups: 2 before, 0 after");
  const store = `file://${at.path}/store`;
  const pushed = await ran(["snapshot", "push", server.url, store]);
  assertEquals([pushed.code, pushed.stderr], [0, ""]);
  assertEquals((await ran(["diff", store, at.a])).code, 0);
});

Deno.test("a server that does not tell its rules is pushed without, and that is said", async () => {
  await using at = await world({}, {});
  await using server = await startServer([cluster("x")]);
  const { code, stderr } = await ran(["snapshot", "push", server.url, `file://${at.path}/store`]);
  assertEquals(code, 0);
  assertEquals(stderr, "xcp: This server does not tell its rules: nodes belong to the group of their cluster\n");
});

Deno.test("a rule of a running server that cannot be understood is not passed over", async () => {
  await using at = await world({ "a.yaml": cluster("x") }, {});
  const wrong: readonly (readonly [unknown, string])[] = [
    [{ group: "default", zone: "a" }, 'rule 1 has a field that is not known: "zone"'],
    [{ group: "default", locality: { subZone: "a" } }, 'rule 1 has a field that is not known: "subZone"'],
    [{ group: "default", locality: "eu" }, "rule 1 has a locality that is no object"],
    [{ group: "default", metadata: { a: 1 } }, 'rule 1 has something other than a text in "a"'],
    [{ group: "default", id: null }, 'rule 1 has something other than a text in "id"'],
    [{ id: "*" }, "rule 1 names no group"],
    [["default"], "rule 1 is no object"],
  ];
  for (const [rule, state] of wrong) {
    await using server = await startServer([cluster("x")], [rule]);
    const { code, stderr } = await ran(["diff", server.url, at.a]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot read the rules of "${server.url}": its ${state}`);
  }
});

Deno.test("what a running server hides is not pushed as if it were whole", async () => {
  await using at = await world({}, {});
  await using server = await startServer([cluster("x"), secret("hush")]);
  const store = `file://${at.path}/store`;
  const refused = await ran(["snapshot", "push", server.url, store]);
  assertEquals(refused.code, 65);
  assertStringIncludes(refused.stderr, 'it does not tell all of 1 resource: secret "api" of group "default"');
  assertEquals((await ran(["snapshot", "push", server.url, store, "--without-secrets"])).code, 0);
  const shown = JSON.parse((await ran(["snapshot", "show", store, "-o", "json"])).stdout);
  assertEquals([shown.groups[0].types.length, shown.leftOut.length], [1, 1]);
});
