import { assertEquals, assertStringIncludes } from "@std/assert";
import { CLUSTER } from "../model/types.ts";
import { createResource } from "../model/resource.ts";
import { groupStatus } from "./testing/fake_hub.ts";
import { setUp } from "./testing/set_up.ts";

const PATH = "/v1/groups/edge/resources";
const JSON_TYPE = { "content-type": "application/json" };
const cluster = (name: string) => ({ "@type": CLUSTER.url, name });
const body = (content: unknown) => ({ method: "PUT", headers: JSON_TYPE, body: JSON.stringify(content) });
const PUT = body({ version: "v1", resources: [cluster("a"), cluster("b")] });

/** An answer as its status, and its body as JSON. */
async function told(response: Response) {
  return [response.status, await response.json()];
}

Deno.test("a layer is replaced, amended, read and dropped, and every answer has the tag of the group", async () => {
  const { ask, writes } = setUp();
  const put = await ask(PATH, PUT);
  assertEquals(put.headers.get("etag"), '"w1"');
  assertEquals(await told(put), [200, { group: "edge", revision: "w1", versions: { [CLUSTER.url]: "v1" } }]);
  assertEquals([...writes.written.get("edge")?.resources ?? []].map(({ name }) => name), ["a", "b"]);

  const read = await ask(PATH);
  assertEquals(read.headers.get("etag"), '"w1"');
  assertEquals(await told(read), [200, { version: "v1", resources: [cluster("a"), cluster("b")] }]);

  const patch = { upsert: [cluster("c")], remove: [{ type: "cluster", name: "a" }] };
  const patched = await ask(PATH, { ...body(patch), method: "PATCH" });
  assertEquals([patched.status, patched.headers.get("etag")], [200, '"w2"']);
  assertEquals(await (await ask(PATH)).json(), { resources: [cluster("b"), cluster("c")] });

  const dropped = await ask(PATH, { method: "DELETE" });
  assertEquals(await told(dropped), [200, { group: "edge", revision: null, versions: {} }]);
  assertEquals((await ask(PATH, { method: "DELETE" })).status, 404);
  assertEquals((await ask(PATH)).status, 404);
});

Deno.test("a layer that cannot be read is not shown as an empty one", async () => {
  const { ask, writes } = setUp();
  await ask(PATH, PUT);
  writes.damage = "Cannot read it";
  const read = await ask(PATH);
  assertEquals([read.status, (await read.json()).detail], [503, "Cannot read it"]);
});

Deno.test("a group is dropped by its own path too", async () => {
  const { ask, writes } = setUp();
  await ask(PATH, PUT);
  assertEquals((await ask("/v1/groups/edge", { method: "DELETE" })).status, 200);
  assertEquals(writes.written.size, 0);
});

Deno.test("nothing written to a group that is there is an empty list", async () => {
  const response = await setUp().ask(PATH);
  assertEquals(response.headers.get("etag"), '"r1"');
  assertEquals(await told(response), [200, { resources: [] }]);
});

Deno.test("a group that serves nothing yet has an empty list and no tag", async () => {
  const { ask, hub } = setUp();
  hub.list = [groupStatus({ name: "edge", revision: undefined })];
  const response = await ask(PATH);
  assertEquals(response.headers.get("etag"), null);
  assertEquals(await told(response), [200, { resources: [] }]);
});

Deno.test("conditions are handed on: a list, any, none; weak tags allow nothing", async () => {
  const { ask, writes } = setUp();
  const put = async (headers: Record<string, string>) => {
    const response = await ask(PATH, { ...PUT, headers: { ...JSON_TYPE, ...headers } });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await put({ "if-match": '"old", "r1"' }), 200);
  assertEquals(await put({ "if-match": '"r1"' }), 412);
  assertEquals(await put({ "if-match": 'W/"w1"' }), 412);
  assertEquals(await put({ "if-match": "*" }), 200);
  assertEquals(await put({ "if-none-match": "*" }), 412);
  assertEquals(writes.calls.map(([, , condition, absent]) => [condition, absent]), [
    [['"old"', '"r1"'], false],
    [['"r1"'], false],
    [[], false],
    [["*"], false],
    [undefined, true],
  ]);
  assertEquals(await put({ "if-match": "r1" }), 400);
  assertEquals(await put({ "if-none-match": '"r1"' }), 400);
  const conflict = await ask(PATH, { ...PUT, headers: { ...JSON_TYPE, "if-match": '"r1"' } });
  assertEquals(conflict.headers.get("etag"), '"w2"');
});

