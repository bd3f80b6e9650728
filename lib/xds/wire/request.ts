/**
 * Reads a `DiscoveryRequest` or `DeltaDiscoveryRequest` from bytes. The node comes out as the bytes it was: it is 61 KB
 * with stock Envoy and looked at once.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
 * @module
 */
import { canonicalName } from "../../model/names.ts";
import type { DeltaRequest, SotwRequest } from "../messages.ts";
import { FieldReader } from "./reader.ts";

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
        names.push(reader.string());
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
        names.push(readLocatorName(reader.bytes()));
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
  let held: Map<string, string> | undefined;
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
        subscribe.push(reader.string());
        break;
      case 4:
        unsubscribe.push(reader.string());
        break;
      case 5:
        readEntry(reader.bytes(), held ??= new Map());
        break;
      case 6:
        nonce = reader.string();
        break;
      case 7:
        error = readStatusMessage(reader.bytes());
        break;
      case 8:
        subscribe.push(readLocatorName(reader.bytes()));
        break;
      case 9:
        unsubscribe.push(readLocatorName(reader.bytes()));
        break;
    }
  }
  return { request: { mode: "delta", type, nonce, error, subscribe, unsubscribe, held: held ?? NOTHING_HELD }, node };
}

const NOTHING_HELD: ReadonlyMap<string, string> = new Map();

/** `google.rpc.Status.message`; the code is always the same and says nothing. */
function readStatusMessage(bytes: Uint8Array): string {
  let message = "";
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field === 2) message = reader.string();
  return message;
}

/** `ResourceLocator.name`; dynamic parameters select variants, of which each name has one here. */
function readLocatorName(bytes: Uint8Array): string {
  let name = "";
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field === 1) name = reader.string();
  return name;
}

function readEntry(bytes: Uint8Array, into: Map<string, string>): void {
  let key = "", value = "";
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = reader.string();
  }
  into.set(canonicalName(key), value);
}
