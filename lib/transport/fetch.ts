/**
 * The unary `Fetch` methods: one question, one answer, nothing that follows.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { type Ending, isEnding, type Peer, type StreamHost } from "../hub/port.ts";
import { readNode } from "../xds/wire/node.ts";
import { MalformedMessage } from "../xds/wire/reader.ts";
import { readSotwRequest } from "../xds/wire/request.ts";
import { writeAnswer } from "../xds/wire/response.ts";

const NOTHING = new Uint8Array(0);

/**
 * Answers a `DiscoveryRequest` for a type (URL) with the bytes of a `DiscoveryResponse`. gRPC has no 304: what the
 * client has already comes again.
 */
export function answerFetch(host: StreamHost, type: string, body: Uint8Array, peer: Peer): Buffer | Ending {
  try {
    const { request, node } = readSotwRequest(body);
    const wrong = wrongType(request.type, type);
    if (wrong !== undefined) return wrong;
    const { names, version, error } = request;
    const answer = host.fetch({ node: readNode(node ?? NOTHING), type, names, version, error, peer });
    if (isEnding(answer)) return answer;
    return writeAnswer({ type, version: answer.version, resources: answer.resources }, answer.identifier);
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    return { code: "INVALID_ARGUMENT", message: `Cannot read the request: ${error.message}` };
  }
}

/** A service of one type needs no `type_url`, and takes no other one. */
export function wrongType(asked: string, type: string): Ending | undefined {
  if (asked === "" || asked === type) return undefined;
  return { code: "INVALID_ARGUMENT", message: `Cannot answer for type "${asked}": this service has "${type}"` };
}
