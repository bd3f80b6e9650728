import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { ClientStatus } from "../../hub/status.ts";
import { CLUSTER, LISTENER } from "../../model/types.ts";
import type { AdminOptions } from "../app.ts";
import type { StoreStatus } from "../stores.ts";
import { clientStatus, groupStatus, rejectingClient } from "../testing/fake_hub.ts";
import { setUp } from "../testing/set_up.ts";

const EVIL = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;

async function fragment(set: ReturnType<typeof setUp>): Promise<string> {
  return await (await set.ask("/?fragment=main")).text();
}

/** What is read on the page: no tags, no white space but single spaces. */
function read(page: string): string {
  return page.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ").replaceAll(/ ([,.:)])/g, "$1");
}

/** The node ids in the order of the page. */
function clientsOf(page: string): string[] {
  const section = page.slice(page.indexOf('id="clients"'));
  return [...section.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, id = ""]) => id);
}

function named(id: string, more: Partial<ClientStatus> = {}): Partial<ClientStatus> {
  return { stream: id, node: { id, cluster: "edge", locality: "", userAgent: "envoy 1.40.0" }, ...more };
}

Deno.test("the page says of each client what it has, and what it rejected in its own words", async () => {
  const set = setUp();
  set.hub.connected = [rejectingClient()];
  const text = read(await fragment(set));
  assertStringIncludes(text, "Ready 1 group, 1 client, 1 rejecting ");
  assertStringIncludes(text, "1 client, 1 rejecting");
  assertStringIncludes(text, "Rejected listeners v2 just now, keeps v1: no filter &lt;b&gt;here&lt;/b&gt;");
  set.hub.connected = [clientStatus()];
  assertStringIncludes(read(await fragment(set)), "clusters all v1 acknowledged");
});

Deno.test("each state of a client has its word", async () => {
  const set = setUp();
  const state = async (more: object) => {
    const [subscription] = clientStatus().subscriptions;
    if (subscription === undefined) throw new Error("the fake has one");
    set.hub.connected = [clientStatus({ subscriptions: [{ ...subscription, ...more }] })];
    const pills = [...(await fragment(set)).matchAll(/class="pill (\w+)">([^<]*)</g)].map(([, ...said]) => said.join());
    return pills.slice(1); // the first is the group's
  };
  assertEquals(await state({}), ["good,up to date", "good,acknowledged"]);
  assertEquals(await state({ pending: true }), ["warn,pending", "warn,pending"]);
  assertEquals(await state({ sent: undefined, acknowledged: undefined }), ["quiet,has nothing", "quiet,nothing sent"]);
  const rejected = { version: "v2", message: "no", at: 0 };
  assertEquals(await state({ rejected, acknowledged: undefined }), ["bad,rejects", "bad,rejected"]);
  assertStringIncludes(read(await fragment(set)), "Rejected clusters v2 just now, has none: no");
});

Deno.test("each state of a group has its word, with what is wrong and where", async () => {
  const set = setUp();
  const state = async (more: Parameters<typeof groupStatus>[0]) => {
    set.hub.list = [groupStatus(more)];
    const page = await fragment(set);
    return [/class="pill (\w+)">([^<]*)</.exec(page)?.slice(1).join(), read(page)] as const;
  };
  assertEquals((await state({}))[0], "good,current");
  assertStringIncludes((await state({ counts: { [CLUSTER.url]: 2, [LISTENER.url]: 1 } }))[1], "2 clusters 1 listener");
  const at = { file: "a.yaml", line: 3, column: 5 };
  const issue = { path: "", rule: "unknown-field", severity: "error", message: "no such field", at } as const;
  const [stale, words] = await state({ stale: true, issues: [issue] });
  assertEquals(stale, "bad,stale");
  assertStringIncludes(words, "no such field error [unknown-field] at a.yaml:3:5");
  const [restored, source] = await state({ restored: true, stale: true, source: ["s3://b/p@7"] });
  assertEquals(restored, "bad,restored");
  assertStringIncludes(source, "from s3://b/p@7 stored just now");
  const none = { revision: undefined, since: undefined, counts: {} };
  assertEquals((await state(none))[0], "quiet,empty");
  assertEquals((await state({ ...none, stale: true }))[0], "bad,nothing to serve");
});

