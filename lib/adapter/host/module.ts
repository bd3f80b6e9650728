/**
 * Loading the module of an adapter.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import type { Changes } from "../protocol.ts";
import { BUILT_IN_PREFIX } from "../self.ts";
import type { Level } from "./wire.ts";

type Say = (...words: unknown[]) => void;

/** What `init` is given. */
export interface AdapterContext {
  /** Says that definitions of a group changed; without ids that any of them may have. */
  changed(group: string, ids?: Iterable<string>): void;
  /** Aborted when the adapter is to end. */
  readonly signal: AbortSignal;
  /** Writes to xcp's log; words are put together as `console.log` does. */
  readonly log: Readonly<Record<Level, Say>>;
}

/** The default export of an adapter's module, as it comes: what its functions return is looked at when it is there. */
export interface AdapterModule {
  init(context: AdapterContext): unknown;
  list(state: unknown): unknown;
  generate(state: unknown, group: string, changes: Changes): unknown;
  close?(state: unknown): unknown;
}

/** Adapters that are part of xcp, by name. */
export type BuiltIn = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * Imports an adapter.
 *
 * @param adapter Absolute path of the module, or `builtin:NAME`
 * @throws What importing it throws; an error when it is no adapter
 */
export async function loadAdapter(adapter: string, builtIn: BuiltIn): Promise<AdapterModule> {
  const module = adapter.startsWith(BUILT_IN_PREFIX)
    ? await loadBuiltIn(adapter.slice(BUILT_IN_PREFIX.length), builtIn)
    : await import(pathToFileURL(adapter).href);
  const found: unknown = isObject(module) ? module["default"] : undefined;
  if (!isObject(found)) throw new NoAdapter("it has no default export with init, list and generate");
  for (const name of ["init", "list", "generate"]) {
    if (typeof found[name] !== "function") throw new NoAdapter(`its default export has no function "${name}"`);
  }
  if (found["close"] !== undefined && typeof found["close"] !== "function") {
    throw new NoAdapter('"close" of its default export is no function');
  }
  return found as unknown as AdapterModule;
}

/** The module is there, and is no adapter. */
class NoAdapter extends Error {
  override readonly name = "NoAdapter";
}

async function loadBuiltIn(name: string, builtIn: BuiltIn): Promise<unknown> {
  const load = Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  if (load === undefined) throw new NoAdapter(`xcp has no adapter "${name}" in it`);
  return await load();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
