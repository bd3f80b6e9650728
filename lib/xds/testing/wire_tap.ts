/**
 * A stream for tests whose responses stay readable.
 *
 * @module
 */
import { createResource, type Resource } from "../../model/resource.ts";
import { createSnapshot, type Snapshot } from "../../model/snapshot.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Body, DeltaRequest, Effect, Event, Response, SotwRequest } from "../messages.ts";
import { step, StreamState } from "../stream.ts";

/** A body that remembers what it was built from. */
interface Tapped extends Body {
  readonly response: Response;
}

export interface TapOptions {
  readonly mode: "sotw" | "delta";
  readonly client?: Partial<Capabilities>;
  readonly orderTimeout?: number;
  /** Names that may be subscribed. */
  readonly names?: number;
  /** Names in doubt from an earlier stream, by type. */
  readonly doubts?: ReadonlyMap<string, Iterable<string>>;
}

/** Takes requests of one mode and says in words what was sent. */
export class WireTap {
  readonly stream: StreamState<Tapped>;
  now = 0;
  /** Of the last response that is no heartbeat, by type. */
  readonly nonces = new Map<string, string>();
  /** What is in doubt, by type. */
  readonly doubts = new Map<string, ReadonlySet<string>>();
  /** When the stream wants to be woken. */
  wakeAt: number | undefined;
  #built = 0;

  constructor({ mode, client = {}, orderTimeout = 15_000, names = 100, doubts }: TapOptions) {
    this.stream = new StreamState<Tapped>(mode, {
      build: (response) => ({ nonce: ++this.#built, response }),
      recall: () => undefined,
      doubts: (type) => doubts?.get(type) ?? [],
    }, { orderTimeout, types: 20, names });
    this.stream.client = { ttl: false, absence: false, ...client };
  }

  serve(...resources: Resource[]): string[] {
    return this.serveSnapshot(createSnapshot(resources, this.stream.snapshot));
  }

  serveSnapshot(snapshot: Snapshot): string[] {
    return this.take({ kind: "snapshot", snapshot, now: this.now });
  }

  sotw(type: string, names: readonly string[], more: Partial<SotwRequest> = {}): string[] {
    return this.#request({
      ...{ mode: "sotw", type, names, version: "", nonce: this.nonces.get(type) ?? "", error: undefined, ...more },
    });
  }

  delta(type: string, subscribe: readonly string[], more: Partial<DeltaRequest> = {}): string[] {
    return this.#request({
      ...{ mode: "delta", type, subscribe, unsubscribe: [], nonce: "", error: undefined, held: new Map(), ...more },
    });
  }

  /** Delta: acknowledges (or rejects) the last response of a type. */
  answer(type: string, error?: string): string[] {
    return this.delta(type, [], { nonce: this.nonces.get(type) ?? "", error });
  }

  /** Lets time pass up to a moment, waking the stream whenever it asked for it. */
  until(now: number, drained = true): string[] {
    const told: string[] = [];
    while (this.wakeAt !== undefined && this.wakeAt <= now) {
      this.now = Math.max(this.now, this.wakeAt);
      this.wakeAt = undefined;
      told.push(...this.take({ kind: "wake", drained, now: this.now }));
    }
    this.now = now;
    return told;
  }

  take(event: Event): string[] {
    return step(this.stream, event).flatMap((effect) => this.#tell(effect));
  }

  #request(request: DeltaRequest | SotwRequest): string[] {
    return this.take({ kind: "request", request, now: this.now });
  }

  #tell(effect: Effect<Tapped>): string[] {
    if (effect.kind === "wake") this.wakeAt = effect.at;
    if (effect.kind === "doubt") this.doubts.set(effect.type, effect.names);
    if (effect.kind === "end") return [`end ${effect.code}`];
    if (effect.kind !== "send") return [];
    const { response, nonce } = effect.body;
    if (!response.heartbeat) this.nonces.set(effect.type, String(nonce));
    return [words(response)];
  }
}

function words({ resources, removed, missing, heartbeat, ttl, asked }: Response): string {
  const names = [...resources].map((resource) => {
    const aliases = asked?.get(resource.name);
    return resource.name + (aliases === undefined ? "" : `=${aliases.join("=")}`) +
      (ttl && resource.ttl !== undefined ? `(${resource.ttl})` : "");
  });
  const parts = [`${heartbeat ? "beat" : "send"} [${names}]`];
  if (removed.length > 0) parts.push(`without [${removed}]`);
  if (missing.length > 0) parts.push(`missing [${missing}]`);
  if (asked?.has("")) parts.push(`nobody [${asked.get("") ?? ""}]`);
  return parts.join(" ");
}

/** A resource with a number for its content. */
export function resource(
  type: string,
  name: string,
  content = 1,
  more: Partial<Pick<Resource, "ttl" | "aliases" | "references">> = {},
): Resource {
  return createResource({
    ...{ type, name, bytes: new Uint8Array([content]), references: [], origin: undefined, ...more },
  });
}
