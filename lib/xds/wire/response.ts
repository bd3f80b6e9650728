/**
 * Writes a `DiscoveryResponse` or `DeltaDiscoveryResponse` as one length-prefixed gRPC message: measured first, then
 * written once into a buffer of exactly that size, which all streams share. The resources are bytes already.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md (Length-Prefixed-Message)
 * @module
 */
import { Buffer } from "node:buffer";
import type { Resource } from "../../model/resource.ts";
import type { Response } from "../messages.ts";
import { NOBODY } from "../on_demand.ts";

/** Bytes before the body of a gRPC message: a compression flag and the length. */
export const FRAME_HEADER = 5;

/** What of a response is written. */
type Content = Omit<Response, "target" | "key">;

/** A response with its nonce, as a gRPC message. `identifier` is the server's name for people (`control_plane`). */
export function writeResponse(response: Response, nonce: string, identifier: string): Buffer {
  return response.mode === "sotw" ? writeSotw(response, nonce, identifier) : writeDelta(response, nonce, identifier);
}

/** The body of a state-of-the-world response that belongs to no stream, and so has no nonce. */
export function writeAnswer(answer: Pick<Content, "type" | "version" | "resources">, identifier: string): Buffer {
  const response = { ...PLAIN, ...answer };
  return writeSotw(response, "", identifier).subarray(FRAME_HEADER);
}

const PLAIN = { mode: "sotw", removed: [], missing: [], heartbeat: false, ttl: false, asked: undefined } as const;

function writeSotw(response: Content, nonce: string, identifier: string): Buffer {
  const { version, resources, type, missing } = response;
  const typeField = textField(1, type);
  const wrapperField = textField(1, WRAPPER);
  const wrapped = (resource: Resource) => response.ttl && resource.ttl !== undefined;
  const sizeOf = (resource: Resource) =>
    wrapped(resource)
      ? anySize(wrapperField, resourceSize(resource, typeField, response))
      : anySize(typeField, resource.bytes.length);
  let size = stringSize(version) + stringSize(type) + stringSize(nonce) + controlPlaneSize(identifier);
  for (const resource of resources) size += fieldSize(sizeOf(resource));
  for (const name of missing) size += fieldSize(errorSize(name));
  const writer = new Writer(size);
  writer.string(1, version);
  for (const resource of resources) {
    if (!wrapped(resource)) {
      writer.any(2, typeField, resource.bytes);
      continue;
    }
    const inner = resourceSize(resource, typeField, response);
    writer.header(2, anySize(wrapperField, inner));
    writer.raw(wrapperField);
    writer.header(2, inner);
    writer.resource(resource, typeField, response);
  }
  writer.string(4, type);
  writer.string(5, nonce);
  writer.controlPlane(6, identifier);
  for (const name of missing) writer.error(7, name);
  return writer.buffer;
}

function writeDelta(response: Content, nonce: string, identifier: string): Buffer {
  const { version, resources, removed, type, missing, asked } = response;
  const typeField = textField(1, type);
  const unknown = asked?.get(NOBODY) ?? [];
  let size = stringSize(version) + stringSize(type) + stringSize(nonce) + controlPlaneSize(identifier);
  for (const resource of resources) size += fieldSize(resourceSize(resource, typeField, response));
  for (const name of unknown) size += fieldSize(2 * fieldSize(Buffer.byteLength(name)));
  for (const name of removed) size += fieldSize(Buffer.byteLength(name));
  for (const name of missing) size += fieldSize(errorSize(name));
  const writer = new Writer(size);
  writer.string(1, version);
  for (const resource of resources) {
    writer.header(2, resourceSize(resource, typeField, response));
    writer.resource(resource, typeField, response);
  }
  for (const name of unknown) {
    writer.header(2, 2 * fieldSize(Buffer.byteLength(name)));
    writer.text(3, name);
    writer.text(4, name);
  }
  writer.string(4, type);
  writer.string(5, nonce);
  for (const name of removed) writer.text(6, name);
  writer.controlPlane(7, identifier);
  for (const name of missing) writer.error(9, name);
  return writer.buffer;
}

function varintSize(value: number): number {
  let size = 1;
  for (; value >= 0x80; value = Math.floor(value / 128)) size++;
  return size;
}

/** Size of a length-delimited field whose number is below 16. */
function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

function stringSize(text: string): number {
  return text === "" ? 0 : fieldSize(Buffer.byteLength(text));
}