Deno.test("what did not change is not sent again", async () => {
  const { ask } = setUp();
  for (const path of [PATH, "/v1/groups/edge", "/v1/groups/edge/effective"]) {
    for (const tag of ['"r1"', 'W/"r1"', '"x", "r1"', "*"]) {
      const response = await ask(path, { headers: { "if-none-match": tag } });
      assertEquals([response.status, response.headers.get("etag"), await response.text()], [304, '"r1"', ""], path);
    }
    assertEquals((await ask(path, { headers: { "if-none-match": '"x"' } })).status, 200);
  }
});

Deno.test("a body that is no good is a 422 with its issues, and nothing is written", async () => {
  const { ask, writes } = setUp();
  const bad = { resources: [{ "@type": CLUSTER.url }, cluster("a"), { "@type": CLUSTER.url }] };
  const response = await ask(PATH, body(bad));
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const [status, { issues, ...problem }] = await told(response);
  const issue = { path: "", rule: "fake", severity: "error", message: "a resource needs a name" };
  assertEquals([status, issues], [422, Array(2).fill({ file: null, line: null, column: null, ...issue })]);
  assertEquals(problem, {
    type: "urn:xcp:problem:invalid-configuration",
    title: "Invalid configuration",
    status: 422,
    detail: 'Cannot write to group "edge": a resource needs a name, and 1 more',
  });
  assertEquals(writes.calls, []);
});

Deno.test("a body is JSON or YAML by its Content-Type, and nothing that a form can send", async () => {
  const { ask } = setUp();
  const put = async (headers: Record<string, string>) => (await ask(PATH, { ...PUT, headers })).status;
  const good = ["application/json", "application/yaml", "text/yaml; charset=utf-8", "application/x-yaml", "Text/YAML"];
  for (const type of good) assertEquals(await put({ "content-type": type }), 200, type);
  const bad = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/html"];
  for (const type of [...bad, "application/json; charset=latin1"]) {
    assertEquals(await put({ "content-type": type }), 415, type);
  }
  assertEquals(await put({ ...JSON_TYPE, "content-encoding": "gzip" }), 415);
});

