/**
 * gRPC server reflection: tools learn here what can be called and what the messages look like, those of every type of
 * the Envoy API too. Files are handed out as the bytes that they came as; nothing is read before somebody asks.
 *
 * The two versions of the protocol differ in their name alone.
 *
 * @see https://github.com/grpc/grpc-proto/blob/master/grpc/reflection/v1/reflection.proto
 * @module
 */
import type { Buffer } from "node:buffer";
import { type Server, status } from "@grpc/grpc-js";
import type { Log } from "../../log.ts";
import type { Api } from "../../model/api.ts";
import { fileOfSymbol, withImports } from "../../model/symbols.ts";
import { FieldReader } from "../../xds/wire/reader.ts";
import { answerEach, type BidiCall, contained, type Failure, method, OpenCalls } from "./calls.ts";
import { MessageWriter } from "./writer.ts";

export const REFLECTION_SERVICES = [
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
] as const;

/** A request is one name, and comes back in its answer. */
const LONGEST_REQUEST = 4096;

/** Fields of `ServerReflectionRequest` and, below, of its response. */
const ASK = { host: 1, file: 3, symbol: 4, extension: 5, extensionNumbers: 6, services: 7 } as const;
const ANSWER = { host: 1, request: 2, files: 4, extensionNumbers: 5, services: 6, error: 7 } as const;

export interface ReflectionOptions {
  readonly api: Api;
  /** Full names of the services that can be called. */
  readonly services: readonly string[];
  readonly log: Log;
  /** Streams at a time. */
  readonly maxStreams: number;
}

type Question =
  | { readonly kind: "file" | "symbol" | "extensionNumbers"; readonly name: string }
  | { readonly kind: "extension"; readonly name: string; readonly number: number }
  | { readonly kind: "services" | "nothing" };

/** Mutable: who asks. */
export class Reflection {
  readonly #options: ReflectionOptions;
  readonly #calls: OpenCalls;

  constructor(options: ReflectionOptions) {
    this.#options = options;
    this.#calls = new OpenCalls(options.maxStreams, "reflection");
  }

  /** Adds both services to a server. */
  add(server: Server): void {
    for (const service of REFLECTION_SERVICES) {
      server.addService({ ServerReflectionInfo: method(`/${service}/ServerReflectionInfo`, "bidi") }, {
        ServerReflectionInfo: (call: BidiCall) => this.#serve(call),
      });
    }
  }

  /** Ends the streams after a delay in milliseconds; returns the timers. */
  drain(delay: () => number): ReturnType<typeof setTimeout>[] {
    return this.#calls.drain(delay);
  }

  #serve(call: BidiCall): void {
    const open = this.#calls.open(call);
    if (open === undefined) return;
    // What a stream was sent it has: the imports of a file come once.
    const sent = new Set<string>();
    answerEach(call, open, (request) => contained(this.#options.log, "Reflection", () => this.#answer(request, sent)));
  }

  #answer(request: Uint8Array, sent: Set<string>): Buffer | Failure {
    if (request.length > LONGEST_REQUEST) {
      const message = `Cannot read the request: it has more than ${LONGEST_REQUEST} bytes`;
      return { code: "INVALID_ARGUMENT", message };
    }
    const { host, question } = readRequest(request);
    const writer = new MessageWriter();
    writer.string(ANSWER.host, host);
    writer.bytes(ANSWER.request, request);
    this.#write(writer, question, sent);
    return writer.finish();
  }

  #write(writer: MessageWriter, question: Question, sent: Set<string>): void {
    const { api, services } = this.#options;
    switch (question.kind) {
      case "file":
        return this.#files(writer, question.name, `file "${question.name}"`, sent);
      case "symbol":
        return this.#files(writer, fileOfSymbol(api, question.name), `symbol "${question.name}"`, sent);
      case "extension": {
        const extension = api.extensionsOf(question.name).find(({ number }) => number === question.number);
        const what = `extension ${question.number} of "${question.name}"`;
        return this.#files(writer, extension?.file.proto.name, what, sent);
      }
      case "extensionNumbers": {
        const { name } = question;
        if (api.message(name) === undefined) return notFound(writer, `message "${name}"`);
        return writer.message(ANSWER.extensionNumbers, () => {
          writer.string(1, name);
          writer.packed(2, api.extensionsOf(name).map(({ number }) => number).sort((a, b) => a - b));
        });
      }
      case "services":
        return writer.message(ANSWER.services, () => {
          for (const service of services) writer.message(1, () => writer.string(1, service));
        });
      case "nothing":
        return fail(writer, status.INVALID_ARGUMENT, "Cannot answer the request: it asks for nothing that is known");
    }
  }

  /** The file, asked for by its own name or by what is in it, behind those of its imports that were not sent before. */
  #files(writer: MessageWriter, path: string | undefined, what: string, sent: Set<string>): void {
    const { api } = this.#options;
    if (path === undefined || api.descriptor(path) === undefined) return notFound(writer, what);
    // What is asked for by name is sent again, and first: tools take the first file for the answer.
    sent.delete(path);
    const files = withImports(api, path, sent).reverse();
    writer.message(ANSWER.files, () => {
      for (const each of files) {
        const bytes = api.descriptor(each);
        if (bytes !== undefined) writer.bytes(1, bytes);
        sent.add(each);
      }
    });
  }
}

function notFound(writer: MessageWriter, what: string): void {
  fail(writer, status.NOT_FOUND, `Cannot find ${what}: xcp does not have it`);
}

function fail(writer: MessageWriter, code: status, message: string): void {
  writer.message(ANSWER.error, () => {
    writer.uint(1, code);
    writer.string(2, message);
  });
}

function readRequest(request: Uint8Array): { readonly host: string; readonly question: Question } {
  let host = "";
  let question: Question = { kind: "nothing" };
  const reader = new FieldReader(request);
  while (reader.next()) {
    switch (reader.field) {
      case ASK.host:
        host = reader.string();
        break;
      case ASK.file:
        question = { kind: "file", name: reader.string() };
        break;
      case ASK.symbol:
        question = { kind: "symbol", name: reader.string() };
        break;
      case ASK.extension:
        question = readExtension(reader.bytes());
        break;
      case ASK.extensionNumbers:
        question = { kind: "extensionNumbers", name: reader.string() };
        break;
      case ASK.services:
        question = { kind: "services" };
        break;
    }
  }
  return { host, question };
}

/** `ExtensionRequest`. */
function readExtension(bytes: Uint8Array): Question {
  let name = "", number = 0;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) number = reader.uint();
  }
  return { kind: "extension", name, number };
}
