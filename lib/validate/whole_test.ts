import { assertEquals } from "@std/assert";
import type { Issue } from "../model/issue.ts";
import { type Claim, createResource, type Resource } from "../model/resource.ts";
import { createSnapshot, type Snapshot } from "../model/snapshot.ts";
import { CLUSTER, ENDPOINTS, LISTENER, SECRET } from "../model/types.ts";
import { Whole } from "./whole.ts";

/** A cluster that refers to names of which a few are there, and now and then claims something. */
function cluster(i: number, round: number): Resource {
  const roll = (i * 31 + round * 17) % 13;
  const references = [
    { type: ENDPOINTS.url, name: `e${i + round}`, path: "e", required: true },
    { type: SECRET.url, name: roll < 3 ? "there" : "missing", path: "s", required: roll % 2 === 0 },
    { type: SECRET.url, name: "there", path: "b", required: false, bootstrap: true as const },
    ...roll === 5 && round > 3
      ? [{ type: CLUSTER.url, name: "x", path: "c", required: true, strict: true as const }]
      : [],
  ];
  const claims: Claim[] = roll === 7 && round > 6 ? [{ kind: "address", key: `${i % 4}`, path: "a" }] : [];
  return createResource({
    type: CLUSTER.url,
    name: `c${i}`,
    bytes: new Uint8Array([round]),
    references,
    claims,
    origin: undefined,
  });
}

function plain(type: string, name: string): Resource {
  return createResource({ type, name, bytes: new Uint8Array(), references: [], origin: undefined });
}

/** How many references are errors and warnings, found in the plainest way. */
function count(resources: readonly Resource[], served: Snapshot | undefined): Record<string, number> {
  const there = new Set(resources.map(({ type, name }) => `${type} ${name}`));
  const counts: Record<string, number> = {};
  for (const { type, name, required, strict, bootstrap } of resources.flatMap(({ references }) => references)) {
    const isThere = there.has(`${type} ${name}`);
    if (isThere && !bootstrap) continue;
    const isError = !isThere && (strict && !bootstrap || required && served?.set(type).get(name) !== undefined);
    const severity = isError ? "error" : "warning";
    counts[severity] = (counts[severity] ?? 0) + 1;
  }
  return counts;
}

/** The same of issues: those that are spelled out, and the rest of which one tells. */
function told(issues: readonly Issue[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule, severity, message } of issues) {
    if (rule === "duplicate-address") continue;
    const more = rule === "more-issues" ? Number(/^\d+/.exec(message)?.[0]) : 1;
    counts[severity] = (counts[severity] ?? 0) + more;
  }
  return counts;
}

Deno.test("what goes on from an earlier look comes to the same as a look at everything, with any number of issues", () => {
  const served = [
    undefined,
    createSnapshot([plain(LISTENER.url, "l")]),
    createSnapshot([plain(ENDPOINTS.url, "e9"), plain(SECRET.url, "missing")]),
  ];
  for (const length of [20, 400]) {
    let resources = [plain(SECRET.url, "there"), ...Array.from({ length }, (_, i) => cluster(i, 0))];
    let whole = new Whole(resources);
    for (let round = 1; round < 12; round++) {
      resources = resources.map((each, i) => i > 0 && i % 12 === round ? cluster(i - 1, round) : each);
      whole = new Whole(resources, whole);
      for (const now of served) {
        const issues = whole.issues(now);
        assertEquals(issues, new Whole(resources).issues(now));
        assertEquals(told(issues), count(resources, now));
      }
    }
  }
});
