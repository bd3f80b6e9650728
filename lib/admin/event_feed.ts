/**
 * What happens, kept for a while and told to those who follow, as Server-Sent Events.
 *
 * An event is kept as the hub gave it and becomes text when somebody reads it: with thousands of clients most of them
 * are never read.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @module
 */
import type { HubEvent, HubView } from "../hub/status.ts";
import { eventJson, groupsOf, nodeOf } from "./event_json.ts";
import { timeJson } from "./json.ts";

export interface EventFeedOptions {
  readonly hub: Pick<HubView, "node">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends every reader. */
  readonly signal: AbortSignal;
  /** How many events are kept for those who come back. */
  readonly kept?: number;
  /** How many may follow at a time. */
  readonly mostReaders?: number;
  /** Bytes that may wait for a reader before it is given up. */
  readonly mostWaiting?: number;
  /** Milliseconds between signs of life. */
  readonly heartbeatMs?: number;
}

/** What a reader wants. */
export interface EventFilter {
  readonly group: string | undefined;
  /** `node.id`. */
  readonly node: string | undefined;
}

interface Kept {
  readonly number: number;
  readonly at: number;
  readonly event: HubEvent;
}

interface Reader {
  readonly filter: EventFilter;
  readonly send: (text: string) => void;
  readonly close: () => void;
}

export class EventFeed {
  readonly #options: Required<EventFeedOptions>;
  /** Numbers are of one process; with this before them an id of another one is recognized. */
  readonly #process: string;
  readonly #readers = new Set<Reader>();
  /** The last events, by number modulo its length. */
  readonly #ring: Kept[] = [];
  #next = 1;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(options: EventFeedOptions) {
    this.#options = { kept: 1_000, mostReaders: 100, mostWaiting: 1 << 20, heartbeatMs: 15_000, ...options };
    this.#process = options.now().toString(36);
    options.signal.addEventListener("abort", () => {
      for (const reader of [...this.#readers]) reader.close();
    }, { once: true });
  }

  /** A listener for `Hub.on`. */
  observe(event: HubEvent): void {
    const number = this.#next++;
    const kept = { number, at: this.#options.now(), event };
    this.#ring[number % this.#options.kept] = kept;
    if (this.#readers.size === 0) return;
    let text: string | undefined;
    for (const reader of [...this.#readers]) {
      if (this.#concerns(event, reader.filter, undefined)) reader.send(text ??= this.#text(kept));
    }
  }

  /**
   * The events from now on, and before them those after `lastId`. Undefined when too many follow already. `cut` ends the
   * connection of a reader that does not read: what the system has of it would stay otherwise.
   */
  open(filter: EventFilter, lastId: string | undefined, cut: () => void): ReadableStream<Uint8Array> | undefined {
    const { mostReaders, mostWaiting, signal } = this.#options;
    if (this.#readers.size >= mostReaders) return undefined;
    const encoder = new TextEncoder();
    let reader: Reader | undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const close = () => {
          this.#leave(opened);
          controller.close();
        };
        const send = (text: string) => {
          controller.enqueue(encoder.encode(text));
          if ((controller.desiredSize ?? 0) >= 0) return;
          close();
          cut();
        };
        const opened: Reader = { filter, send, close };
        reader = opened;
        controller.enqueue(encoder.encode("retry: 2000\n\n"));
        if (signal.aborted) return controller.close();
        this.#readers.add(opened);
        this.#heartbeat ??= setInterval(() => this.#beat(), this.#options.heartbeatMs);
        for (const text of this.#past(filter, lastId)) if (this.#readers.has(opened)) send(text);
      },
      cancel: () => {
        if (reader !== undefined) this.#leave(reader);
      },
    }, { highWaterMark: mostWaiting, size: (chunk) => chunk?.byteLength ?? 0 });
  }

  /** How many follow. */
  get readers(): number {
    return this.#readers.size;
  }

  #beat(): void {
    for (const reader of [...this.#readers]) reader.send(":\n\n");
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }

  /** The kept events after an id, or a word that some are missing. */
  *#past(filter: EventFilter, lastId: string | undefined): Generator<string> {
    if (lastId === undefined || lastId === "") return;
    const [process, text = ""] = lastId.split("-");
    const last = process === this.#process && /^\d{1,15}$/.test(text) ? Number(text) : -1;
    const oldest = Math.max(1, this.#next - this.#options.kept);
    if (last < oldest - 1 || last >= this.#next) {
      yield this.#missed(lastId);
      // Of another process, or made up: nothing of what is kept is known to be new.
      if (last < 0 || last >= this.#next) return;
    }
    const nodes = new Map<string, string>();
    const all = [...this.#kept(Math.max(last + 1, oldest))];
    for (const { event } of all) {
      const node = nodeOf(event);
      if (node !== undefined && "stream" in event) nodes.set(event.stream, node);
    }
    for (const kept of all) if (this.#concerns(kept.event, filter, nodes)) yield this.#text(kept);
  }

  *#kept(from: number): Generator<Kept> {
    for (let number = from; number < this.#next; number++) {
      const kept = this.#ring[number % this.#options.kept];
      if (kept !== undefined) yield kept;
    }
  }

  /** An ACK does not say whose it is: the hub knows for a stream that is open, later events for one that is not. */
  #concerns(event: HubEvent, { group, node }: EventFilter, nodes: ReadonlyMap<string, string> | undefined): boolean {
    if (group !== undefined && !groupsOf(event).includes(group)) return false;
    if (node === undefined) return true;
    if (!("stream" in event)) return false;
    return node === (nodeOf(event) ?? nodes?.get(event.stream) ?? this.#options.hub.node(event.stream)?.id);
  }

  #text({ number, at, event }: Kept): string {
    return frame(`${this.#process}-${number}`, event.kind, eventJson(event, at));
  }

  #missed(after: string): string {
    const data = { at: timeJson(this.#options.now()), after: after.slice(0, 100) };
    return frame(`${this.#process}-${this.#next - 1}`, "missed", data);
  }
}

function frame(id: string, kind: string, data: unknown): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