Deno.test("readiness is the heading, with reasons, and trouble is the title of the window", async () => {
  const set = setUp();
  const title = async () => /data-title="([^"]*)"/.exec(await fragment(set))?.[1];
  assertEquals(await title(), "Ready – xcp 0");
  set.hub.connected = [rejectingClient()];
  assertEquals(await title(), "1 client rejects – xcp 0");
  set.hub.state = { ready: false, reasons: ["nothing is loaded yet"] };
  assertEquals(await title(), "Not ready – xcp 0");
  assertMatch(await fragment(set), /<h1 class="bad">Not ready<\/h1>[^]*<li class="note bad">nothing is loaded yet</);
});

Deno.test("stores are told when there are any", async () => {
  assertEquals((await fragment(setUp())).includes('id="stores"'), false);
  const store: StoreStatus = { url: "s3://b/p", role: "store", failure: undefined, succeeded: 0, snapshot: 7 };
  const failing: StoreStatus = {
    ...store,
    url: "file:///s",
    role: "copy",
    failure: "Cannot write: full",
    snapshot: undefined,
  };
  const text = read(await fragment(setUp({ stores: () => [store, failing] })));
  assertStringIncludes(text, "s3://b/p working keeps what clients accepted snapshot 7 last used with success just now");
  assertStringIncludes(text, "file:///s failing the local copy last used with success just now Cannot write: full");
});

Deno.test("nothing that a client, a file or a store says becomes markup", async () => {
  const rejected = { version: EVIL, message: EVIL, at: 0 };
  const [subscription] = rejectingClient().subscriptions;
  if (subscription === undefined) throw new Error("the fake has one");
  const set = setUp({
    stores: () => [{ url: EVIL, role: "store", failure: EVIL, succeeded: 0, snapshot: 1 }],
  });
  set.hub.state = { ready: false, reasons: [EVIL] };
  set.hub.list = [groupStatus({
    name: EVIL,
    revision: EVIL,
    counts: { [EVIL]: 1 },
    source: [EVIL],
    issues: [{ path: EVIL, rule: EVIL, severity: "error", message: EVIL, at: { file: EVIL, line: 1, column: 1 } }],
  })];
  set.hub.connected = [clientStatus({
    stream: EVIL,
    service: EVIL,
    address: EVIL,
    identities: [EVIL],
    node: { id: EVIL, cluster: EVIL, locality: EVIL, userAgent: EVIL },
    group: EVIL,
    subscriptions: [{ ...subscription, type: EVIL, acknowledged: EVIL, rejected }],
  })];
  for (const path of ["/", "/?fragment=main"]) {
    const page = (await (await set.ask(path)).text()).replace(/<script type="module">[^]*<\/script>/, "");
    assertEquals(page.split("&lt;script&gt;alert(2)").length > 15, true);
    for (const mark of ["<img", "<script", "x onerror=alert(1)>"]) assertEquals(page.includes(mark), false, mark);
  }
});

Deno.test("a crowd is told in bounded rows, those who reject or wait before the others", async () => {
  const set = setUp();
  const many = Array.from({ length: 1_000 }, (_, n) => clientStatus(named(`quiet-${n}`)));
  const [subscription] = many[0]?.subscriptions ?? [];
  if (subscription === undefined) throw new Error("the fake has one");
  const waiting = clientStatus(named("waiting", { subscriptions: [{ ...subscription, pending: true }] }));
  set.hub.connected = [...many, waiting, rejectingClient(named("bad"))];
  set.hub.list = Array.from({ length: 300 }, (_, n) => groupStatus({ name: `group-${n}`, issues: [] }));
  const page = await fragment(set);
  const shown = clientsOf(page);
  assertEquals([shown.length, ...shown.slice(0, 3)], [200, "bad", "waiting", "quiet-0"]);
  const text = read(page);
  assertStringIncludes(text, "Clients 1,002");
  assertStringIncludes(text, "And 802 more clients");
  assertStringIncludes(text, "And 100 more groups");
  assertEquals(page.split('data-key="group-').length - 1, 200);
});

