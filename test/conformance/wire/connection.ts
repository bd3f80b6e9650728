/**
 * One stream to a server over a socket, which knows when the server has nothing more to say, without sleeping.
 *
 * Every group has, beside what a row is about, two **sentinels**: resources of a type of their own, which waits for no
 * other type and which no table uses. What is on one stream comes in order. So:
 *
 * - To know that everything sent *because of a request* has come, the client asks for the other sentinel ({@link
 *   WireConnection.receive}): the answer was sent after whatever the request before it caused.
 * - To know that *a change of the configuration* has reached the stream, the content of the sentinels changes with each
 *   change, and the client waits until it is sent the new one ({@link WireConnection.follow}). One event is one turn of the
 *   server, which may send more after that; the question that then comes first hears of it all.
 *
 * A stream that is not being read answers nothing, and one whose node has no configuration is not answered either: there
 * the server is asked over HTTP what it has heard.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { status as codes } from "@grpc/grpc-js";
import type { Api } from "../../../lib/model/api.ts";
import type { Request } from "../../../lib/xds/messages.ts";
import type { Mode } from "../script.ts";
import type { Connection, Received } from "../server.ts";
import { Deframer } from "../../load/messages.ts";
import { frame } from "../../../lib/transport/testing.ts";
import { readResponse, type WireNode, writeRequest } from "./messages.ts";
import { SENTINEL } from "./resources.ts";

export const SENTINELS = ["sentinel-1", "sentinel-2"] as const;
/** A large resource of that type: what a client that stops reading leaves in the server's buffers. */
export const BALLAST = "ballast";

/** How long something that must come may take, in milliseconds: only a failure takes that long. */
const PATIENCE = 15_000;
/** How long something may take that comes by the server's clock and not by an event. */
const LATE = 10_000;

/** What a connection asks of the server beside its stream. */
export interface Surroundings {
  readonly api: Api;
  /** Resolves when the server has heard every request of the node so far. */
  heard(node: WireNode, asked: ReadonlyMap<string, number>): Promise<void>;
  /** What the node has now: the content of its sentinels, or undefined for nothing at all. */
  served(): number | undefined;
  /** Time has passed, so that what must come may come without an event. */
  aged(): boolean;
}

export interface WireOptions {
  /** `127.0.0.1:18000`. */
  readonly address: string;
  /** `/envoy.service.…/Stream…`. */
  readonly path: string;
  readonly mode: Mode;
  readonly node: WireNode;
  readonly surroundings: Surroundings;
}

export class WireConnection implements Connection {
  readonly #options: WireOptions;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #inbox: Received[] = [];
  readonly #waiting = new Set<() => void>();
  /** Something happened since the server was last asked whether there is more. */
  #dirty = false;
  /** Who it is, until a request has said so. */
  #node: WireNode | undefined;
  #reads = true;
  /** A row may end the stream, or break it. */
  #status: string | undefined;
  #failure: Error | undefined;
  /** Which sentinel is subscribed, and the content of the last one that came. */
  #turn = 0;
  #answered = false;
  #content = -1;
  #nonce = "";
  #version = "";
  #ballasted = false;
  /** Names in the subscription of each type. */
  readonly #asked = new Map<string, Set<string>>();

