/**
 * The language of the conformance tables: what a client does, and what it sees. Plain data, so that a table can be run
 * against the pure core, and over the wire against a server. A row uses nothing that a real client cannot see: types,
 * names and contents of resources, removals, whether two versions are equal, that the stream ended; and time.
 *
 * @module
 */

/** The rules of the protocol notes: a number, or one of the two unnumbered sections. */
export type Rule =
  | (1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21)
  | ("sharing" | "clients");

/** Every rule that must have a row. Rules 22 to 25 are of other services; `tables_test.ts` says where. */
export const RULES: readonly Rule[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21] as const,
  ...["sharing", "clients"] as const,
];

/** Resource types, by the names of their discovery services. Where a step takes a string, a type URL will do as well. */
export const SERVICES = ["CDS", "EDS", "LEDS", "LDS", "RDS", "SRDS", "VHDS", "SDS", "RTDS", "ECDS"] as const;
export type Service = typeof SERVICES[number];

/** A type that the server knows nothing of but its messages: an operator's, by the generic rules. */
export const OTHER = "type.googleapis.com/envoy.config.core.v3.TransportSocket";

/**
 * The content of a resource: equal numbers are equal contents. A cluster refers to the endpoints of its own name, and a
 * route configuration whose virtual hosts come on demand to those.
 */
export type Content = number | {
  readonly content: number;
  /** Time to live in milliseconds. */
  readonly ttl?: number;
  /** VHDS: the domains of a virtual host, whose name is `<route configuration>/<name>`. */
  readonly domains?: readonly string[];
  /** RDS: virtual hosts come on demand. */
  readonly vhds?: true;
};

/** What the server has: of each type, names and their contents. */
export type Config = { readonly [type in Service | typeof OTHER]?: Readonly<Record<string, Content>> };

/** A change of the configuration; `undefined` takes a resource away. */
export type Change = { readonly [type in Service | typeof OTHER]?: Readonly<Record<string, Content | undefined>> };

/** Something that is one thing in state-of-the-world and another in delta. */
export type ByMode<T> = T | { readonly sotw: T; readonly delta: T };

export const by = <T>(sotw: T, delta: T): ByMode<T> => ({ sotw, delta });

export type Mode = "sotw" | "delta";

/** How long the server waits for a silent client, in milliseconds. */
export const ORDER_TIMEOUT = 15_000;
/** Bounds of the server under test. */
export const MOST_TYPES = 8;
export const MOST_NAMES = 20;

/** What a node says of itself. */
export interface ClientKind {
  /** Its name, as in the user agent. */
  readonly agent: string;
  /** `client_features`. */
  readonly features: readonly string[];
}

/** Stock Envoy. */
export const ENVOY: ClientKind = { agent: "envoy", features: [] };

/** One thing that happens. */
export type Step =
  | { readonly do: "ask"; readonly type: string; readonly names: readonly string[] }
  | {
    readonly do: "subscribe" | "unsubscribe";
    readonly type: string;
    readonly names: readonly string[];
  }
  | {
    readonly do: "answer";
    /** Undefined: the type of the last response. */
    readonly type: string | undefined;
    /** The words of a rejection; undefined for an ACK. */
    readonly error: string | undefined;
    /** The subscription of the same request; undefined: as before. */
    readonly names: readonly string[] | undefined;
  }
  | { readonly do: "repeat"; readonly type: string; readonly nonce: string }
  | { readonly do: "sends"; readonly type: string; readonly expected: Expected }
  | { readonly do: "nothing" }
  | { readonly do: "change"; readonly change: Change; readonly label: string | undefined }
  | { readonly do: "move"; readonly config: Config }
  | { readonly do: "wake"; readonly ms: number }
  | { readonly do: "reading"; readonly reads: boolean }
  | { readonly do: "reconnect"; readonly forgets: boolean; readonly reports: string | undefined }
  | { readonly do: "ends"; readonly code: string }
  | { readonly do: "on"; readonly client: string; readonly steps: readonly Step[] };

