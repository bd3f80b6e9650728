import { assertEquals } from "@std/assert";
import { CLUSTER } from "../model/types.ts";
import type { AdapterChanged } from "./adapter_events.ts";
import { groupStatus } from "./testing/fake_hub.ts";
import { setUp } from "./testing/set_up.ts";

const PATH = "/v1/groups/edge/events";
const post = (body: string, type = "application/json"): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});

/** The app over an adapter whose changes end so; `heard` is what it was told. */
function withAdapter(end: AdapterChanged | Promise<AdapterChanged> = { kind: "published" }) {
  const heard: unknown[] = [];
  const adapter = {
    changed: (group: string, ids: readonly string[] | undefined) => {
      heard.push([group, ids]);
      return Promise.resolve(end);
    },
  };
  return { ...setUp({ adapter }), heard };
}

Deno.test("a change is told to the adapter, and the answer names the versions of the group", async () => {
  const { ask, heard, hub } = withAdapter();
  const response = await ask(PATH, post('{"ids": ["orders", "users"]}'));
  assertEquals(response.headers.get("etag"), '"r1"');
  const what = { group: "edge", revision: "r1", versions: { [CLUSTER.url]: "v1" } };
  assertEquals([response.status, await response.json()], [200, what]);
  for (const all of ["", "{}", '{"ids": []}']) assertEquals((await ask(PATH, post(all))).status, 200);
  assertEquals(heard, [
    ["edge", ["orders", "users"]],
    ["edge", undefined],
    ["edge", undefined],
    ["edge", undefined],
  ]);
  assertEquals(hub.waits, []);
});

Deno.test("who waits is told when the clients took it, refused it, or did not answer in time", async () => {
  const { ask, hub } = withAdapter();
  const accepted = await (await ask(`${PATH}?wait=30s`, post(""))).json();
  assertEquals(accepted.outcome, "accepted");
  const [[group, ms] = ["", 0]] = hub.waits;
  assertEquals([group, ms > 20_000 && ms <= 30_000], ["edge", true]);

  hub.outcome = { kind: "pending", clients: 2 };
  const pending = await ask(`${PATH}?wait=30s`, post(""));
  assertEquals(pending.status, 202);
  assertEquals((await pending.json()).clients, 2);

  const rejection = {
    stream: "1",
    node: undefined,
    type: CLUSTER.url,
    version: "v2",
    message: "no such filter",
    at: 0,
  };
  hub.outcome = { kind: "rejected", rejections: [rejection] };
  const rejected = await ask(`${PATH}?wait=30s`, post(""));
  const { detail, outcome } = await rejected.json();
  assertEquals([rejected.status, outcome], [422, "rejected-by-clients"]);
  assertEquals(
    detail,
    'Clients refuse what was generated for group "edge", and it stays until the next change: no such filter',
  );
});

Deno.test("a generation that is not done in time is pending", async () => {
  const { ask } = withAdapter(new Promise(() => {}));
  const response = await ask(`${PATH}?wait=1ms`, post(""));
  const what = { group: "edge", revision: "r1", versions: { [CLUSTER.url]: "v1" }, outcome: "pending", clients: 1 };
  assertEquals([response.status, await response.json()], [202, what]);
});

const ISSUE = { path: "resources[0]", rule: "adapter", severity: "error", message: "no such table" } as const;

for (
  const [what, end, status, detail] of [
    [
      "could not be generated",
      { kind: "failed", message: 'Cannot generate group "edge": no such table', issues: [ISSUE] },
      422,
      'Cannot generate group "edge": no such table',
    ],
    [
      "is none of the adapter's",
      { kind: "absent" },
      404,
      'Cannot find group "edge": the adapter has none of this name',
    ],
    [
      "has nobody to generate it",
      { kind: "unavailable", message: 'Cannot run "./adapter.ts": it exited with 3' },
      503,
      'Cannot run "./adapter.ts": it exited with 3',
    ],
  ] as const
) {
  Deno.test(`a group that ${what} is a problem with the adapter's words`, async () => {
    const response = await withAdapter(end).ask(`${PATH}?wait=30s`, post(""));
    assertEquals(response.headers.get("content-type"), "application/problem+json");
    const problem = await response.json();
    assertEquals([response.status, problem.detail], [status, detail]);
    if (status === 422) assertEquals(problem.issues, [{ file: null, line: null, column: null, ...ISSUE }]);
  });
}

Deno.test("what was generated and is held back by what else the group has is a problem", async () => {
  const { ask, hub } = withAdapter();
  hub.list = [groupStatus({ stale: true, issues: [{ ...ISSUE, message: "two listeners on one port" }] })];
  const response = await ask(PATH, post(""));
  const { detail } = await response.json();
  assertEquals([response.status, detail], [
    422,
    'Cannot serve what was generated for group "edge": two listeners on one port',
  ]);
});

Deno.test("without an adapter there is nobody to tell", async () => {
  const response = await setUp().ask(PATH, post(""));
  assertEquals([response.status, (await response.json()).detail], [
    404,
    'Cannot tell of a change of group "edge": no adapter is served',
  ]);
});

Deno.test("what cannot be read is not told to the adapter", async () => {
  const { ask, heard } = withAdapter();
  const statuses = [
    [post("{"), 400],
    [post('{"ids": "orders"}'), 400],
    [post('{"ids": [""]}'), 400],
    [post('{"id": ["orders"]}'), 400],
    [post("ids: []", "application/yaml"), 415],
    [post("", "text/plain"), 415],
    [post(JSON.stringify({ ids: ["x".repeat(1 << 20)] })), 413],
    [{ ...post(""), headers: { "content-type": "application/json", origin: "https://elsewhere.example" } }, 403],
  ] as const;
  for (const [init, status] of statuses) assertEquals((await ask(PATH, init)).status, status, JSON.stringify(init));
  assertEquals((await ask("/v1/groups/a%2Fb/events", post(""))).status, 400);
  assertEquals(heard, []);
});