  constructor(options: WireOptions) {
    this.#options = options;
    this.#node = options.node;
    this.#session = connect(`http://${options.address}`);
    this.#stream = this.#session.request({
      ":method": "POST",
      ":path": options.path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const deframer = new Deframer();
    this.#stream.on("data", (piece: Buffer) => {
      if (!this.#reads && !this.#ballasted) {
        this.#ballasted = true;
        this.#stream.pause();
      }
      this.#contained(() => {
        for (const body of deframer.take(piece)) this.#take(readResponse(options.surroundings.api, options.mode, body));
      });
      this.#look();
    });
    const end = (headers: Record<string, unknown>) => {
      const code = headers["grpc-status"];
      if (code !== undefined) this.#status ??= codes[Number(code)] ?? String(code);
      this.#look();
    };
    this.#stream.on("response", end);
    this.#stream.on("trailers", end);
    for (const emitter of [this.#session, this.#stream]) {
      emitter.on("error", (error: Error) => {
        this.#failure ??= error;
        this.#look();
      });
      emitter.on("close", () => {
        this.#failure ??= new Error("the stream broke");
        this.#look();
      });
    }
  }

  /** Tells who it is, and resolves when the server has taken it into its group. */
  async start(): Promise<void> {
    this.#askSentinel();
    await this.follow();
    if (this.#options.surroundings.served() === undefined) await this.#heard();
  }

  async send(request: Request): Promise<void> {
    this.#remember(request);
    this.#write(request);
    this.#dirty = true;
    // Nobody answers where there is nothing: what comes next must not overtake it.
    if (this.#options.surroundings.served() === undefined) await this.#heard();
  }

  async receive(expected: boolean): Promise<Received | undefined> {
    if (this.#inbox.length === 0) await this.#settle();
    if (this.#inbox.length === 0 && expected && this.#options.surroundings.aged()) {
      await this.#until(() => this.#inbox.length > 0 || this.#over, "a response that time brings", LATE).catch(
        () => {},
      );
    }
    this.#check();
    return this.#inbox.shift();
  }

  async ended(): Promise<string | undefined> {
    // The status comes after what was not read.
    this.#stream.resume();
    await this.#until(() => this.#over, "the end of the stream", LATE).catch(() => {});
    return this.#status;
  }

  async reading(reads: boolean): Promise<void> {
    this.#reads = reads;
    if (!reads) {
      // Something large that stays in the server's buffers, and no sentinel, whose next content would wait behind it.
      this.#ballasted = false;
      this.#sentinelRequest([BALLAST], [...SENTINELS]);
      await this.#until(() => this.#ballasted, "the ballast", PATIENCE);
      return;
    }
    this.#dirty = true;
    this.#ballasted = false;
    this.#stream.resume();
    await this.#until(() => this.#ballasted, "the rest of the ballast", PATIENCE);
    this.#askSentinel();
  }

  /** Resolves when the stream has what its node has now, as far as one event is concerned. */
  async follow(): Promise<void> {
    this.#dirty = true;
    const wanted = this.#options.surroundings.served();
    if (wanted === undefined || !this.#reads) return;
    await this.#until(() => this.#content >= wanted || this.#over, `the change number ${wanted}`, PATIENCE);
  }

  /** Says in mid-stream that its node is another one now. */
  identify(node: WireNode): void {
    this.#node = node;
    this.#askSentinel();
  }

  /** Time has passed. */
  touch(): void {
    this.#dirty = true;
  }

  close(): Promise<void> {
    this.#failure ??= new Error("closed");
    this.#stream.destroy();
    this.#session.destroy();
    return Promise.resolve();
  }

  get #over(): boolean {
    return this.#status !== undefined || this.#failure !== undefined;
  }

  /** Resolves when everything has come that the server sends because of what happened so far. */
  async #settle(): Promise<void> {
    if (!this.#dirty || !this.#reads || this.#over) return;
    if (this.#options.surroundings.served() === undefined) return;
    this.#dirty = false;
    this.#turn = 1 - this.#turn;
    this.#answered = false;
    this.#askSentinel();
    await this.#until(() => this.#answered || this.#over, "the answer to a question", PATIENCE);
  }

  #take(response: Received): void {
    if (response.type !== SENTINEL) return void this.#inbox.push(response);
    this.#nonce = response.nonce;
    this.#version = response.version;
    const names = response.resources.map(({ name }) => name);
    if (names.includes(BALLAST)) this.#ballasted = true;
    if (names.includes(this.#sentinel)) this.#answered = true;
    for (const { content } of response.resources) this.#content = Math.max(this.#content, content ?? -1);
    this.#sentinelRequest([], [], response.nonce);
  }

  get #sentinel(): string {
    return SENTINELS[this.#turn] ?? SENTINELS[0];
  }

  #askSentinel(): void {
    this.#sentinelRequest([this.#sentinel], [...SENTINELS, BALLAST].filter((name) => name !== this.#sentinel));
  }

  /** State-of-the-world: the subscription as it should be now, and the last nonce. Delta: what changes. */
  #sentinelRequest(subscribe: readonly string[], unsubscribe: readonly string[], nonce = ""): void {
    const type = SENTINEL;
    const names = this.#reads ? [this.#sentinel] : [BALLAST];
    if (this.#options.mode === "sotw") {
      this.#write({ mode: "sotw", type, version: this.#version, nonce: this.#nonce, error: undefined, names });
    } else {
      this.#write({ mode: "delta", type, nonce, error: undefined, subscribe, unsubscribe, held: new Map() });
    }
  }

  #remember(request: Request): void {
    const names = this.#asked.get(request.type) ?? new Set();
    this.#asked.set(request.type, names);
    if (request.mode === "sotw") {
      names.clear();
      for (const name of request.names) names.add(name);
    } else {
      for (const name of request.unsubscribe) names.delete(name);
      for (const name of request.subscribe) names.add(name);
    }
    for (const name of ["*", ""]) names.delete(name);
  }

  #heard(): Promise<void> {
    const asked = new Map([[SENTINEL, 1], ...[...this.#asked].map(([type, names]) => [type, names.size] as const)]);
    return this.#options.surroundings.heard(this.#options.node, asked);
  }

  #write(request: Request): void {
    if (this.#over) return;
    this.#stream.write(frame(writeRequest(request, this.#node)));
    this.#node = undefined;
  }

  #contained(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  /** The server must not break a stream without a status, nor send what cannot be read. */
  #check(): void {
    if (this.#status === undefined && this.#failure !== undefined) throw this.#failure;
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  async #until(holds: () => boolean, what: string, ms: number): Promise<void> {
    if (holds()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => holds() && resolve();
    const timer = setTimeout(() => reject(new Error(`Waited ${ms} ms in vain: ${what}`)), ms);
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }
}
