/**
 * What every answer of the API is made with.
 *
 * @module
 */
import type { Context } from "hono";
import type { IncomingMessage, ServerResponse } from "node:http";

/** What a request comes with when it came over a real connection; a test without one has nothing. */
export interface Connection {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

export type AdminContext = Context<{ Bindings: Connection }>;

/** An answer in JSON, with a line end for those who read it on a terminal. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return jsonText(JSON.stringify(value), status, headers);
}

/** The same for JSON that is text already. */
export function jsonText(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "application/json", ...headers } });
}
