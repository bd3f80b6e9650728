/**
 * A layer that is kept in memory, and a reader of bodies that knows names only.
 *
 * @module
 */
import type { Issue } from "../../model/issue.ts";
import { createResource, type Resource } from "../../model/resource.ts";
import { typeByName } from "../../model/types.ts";
import type { WriteReader } from "../read_write.ts";
import type { Change, WriteResult, Written } from "../../model/written.ts";
import type { Writes } from "../writes.ts";
import { type FakeHub, groupStatus } from "./fake_hub.ts";

export interface FakeWrites extends Writes {
  /** What was written, by group. */
  readonly written: Map<string, Written>;
  /** The calls of `write`, in order. */
  readonly calls: unknown[][];
  /** Instead of writing, answer this. */
  answer: WriteResult | undefined;
  /** Why the layers cannot be read. */
  damage: string | undefined;
}

/** Writes show in the hub: a group has the revision `w1`, `w2`, … of its last one. */
export function fakeWrites(hub: FakeHub): FakeWrites {
  let revisions = 0;
  const tag = (group: string) => {
    const revision = hub.group(group)?.revision;
    return revision === undefined ? undefined : `"${revision}"`;
  };
  return {
    written: new Map(),
    calls: [],
    answer: undefined,
    damage: undefined,
    unreadable() {
      return this.damage;
    },
    get(group) {
      return this.written.get(group);
    },
    etag: tag,
    write(group, change, condition, absent) {
      this.calls.push([group, change.kind, condition, absent]);
      if (this.answer !== undefined) return Promise.resolve(this.answer);
      const now = tag(group);
      const allowed = condition === undefined ||
        (now !== undefined && (condition[0] === "*" || condition.includes(now)));
      if (!allowed || (absent && now !== undefined)) return Promise.resolve({ kind: "conflict" });
      if (change.kind === "delete" && !this.written.has(group)) {
        return Promise.resolve({ kind: "absent", message: `Cannot drop the layer of "${group}": there is none` });
      }
      apply(this.written, group, change);
      const rest = hub.list.filter(({ name }) => name !== group);
      hub.list = change.kind === "delete" ? rest : [...rest, groupStatus({ name: group, revision: `w${++revisions}` })];
      return Promise.resolve({ kind: "done" });
    },
  };
}

function apply(written: Map<string, Written>, group: string, change: Change): void {
  if (change.kind === "delete") {
    written.delete(group);
  } else if (change.kind === "put") {
    written.set(group, change.content);
  } else {
    const { label, upsert, remove } = change.content;
    const gone = new Set([...upsert, ...remove].map(({ type, name }) => `${type} ${name}`));
    const kept = (written.get(group)?.resources ?? []).filter(({ type, name }) => !gone.has(`${type} ${name}`));
    written.set(group, { label, resources: [...kept, ...upsert] });
  }
}

/** Reads JSON alone, whatever the form; a resource without a `name` is an issue, and so is anything else. */
export const FAKE_READER: WriteReader = {
  put(body, form) {
    const { content, issues, label } = read(body, form);
    return { label, resources: resources(content.resources, issues), issues };
  },
  patch(body, form) {
    const { content, issues, label } = read(body, form);
    const remove = Array.isArray(content.remove) ? content.remove : [];
    return {
      label,
      upsert: resources(content.upsert, issues),
      remove: remove.map(({ type, name }) => ({ type: typeByName(type)?.url ?? type, name })),
      issues,
    };
  },
};

function read(body: Uint8Array, form: string) {
  const issues: Issue[] = [];
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof content === "object" && content !== null && !Array.isArray(content)) {
      const label = "version" in content && typeof content.version === "string" ? content.version : undefined;
      return { content: content as Readonly<Record<string, unknown>>, issues, label };
    }
    issues.push(issue("a write is a map"));
  } catch {
    issues.push(issue(`not ${form}`));
  }
  return { content: {}, issues, label: undefined };
}

function resources(list: unknown, issues: Issue[]): Resource[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: { readonly "@type"?: unknown; readonly name?: unknown } | null) => {
    const [type, name] = [item?.["@type"], item?.name];
    if (typeof type === "string" && typeof name === "string") {
      const bytes = new TextEncoder().encode(JSON.stringify(item));
      return [createResource({ type, name, bytes, references: [], origin: undefined })];
    }
    issues.push(issue("a resource needs a name"));
    return [];
  });
}

function issue(message: string): Issue {
  return { path: "", rule: "fake", severity: "error", message };
}