/** What a response must be, exactly. */
export interface Expected {
  /**
   * Names in `resources`; `a@1` where the content is not the one that the configuration has now, `a~` for a resource
   * without a body, `a!` for one with a time to live, `a=b=c` for one with the aliases b and c.
   */
  readonly resources: ByMode<readonly string[]>;
  /** Names in `removed_resources`; state-of-the-world has no such field. */
  readonly removed: readonly string[];
  /** Names in `resource_errors`, all of them not found; undefined: what {@link removed} allows. */
  readonly missing: ByMode<readonly string[]> | undefined;
  /** A mark for the version: equal marks in a row are equal versions, different ones differ. `=v1` is the version v1. */
  readonly version: string | undefined;
  /** A mark for the nonce, to compare the responses of several clients. */
  readonly nonce: string | undefined;
}

/** One row of a table: a sentence and the script that proves it. */
export interface Row {
  readonly rule: Rule | readonly Rule[];
  /** A sentence; it becomes the name of the test. */
  readonly name: string;
  /** A public report of a server or client that got it wrong. */
  readonly issue?: string;
  readonly mode: Mode | "both";
  /** Undefined: {@link ENVOY}. */
  readonly client?: ClientKind;
  /** Why the row is not run over the wire. */
  readonly core?: string;
  /** The label of what the server has at first. */
  readonly label?: string;
  /** What the server has at first; undefined: it never had anything. */
  readonly snapshot: Config | undefined;
  readonly script: readonly Step[];
}

/** The client wants exactly these names from now on; none is the legacy wildcard where that exists. */
export const ask = (type: string, names: readonly string[] = []): Step => ({ do: "ask", type, names });

/** Delta: names in `resource_names_subscribe`, whatever was subscribed before. */
export const subscribe = (type: string, names: readonly string[]): Step => ({ do: "subscribe", type, names });

/** Delta: names in `resource_names_unsubscribe`. */
export const unsubscribe = (type: string, names: readonly string[]): Step => ({ do: "unsubscribe", type, names });

/** The client acknowledges the last response (of a type), and may change its subscription in the same request. */
export const ack = (type?: string, names?: readonly string[]): Step => ({
  do: "answer",
  type,
  error: undefined,
  names,
});

/** The client rejects the last response (of a type). */
export const nack = (type?: string, names?: readonly string[]): Step => ({
  do: "answer",
  type,
  error: "no, thank you",
  names,
});

/** A request that says nothing new, with the nonce of the last response of the type, of the one before, or of another type. */
export const repeat = (type: string, nonce: "last" | "previous" | Service = "last"): Step => ({
  do: "repeat",
  type,
  nonce,
});

/** The server sends this next. */
export const sends = (
  type: string,
  resources: ByMode<readonly string[]>,
  more: { removed?: readonly string[]; missing?: ByMode<readonly string[]>; version?: string; nonce?: string } = {},
): Step => ({
  do: "sends",
  type,
  expected: {
    resources,
    removed: more.removed ?? [],
    missing: more.missing,
    version: more.version,
    nonce: more.nonce,
  },
});

/** The server sends nothing. Every step but `sends` says so too: this is for the reader. */
export const nothing = (): Step => ({ do: "nothing" });

/** The configuration changes in some places. `label`: the operator's name for it. */
export const change = (change: Change, label?: string): Step => ({ do: "change", change, label });

/** The client gets another configuration altogether: its node moved to another group. */
export const move = (config: Config): Step => ({ do: "move", config });

/** Time passes, in milliseconds. */
export const wake = (ms: number): Step => ({ do: "wake", ms });

/** The client stops to read from its socket, or goes on. */
export const reading = (reads: boolean): Step => ({ do: "reading", reads });

/**
 * The stream breaks and the client opens another one. The first request of each type then reports what it holds.
 * `reports`: a version that it reports instead of its own.
 */
export const reconnect = (reports?: string): Step => ({ do: "reconnect", forgets: false, reports });

/** The client's process starts again: a new stream of the same node, with nothing. */
export const restart = (): Step => ({ do: "reconnect", forgets: true, reports: undefined });

/** The server has ended the stream. */
export const ends = (code: string): Step => ({ do: "ends", code });

/** Another client of the same group does this. It comes into being with its first step. */
export const on = (client: string, ...steps: readonly Step[]): Step => ({ do: "on", client, steps });
