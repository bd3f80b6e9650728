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

/** Bytes before the body of a gRPC message: a compression flag and the length. */
export const FRAME_HEADER = 5;

/** A response with its nonce, as a gRPC message. `identifier` is the server's name for people (`control_plane`). */
export function writeResponse(response: Response, nonce: string, identifier: string): Buffer {
  return response.mode === "sotw" ? writeSotw(response, nonce, identifier) : writeDelta(response, nonce, identifier);
}

function writeSotw({ version, resources, type }: Response, nonce: string, identifier: string): Buffer {
  const typeField = textField(1, type);
  let size = stringSize(version) + stringSize(type) + stringSize(nonce) + controlPlaneSize(identifier);
  for (const { bytes } of resources) size += fieldSize(anySize(typeField, bytes));
  const writer = new Writer(size);
  writer.string(1, version);
  for (const { bytes } of resources) writer.any(2, typeField, bytes);
  writer.string(4, type);
  writer.string(5, nonce);
  writer.controlPlane(6, identifier);
  return writer.buffer;
}

function writeDelta({ version, resources, removed, type }: Response, nonce: string, identifier: string): Buffer {
  const typeField = textField(1, type);
  let size = stringSize(version) + stringSize(type) + stringSize(nonce) + controlPlaneSize(identifier);
  for (const resource of resources) size += fieldSize(resourceSize(resource, typeField));
  for (const name of removed) size += fieldSize(Buffer.byteLength(name));
  const writer = new Writer(size);
  writer.string(1, version);
  for (const resource of resources) {
    writer.header(2, resourceSize(resource, typeField));
    writer.string(1, resource.version);
    writer.any(2, typeField, resource.bytes);
    writer.string(3, resource.name);
  }
  writer.string(4, type);
  writer.string(5, nonce);
  for (const name of removed) writer.text(6, name);
  writer.controlPlane(7, identifier);
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
function anySize(typeField: Uint8Array, bytes: Uint8Array): number {
  return typeField.length + (bytes.length === 0 ? 0 : fieldSize(bytes.length));
}

function resourceSize(resource: Resource, typeField: Uint8Array): number {
  return stringSize(resource.version) + fieldSize(anySize(typeField, resource.bytes)) + stringSize(resource.name);
}

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
    for (; length >= 0x80; length = Math.floor(length / 128)) this.buffer[this.#at++] = (length % 128) | 0x80;
    this.buffer[this.#at++] = length;
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

  any(field: number, typeField: Uint8Array, bytes: Uint8Array): void {
    this.header(field, anySize(typeField, bytes));
    this.buffer.set(typeField, this.#at);
    this.#at += typeField.length;
    if (bytes.length === 0) return;
    this.header(2, bytes.length);
    this.buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  controlPlane(field: number, identifier: string): void {
    this.header(field, stringSize(identifier));
    this.string(1, identifier);
  }
}