Deno.test("issues and reasons without end are cut", async () => {
  const set = setUp();
  const issue = { path: "", rule: "r", severity: "error", message: "wrong" } as const;
  set.hub.list = [groupStatus({ issues: Array.from({ length: 500 }, () => issue) })];
  set.hub.state = { ready: false, reasons: Array.from({ length: 500 }, (_, n) => `reason ${n}`) };
  const text = read(await fragment(set));
  assertEquals([text.split("wrong error").length - 1, text.split("reason ").length - 1], [20, 20]);
  assertStringIncludes(text, "And 480 more issues.");
  assertStringIncludes(text, "And 480 more.");
});

Deno.test("the fragment is the main part of the page, and there is no other", async () => {
  const { ask } = setUp();
  const page = await (await ask("/")).text();
  const part = (await (await ask("/?fragment=main")).text()).trim();
  assertMatch(part, /^<main id="main"[^]*<\/main>$/);
  assertStringIncludes(page, part);
  assertEquals((await ask("/?fragment=head")).status, 400);
});

const BROWSER = { accept: "text/html,application/xhtml+xml", host: "xcp.example" };
const GUARDED: Partial<AdminOptions> = { guard: { reach: "network", token: () => "sesame" } };

Deno.test("a browser without the token gets a form for it, and nothing else", async () => {
  const { ask, hub } = setUp(GUARDED);
  hub.list = [groupStatus({ name: "hidden-group" })];
  const response = await ask("/", { headers: BROWSER });
  assertEquals([response.status, response.headers.get("www-authenticate")], [401, "Bearer"]);
  const page = await response.text();
  assertStringIncludes(page, '<input id="token"');
  for (const word of ["hidden-group", "edge-1", "xcp 0", "sesame"]) assertEquals(page.includes(word), false, word);
  assertStringIncludes(response.headers.get("content-security-policy") ?? "", "form-action 'none'");
});

Deno.test("only the page itself asks for the token in HTML, and only when none was sent", async () => {
  const { ask } = setUp(GUARDED);
  const form = async (path: string, headers: Record<string, string>) => {
    const response = await ask(path, { headers });
    return [response.status, (response.headers.get("content-type") ?? "").split(";")[0]];
  };
  const problem = [401, "application/problem+json"];
  assertEquals(await form("/v1/groups", BROWSER), problem);
  assertEquals(await form("/nope", BROWSER), problem);
  assertEquals(await form("/", { host: "xcp.example" }), problem);
  assertEquals(await form("/", { ...BROWSER, authorization: "Bearer wrong" }), problem);
  assertEquals(await form("/", { ...BROWSER, authorization: "Bearer sesame" }), [200, "text/html"]);
  assertEquals(await form("/?fragment=main", { ...BROWSER, authorization: "Bearer sesame" }), [200, "text/html"]);
});

Deno.test("a page under a name that points to loopback gets no form either", async () => {
  const response = await setUp().ask("/", { headers: BROWSER });
  assertEquals([response.status, response.headers.get("content-type")], [403, "application/problem+json"]);
});

Deno.test("links to other answers are shown where a browser can follow them", async () => {
  const open = await (await setUp().ask("/")).text();
  assertStringIncludes(open, 'href="openapi.json"');
  const guarded = await setUp(GUARDED).ask("/", { headers: { ...BROWSER, authorization: "Bearer sesame" } });
  assertEquals((await guarded.text()).includes('href="openapi.json"'), false);
});
