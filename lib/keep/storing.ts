/**
 * Stores once what is to be kept.
 *
 * Several servers may push to one store, and a server that has just started does not know yet what its clients think of a
 * group. So a push replaces the groups that this server has something for, removes those that it saw go, and leaves all
 * others as the newest snapshot has them: whoever follows the store must not lose a group because somebody else restarted.
 *
 * @module
 */
import type { Log } from "../log.ts";
import type { GroupRule } from "../model/layer.ts";
import { typeByUrl } from "../model/types.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Content, Secrets } from "../store/snapshot/content.ts";
import type { LeftOut, Provenance } from "../store/snapshot/format.ts";
import { moveAccepted, type SnapshotId } from "../store/snapshot/pointers.ts";
import { prune } from "../store/snapshot/prune.ts";
import { push } from "../store/snapshot/push.ts";
import type { SecretFinder } from "../store/snapshot/secrets.ts";
import type { KeptGroup } from "./port.ts";

/** What is to be kept at one moment. */
export interface Keepsake {
  readonly groups: ReadonlyMap<string, KeptGroup>;
  /** Groups that were there and are no more. */
  readonly gone: ReadonlySet<string>;
  readonly rules: readonly GroupRule[];
}

export interface StoringOptions {
  readonly secrets: Secrets;
  readonly finder: Pick<SecretFinder, "holds">;
  readonly provenance: Provenance;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Pick<Log, "warn" | "info" | "debug">;
  /** So many snapshots stay after a push; undefined: all, somebody else prunes. */
  readonly keepSnapshots?: number;
}

export type Stored =
  | { readonly kind: "stored"; readonly snapshot: SnapshotId }
  /** Somebody else was first. */
  | { readonly kind: "conflict" }
  /** It holds secrets, and nobody said what becomes of them. */
  | { readonly kind: "refused"; readonly why: string };

const MOST_NAMED = 3;

/** Equal for equal states; a revision stands for the content of a group. */
export function keepsakeKey({ groups, gone, rules }: Keepsake): string {
  return JSON.stringify([
    Array.from(groups, ([group, { snapshot, accepted, restored }]) => [group, snapshot.revision, accepted, restored]),
    [...gone],
    rules.map(({ at: _, ...rule }) => rule),
  ]);
}

/**
 * Pushes, and moves `accepted` of the groups whose clients took what they have there.
 *
 * @throws {SnapshotError} as `push` and `moveAccepted` do
 * @throws {PruneError} when everything is stored, and what is old cannot be removed
 * @throws {StoreError}
 */
export async function store(
  blobs: Blobs,
  { groups, gone, rules }: Keepsake,
  { secrets, finder, provenance, now, log, keepSnapshots: keep }: StoringOptions,
  signal: AbortSignal,
): Promise<Stored> {
  const names = [...groups.keys()].sort();
  const content: Content = {
    groups: new Map(names.map((name) => [name, [...groups.get(name)?.snapshot.sets ?? []].flatMap((set) => [...set])])),
    rules,
    leftOut: [],
  };
  const stays = (name: string) => {
    const kept = groups.get(name);
    return kept === undefined ? !gone.has(name) : kept.restored;
  };
  const pushed = await push(blobs, content, { secrets, finder, provenance, now, signal, stays });
  if (pushed.kind === "conflict") return { kind: "conflict" };
  if (pushed.kind === "refused") return { kind: "refused", why: refusal(pushed.secrets) };
  if (pushed.kind === "dry-run") throw new Error("Cannot store: the push was a dry run");
  const { number, hash } = pushed.kind === "pushed"
    ? { number: pushed.manifest.number, hash: pushed.hash }
    : pushed.latest;
  if (pushed.kind === "pushed") {
    const { cost: { chunks, bytes }, parentDamage } = pushed;
    log.debug(`Stored snapshot ${number} in "${blobs.url}"`, { chunks, bytes });
    if (parentDamage !== undefined) {
      log.warn(`The snapshot before ${number} in "${blobs.url}" cannot be read: ${parentDamage}`);
    }
  }
  const changes = new Map<string, SnapshotId | undefined>();
  for (const name of gone) if (!groups.has(name)) changes.set(name, undefined);
  for (const [name, { accepted }] of groups) if (accepted) changes.set(name, { number, hash });
  if (changes.size > 0) await moveAccepted(blobs, changes, { signal });
  if (keep !== undefined) await prune(blobs, { keep, now, signal });
  return { kind: "stored", snapshot: { number, hash } };
}

function refusal(secrets: readonly LeftOut[]): string {
  const names = secrets.slice(0, MOST_NAMED).map(({ group, type, name }) =>
    `${typeByUrl(type)?.short ?? type} ${JSON.stringify(name)} of group ${JSON.stringify(group)}`
  );
  const held = secrets.length === 1 ? "a resource holds a secret" : `${secrets.length} resources hold secrets`;
  const more = secrets.length > names.length ? ", …" : "";
  return `${held}: ${names.join(", ")}${more}; ` +
    "--with-secrets RECIPIENTS encrypts them, --without-secrets leaves them out";
}
