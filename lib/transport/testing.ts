/**
 * What the tests of the transport share: a hub that answers with what it got, clients that send and take bytes, and
 * waiting for a condition.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { mkdtemp, rm } from "node:fs/promises";
import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelCredentials, Client, type ClientDuplexStream, credentials, Metadata, status } from "@grpc/grpc-js";
import { type Address, parseAddress } from "../address.ts";
import type { Answer, Ending, Inlet, Mode, Outlet, Question, StreamHost } from "../hub/port.ts";
import type { Fields, Level, Log } from "../log.ts";
import type { Resource } from "../model/resource.ts";
import { ADS_PATHS } from "./discovery_service.ts";
import { DEFAULT_LIMITS, startTransport, type Transport, type TransportOptions } from "./server.ts";

/** A body as a message on the wire. */
export function frame(body: Uint8Array | string): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** One stream, as the fake hub saw it. */
export interface Seen {
  readonly mode: Mode;
  readonly type: string | undefined;
  readonly outlet: Outlet;
  readonly bodies: Buffer[];
  closed: number;
}

export interface FakeHub extends StreamHost {
  readonly seen: Seen[];
  /** Replaces what happens with a request; the default sends it back. */
  onRequest: (stream: Seen, body: Uint8Array) => void;
  readonly questions: Question[];
  /** Replaces the answer to a question; the default has no resource. */
  onQuestion: (question: Question) => Answer | Ending;
  /** When set, streams and questions are refused with it. */
  refusal: Ending | undefined;
}

export function fakeHub(): FakeHub {
  const hub: FakeHub = {
    seen: [],
    questions: [],
    refusal: undefined,
    onQuestion: () => ({ version: "v1", unchanged: false, resources: [], identifier: "test" }),
    fetch(question) {
      if (hub.refusal !== undefined) return hub.refusal;
      hub.questions.push(question);
      return hub.onQuestion(question);
    },
    onRequest: ({ outlet }, body) => outlet.send(frame(body)),
    open(mode, outlet, type): Inlet | Ending {
      if (hub.refusal !== undefined) return hub.refusal;
      const stream: Seen = { mode, type, outlet, bodies: [], closed: 0 };
      hub.seen.push(stream);
      return {
        receive(body) {
          stream.bodies.push(Buffer.from(body));
          hub.onRequest(stream, body);
        },
        closed: () => void stream.closed++,
      };
    },
  };
  return hub;
}

/** The first stream that a fake hub saw. */
export function first(hub: FakeHub): Seen {
  const [stream] = hub.seen;
  if (stream === undefined) throw new Error("No stream was opened");
  return stream;
}

/** A log that remembers. */
export function memoryLog(): Log & { readonly lines: { level: Level; message: string; fields: Fields }[] } {
  const lines: { level: Level; message: string; fields: Fields }[] = [];
  const at = (level: Level) => (message: string, fields: Fields = {}) => void lines.push({ level, message, fields });
  return { lines, error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}

type StartOptions = Partial<Omit<TransportOptions, "listen" | "rest">> & {
  readonly listen?: readonly string[];
  /** The address of REST; resources are printed as their names. */
  readonly rest?: string;
};

/** Starts a transport, else on a free port of the loopback interface, and closes it when it goes out of scope. */
export async function start({ listen = ["127.0.0.1:0"], rest, ...options }: StartOptions = {}) {
  const hub = fakeHub();
  const log = memoryLog();
  const transport: Transport = await startTransport({
    listen: listen.map(toAddress),
    ...(rest === undefined ? {} : {
      rest: { address: toAddress(rest), print: ({ type, name }: Resource) => ({ "@type": type, name }) },
    }),
    host: hub,
    log,
    limits: DEFAULT_LIMITS,
    insecure: false,
    now: Date.now,
    ...options,
  });
  const address = transport.addresses[0] ?? "";
  return {
    hub,
    log,
    transport,
    address,
    restUrl: transport.restUrl ?? "",
    port: Number(address.slice(address.lastIndexOf(":") + 1)),
    [Symbol.asyncDispose]: () => transport.close(),
  };
}

function toAddress(text: string): Address {
  const address = parseAddress(text);
  if (address.kind === "none") throw new Error(`"${text}": ${address.why}`);
  return address;
}

/** One stream of a client, with everything that happened to it. */
export interface TestStream {
  readonly call: ClientDuplexStream<Buffer, Buffer>;
  readonly messages: Buffer[];
  /** The status, once the stream is over. */
  ended: { readonly code: status; readonly details: string } | undefined;
  send(body: Uint8Array | string): void;
}

export interface Asked {
  readonly code: status;
  readonly details: string;
  readonly body: Buffer;
}

export interface TestClient extends Disposable {
  open(mode?: Mode, path?: string): TestStream;
  /** A unary call: the status, and the body of the answer when that is OK. */
  ask(path: string, body: Uint8Array): Promise<Asked>;
}

/** A client with a connection of its own. */
export function client(address: string, tls: ChannelCredentials = credentials.createInsecure()): TestClient {
  const channel = new Client(address, tls, {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.ssl_target_name_override": "localhost",
    "grpc.default_authority": "localhost",
    "grpc.max_receive_message_length": -1,
    "grpc.initial_reconnect_backoff_ms": 100,
  });
  const same = (bytes: Buffer) => bytes;
  return {
    open(mode = "sotw", path = ADS_PATHS[mode]) {
      const call = channel.makeBidiStreamRequest<Buffer, Buffer>(path, same, same, new Metadata());
      const stream: TestStream = {
        call,
        messages: [],
        ended: undefined,
        send: (body) => void call.write(Buffer.from(body)),
      };
      call.on("data", (body: Buffer) => void stream.messages.push(body));
      call.on("error", () => {});
      call.on("status", ({ code, details }) => stream.ended = { code, details });
      return stream;
    },
    ask: (path, body) =>
      new Promise((resolve) => {
        channel.makeUnaryRequest<Buffer, Buffer>(path, same, same, Buffer.from(body), (error, answer) => {
          const { code, details } = error ?? { code: status.OK, details: "" };
          resolve({ code, details, body: answer ?? Buffer.alloc(0) });
        });
      }),
    [Symbol.dispose]: () => channel.close(),
  };
}

/** A client below gRPC: the bytes of a stream as HTTP/2 carries them. */
export function rawClient(port: number) {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  return {
    session,
    open(mode: Mode = "sotw", headers: Record<string, string> = {}) {
      const stream = session.request({
        ":method": "POST",
        ":path": ADS_PATHS[mode],
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      stream.on("error", () => {});
      const seen = { stream, bytes: Buffer.alloc(0), trailers: undefined as IncomingHttpHeaders | undefined };
      stream.on("trailers", (trailers) => seen.trailers = trailers);
      return seen;
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}

/** Keeps what a raw stream receives. */
export function collect(seen: { stream: ClientHttp2Stream; bytes: Buffer }): void {
  seen.stream.on("data", (chunk: Buffer) => seen.bytes = Buffer.concat([seen.bytes, chunk]));
}

/** Waits until something holds; fails after `ms` with what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A new folder that is removed when it goes out of scope. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "xcp-transport-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
