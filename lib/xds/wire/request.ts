/**
 * Reads a `DiscoveryRequest` or `DeltaDiscoveryRequest` from bytes. The node comes out as the bytes it was: it is 61 KB
 * with stock Envoy and looked at once.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
 * @module
 */
import type { DeltaRequest, SotwRequest } from "../messages.ts";
import { HeldEntries } from "./held.ts";
import { FieldReader, MalformedMessage } from "./reader.ts";

/** Names of one request, of each kind: as many as the hub lets a stream have of a type. */
const MOST_NAMES = 100_000;
/** Bytes of one name. */
const LONGEST_NAME = 64 * 1024;

/** A request, and the bytes of its node message when it has one. */
export interface Incoming<R> {
  readonly request: R;
  readonly node: Uint8Array | undefined;
}

/** @throws MalformedMessage */
export function readSotwRequest(body: Uint8Array): Incoming<SotwRequest> {
  let type = "", version = "", nonce = "";
  let error: string | undefined;
  let node: Uint8Array | undefined;
  const names: string[] = [];
  const reader = new FieldReader(body);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        version = reader.string();
        break;
      case 2:
        node = reader.bytes();
        break;
      case 3:
        add(names, readName(reader));
        break;
      case 4:
        type = reader.string();
        break;
      case 5:
        nonce = reader.string();
        break;
      case 6:
        error = readStatusMessage(reader.bytes());
        break;
      case 7:
        add(names, readLocatorName(reader.bytes()));
        break;
    }
  }
  return { request: { mode: "sotw", type, version, nonce, error, names }, node };
}

/** @throws MalformedMessage */
export function readDeltaRequest(body: Uint8Array): Incoming<DeltaRequest> {
  let type = "", nonce = "";
  let error: string | undefined;
  let node: Uint8Array | undefined;
  const subscribe: string[] = [];
  const unsubscribe: string[] = [];
  let held: number[] | undefined;
  const reader = new FieldReader(body);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        node = reader.bytes();
        break;
      case 2:
        type = reader.string();
        break;
      case 3:
        add(subscribe, readName(reader));
        break;
      case 4:
        add(unsubscribe, readName(reader));
        break;
      case 5:
        (held ??= []).push(reader.start, reader.end);
        break;
      case 6:
        nonce = reader.string();
        break;
      case 7:
        error = readStatusMessage(reader.bytes());
        break;
      case 8:
        add(subscribe, readLocatorName(reader.bytes()));
        break;
      case 9:
        add(unsubscribe, readLocatorName(reader.bytes()));
        break;
    }
  }
  const holds = held === undefined ? NOTHING_HELD : new HeldEntries(body, held);
  return { request: { mode: "delta", type, nonce, error, subscribe, unsubscribe, held: holds }, node };
}

const NOTHING_HELD: ReadonlyMap<string, string> = new Map();

/** `google.rpc.Status.message`; the code is always the same and says nothing. */
function readStatusMessage(bytes: Uint8Array): string {
  let message = "";
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field === 2) message = reader.string();
  return message;
}

/** One request has no more: what would be too much for a stream is not read first. */
function add(names: string[], name: string): void {
  if (names.length === MOST_NAMES) throw new MalformedMessage(`more than ${MOST_NAMES} resource names`);
  names.push(name);
}

function readName(reader: FieldReader): string {
  if (reader.end - reader.start > LONGEST_NAME) {
    throw new MalformedMessage(`a resource name has more than ${LONGEST_NAME} bytes`);
  }
  return reader.string();
}

/** `ResourceLocator.name`; dynamic parameters select variants, of which each name has one here. */
function readLocatorName(bytes: Uint8Array): string {
  let name = "";
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field === 1) name = readName(reader);
  return name;
}