/** `Any`; its type URL is the same field in thousands of resources, and so is made once. */
function anySize(typeField: Uint8Array, length: number): number {
  return typeField.length + (length === 0 ? 0 : fieldSize(length));
}

/** `Resource`: without a body in a heartbeat; with its time to live for those who know of it. */
function resourceSize(resource: Resource, typeField: Uint8Array, { asked, heartbeat, ttl }: Content): number {
  let size = stringSize(resource.version) + stringSize(resource.name);
  if (!heartbeat) size += fieldSize(anySize(typeField, resource.bytes.length));
  if (asked !== undefined) {
    for (const name of asked.get(resource.name) ?? []) size += fieldSize(Buffer.byteLength(name));
  }
  if (ttl && resource.ttl !== undefined) size += fieldSize(durationSize(resource.ttl));
  return size;
}

/** The wrapper of a state-of-the-world resource that has a time to live. */
const WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

/** `google.protobuf.Duration` of milliseconds. */
function durationSize(ms: number): number {
  const nanos = ms % 1_000 * NANOS;
  return (ms < 1_000 ? 0 : 1 + varintSize(Math.floor(ms / 1_000))) + (nanos === 0 ? 0 : 1 + varintSize(nanos));
}

const NANOS = 1_000_000;

/** `ResourceError` with the name and a `google.rpc.Status`. */
function errorSize(name: string): number {
  return fieldSize(fieldSize(Buffer.byteLength(name))) + fieldSize(STATUS_SIZE);
}

/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;
const ABSENT = "the server has no such resource";
const STATUS_SIZE = 2 + fieldSize(ABSENT.length);

/** A string field with its tag. */
function textField(field: number, text: string): Uint8Array {
  const length = Buffer.byteLength(text);
  const writer = new Writer(fieldSize(length));
  writer.text(field, text);
  return writer.buffer.subarray(FRAME_HEADER);
}

function controlPlaneSize(identifier: string): number {
  return fieldSize(stringSize(identifier));
}

class Writer {
  readonly buffer: Buffer;
  #at = FRAME_HEADER;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafeSlow(FRAME_HEADER + size);
    this.buffer[0] = 0;
    this.buffer.writeUInt32BE(size, 1);
  }

  /** Tag and length of a length-delimited field. */
  header(field: number, length: number): void {
    this.buffer[this.#at++] = field * 8 + 2;
    this.#varint(length);
  }

  /** A string, left out when it is empty. */
  string(field: number, text: string): void {
    if (text !== "") this.text(field, text);
  }

  /** An element of a repeated string, which may be empty. */
  text(field: number, text: string): void {
    this.header(field, Buffer.byteLength(text));
    this.#at += this.buffer.write(text, this.#at);
  }

  /** An embedded message without a tag. */
  raw(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  any(field: number, typeField: Uint8Array, bytes: Uint8Array): void {
    this.header(field, anySize(typeField, bytes.length));
    this.raw(typeField);
    if (bytes.length === 0) return;
    this.header(2, bytes.length);
    this.raw(bytes);
  }

  /** The fields of a `Resource`, as {@link resourceSize} counts them. */
  resource(resource: Resource, typeField: Uint8Array, { asked, heartbeat, ttl }: Content): void {
    this.string(1, resource.version);
    if (!heartbeat) this.any(2, typeField, resource.bytes);
    this.string(3, resource.name);
    if (asked !== undefined) { for (const name of asked.get(resource.name) ?? []) this.text(4, name); }
    if (!ttl || resource.ttl === undefined) return;
    this.header(6, durationSize(resource.ttl));
    this.number(1, Math.floor(resource.ttl / 1_000));
    this.number(2, resource.ttl % 1_000 * NANOS);
  }

  /** `ResourceError`, not found. */
  error(field: number, name: string): void {
    const length = Buffer.byteLength(name);
    this.header(field, errorSize(name));
    this.header(1, fieldSize(length));
    this.text(1, name);
    this.header(2, STATUS_SIZE);
    this.number(1, NOT_FOUND);
    this.string(2, ABSENT);
  }

  /** A varint field, left out when it is 0. */
  number(field: number, value: number): void {
    if (value === 0) return;
    this.buffer[this.#at++] = field * 8;
    this.#varint(value);
  }

  controlPlane(field: number, identifier: string): void {
    this.header(field, stringSize(identifier));
    this.string(1, identifier);
  }

  #varint(value: number): void {
    for (; value >= 0x80; value = Math.floor(value / 128)) this.buffer[this.#at++] = (value % 128) | 0x80;
    this.buffer[this.#at++] = value;
  }
}