Deno.test("what a page of another site sends is not written", async () => {
  const { ask, writes } = setUp();
  const host = "127.0.0.1:18001";
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    for (
      const headers of [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: "http://127.0.0.1:3000" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]
    ) {
      const init = {
        method,
        headers: { ...JSON_TYPE, ...headers },
        ...(method === "DELETE" ? {} : { body: PUT.body }),
      };
      for (const path of method === "DELETE" ? [PATH, "/v1/groups/edge"] : [PATH]) {
        assertEquals((await ask(path, init)).status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
      }
    }
  }
  assertEquals(writes.calls, []);
  for (
    const headers of [{ origin: `http://${host}` }, { "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }]
  ) {
    assertEquals((await ask(PATH, { ...PUT, headers: { ...JSON_TYPE, ...headers } })).status, 200);
  }
});

Deno.test("beyond loopback and without a token no page writes, whatever name it came by", async () => {
  const { ask } = setUp({ guard: { reach: "network", token: () => undefined } });
  const page = { host: "evil.test", origin: "http://evil.test", "sec-fetch-site": "same-origin" };
  assertEquals((await ask(PATH, { ...PUT, headers: { ...JSON_TYPE, ...page } })).status, 403);
  assertEquals((await ask(PATH, PUT)).status, 200);
});

Deno.test("a write takes the same token as a read", async () => {
  const { ask } = setUp({ guard: { reach: "network", token: () => "sesame" } });
  assertEquals((await ask(PATH, PUT)).status, 401);
  const headers = { ...JSON_TYPE, authorization: "Bearer sesame" };
  assertEquals((await ask(PATH, { ...PUT, headers })).status, 200);
});

Deno.test("a server that takes no writes says how it would", async () => {
  const { ask } = setUp({ writes: undefined });
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    const response = await ask(PATH, { ...PUT, method });
    assertEquals(response.status, 403);
    assertStringIncludes((await response.json()).detail, "--accept-writes");
  }
  const read = await ask(PATH);
  assertEquals(read.status, 404);
  assertStringIncludes((await read.json()).detail, "--accept-writes");
});

Deno.test("a group is named as a directory can be", async () => {
  const { ask } = setUp();
  const put = async (name: string) => (await ask(`/v1/groups/${encodeURIComponent(name)}/resources`, PUT)).status;
  for (const name of ["a", "a b", "größe", "a.b", "...", "x".repeat(200)]) assertEquals(await put(name), 200, name);
  for (const name of ["a/b", "a\0", "a\n", "x".repeat(201), "ö".repeat(101)]) assertEquals(await put(name), 400, name);
  for (const name of ["%2e", "%2E%2e"]) {
    const status = (await ask(`/v1/groups/${name}/resources`, PUT)).status;
    assertEquals([400, 404, 405].includes(status), true, `${name}: ${status}`);
  }
});

Deno.test("a writer that waits is told what became of the clients", async () => {
  const { ask, hub } = setUp();
  const what = { group: "edge", versions: { [CLUSTER.url]: "v1" } };
  const put = async (wait: string) => await ask(`${PATH}?wait=${wait}`, PUT);
  assertEquals(await told(await put("30s")), [200, { ...what, revision: "w1", outcome: "accepted" }]);

  hub.outcome = { kind: "pending", clients: 2 };
  assertEquals(await told(await put("1.5s")), [202, { ...what, revision: "w2", outcome: "pending", clients: 2 }]);

  const node = { id: "n", cluster: "edge", locality: "", userAgent: "" };
  const rejection = { stream: "7", node, type: CLUSTER.url, version: "v1", message: "no such thing", at: 0 };
  hub.outcome = { kind: "rejected", rejections: [rejection] };
  const refused = await put("1h");
  assertEquals(refused.headers.get("etag"), '"w3"');
  assertEquals(await told(refused), [422, {
    type: "urn:xcp:problem:rejected-by-clients",
    title: "Rejected by clients",
    status: 422,
    detail: 'Clients refuse what was written to group "edge", and it stays until the next write: no such thing',
    ...what,
    revision: "w3",
    outcome: "rejected-by-clients",
    rejections: [{ ...rejection, node: "n", at: "1970-01-01T00:00:00.000Z" }],
  }]);
  assertEquals(hub.waits, [["edge", 30_000], ["edge", 1_500], ["edge", 600_000]]);
  for (const wait of ["", "30", "s", "-1s", "1d", "1s&wait=2s"]) assertEquals((await put(wait)).status, 400, wait);
});

Deno.test("a write that cannot be kept changes nothing and says why", async () => {
  const { ask, writes } = setUp();
  writes.answer = { kind: "unavailable", message: 'Cannot write "x": no space left on device' };
  assertEquals((await told(await ask(PATH, PUT)))[0], 503);
  const issue = { path: "", rule: "dangling-reference", severity: "error", message: "no cluster" } as const;
  writes.answer = { kind: "invalid", issues: [{ ...issue, severity: "warning" }, issue] };
  const [status, { issues }] = await told(await ask(PATH, PUT));
  assertEquals([status, issues.map(({ severity }: { severity: string }) => severity)], [422, ["error", "warning"]]);
});

Deno.test("a secret is not shown, the answer says so, and what was hidden is not written back", async () => {
  for (const mark of ["[redacted]", btoa("[redacted]")]) {
    const { ask, writes } = setUp({ printWritten: ({ type, name }) => ({ "@type": type, name, token: mark }) });
    const secret = createResource({ ...EMPTY, type: CLUSTER.url, name: "s" });
    writes.written.set("edge", { label: undefined, resources: [secret] });
    const answer = await (await ask(PATH)).json();
    assertEquals(answer, { redacted: true, resources: [{ ...cluster("s"), token: mark }] });
    const back = await ask(PATH, body({ resources: answer.resources }));
    const { issues } = await back.json();
    assertEquals([back.status, issues.map(({ rule }: { rule: string }) => rule)], [422, ["redacted-value"]]);
  }
  const { ask } = setUp();
  const words = body({ resources: [{ ...cluster("a"), format: "[redacted] is a word like others" }] });
  assertEquals((await ask(PATH, words)).status, 200);
});

const EMPTY = { bytes: new Uint8Array(), references: [], origin: undefined };
