import { assertEquals } from "@std/assert";
import type { HubEvent } from "../../lib/hub/status.ts";
import type { Log } from "../../lib/log.ts";
import type { Issue } from "../../lib/model/issue.ts";
import { LISTENER } from "../../lib/model/types.ts";
import { eventLog } from "./event_log.ts";

const NODE = { id: "edge-1", cluster: "edge", locality: "", userAgent: "" };
const BAD: Issue = {
  at: { file: "a.yaml", line: 3, column: 5 },
  path: "",
  rule: "unknown-field",
  severity: "error",
  message: "no such field",
};
const ODD: Issue = { path: "", rule: "unused", severity: "warning", message: "unused" };

function setUp() {
  const lines: string[] = [];
  const at = (level: string): Log["info"] => (message) => lines.push(`${level} ${message}`);
  const listener = eventLog({ error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") });
  return (event: HubEvent) => {
    listener(event);
    return lines.splice(0);
  };
}

const reloaded = (held: string[], issues: Issue[], changed: string[] = [], gone: string[] = []): HubEvent => ({
  kind: "reloaded",
  ok: held.length === 0,
  changed,
  held,
  gone,
  issues,
});

Deno.test("an issue is said once when it appears and once when it is gone", () => {
  const says = setUp();
  says(reloaded([], [], ["edge"]));
  assertEquals(says(reloaded(["edge"], [BAD, ODD])), [
    "error a.yaml:3:5: error: no such field [unknown-field]",
    "warn warning: unused [unused]",
    "error A group keeps what it has until its sources are valid again",
  ]);
  assertEquals(says(reloaded(["edge"], [BAD, ODD])), []);
  assertEquals(says(reloaded([], [ODD], ["edge"])), [
    "info Fixed: a.yaml:3:5: error: no such field [unknown-field]",
    "info A group follows its sources again",
    "info A group has a new snapshot",
  ]);
  assertEquals(says(reloaded(["edge"], [BAD, ODD])).length, 2);
});

Deno.test("a dangling reference is not called fixed while references are not checked", () => {
  const says = setUp();
  const dangling: Issue = { ...BAD, rule: "dangling-reference", message: "no such cluster" };
  says(reloaded(["edge"], [dangling]));
  assertEquals(says(reloaded(["edge"], [BAD])), ["error a.yaml:3:5: error: no such field [unknown-field]"]);
  assertEquals(says(reloaded(["edge"], [dangling])), [
    "info Fixed: a.yaml:3:5: error: no such field [unknown-field]",
  ]);
  assertEquals(says(reloaded([], [])), [
    "info Fixed: a.yaml:3:5: error: no such cluster [dangling-reference]",
    "info A group follows its sources again",
  ]);
});

Deno.test("a group that is held back is said to keep what it has only when it has something", () => {
  const says = setUp();
  assertEquals(says(reloaded(["edge"], []))[0], "error A group has nothing to serve until its sources are valid again");
  says(reloaded([], [], ["edge"]));
  assertEquals(says(reloaded(["edge"], []))[0], "error A group keeps what it has until its sources are valid again");
});

Deno.test("a group that is gone is said to be gone, and not to follow its sources again", () => {
  const says = setUp();
  says(reloaded([], [], ["edge"]));
  says(reloaded(["edge"], []));
  assertEquals(says(reloaded([], [], [], ["edge"])), ["info A group is gone: its nodes belong to another one now"]);
  assertEquals(says(reloaded(["edge"], []))[0], "error A group has nothing to serve until its sources are valid again");
});

Deno.test("a rejection is a warning with the client's words, the rest of a client's life is for debugging", () => {
  const says = setUp();
  const about = { stream: "1", group: "edge", version: "v", type: LISTENER.url };
  assertEquals(says({ kind: "rejected", ...about, node: NODE, message: "bad port" }), [
    "warn A client rejected its configuration: bad port",
  ]);
  assertEquals(says({ kind: "acknowledged", ...about, propagationMs: 1 }), ["debug A client acknowledged"]);
  const client = { stream: "1", mode: "sotw", node: NODE, group: "edge" } as const;
  assertEquals(says({ kind: "connected", service: undefined, ...client, address: "x" }), ["debug A client connected"]);
  assertEquals(says({ kind: "disconnected", service: undefined, ...client }), ["debug A client left"]);
});
