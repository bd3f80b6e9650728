/**
 * The contract of an adapter, as its author sees it. `lib/adapter/protocol.ts` is how xcp speaks to one.
 *
 * @module
 */

/** Declarations of TypeScript; `Resource` is declared elsewhere. */
export const CONTRACT = `/** Which definitions of a group changed. */
export type Changes = "all" | { readonly ids: readonly string[] };

/** Something that resources are generated from, and the group whose Envoys get them. */
export interface Definition {
  readonly group: string;
  readonly id: string;
}

export interface Context {
  /** Says that definitions changed: their groups are generated again. Without ids the whole group. */
  changed(group: string, ids?: readonly string[]): void;
  /** Aborted when the adapter is to end. */
  readonly signal: AbortSignal;
  readonly log: {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  };
}

/** What a module exports as its default: \`export default { … } satisfies Adapter<State>;\` */
export interface Adapter<State = unknown> {
  /** Called once, first: opens connections, and begins to watch. */
  init(context: Context): State | Promise<State>;
  /** Every definition that is known, at the start. */
  list(state: State): AsyncIterable<Definition> | Iterable<Definition> | Promise<Iterable<Definition>>;
  /** All resources of a group, not only those of the definitions that changed; null: the group is no more. */
  generate(
    state: State,
    group: string,
    changes: Changes,
  ): readonly Resource[] | null | Promise<readonly Resource[] | null>;
  /** Called last. */
  close?(state: State): void | Promise<void>;
}
`;
