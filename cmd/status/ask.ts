/**
 * Asks the admin API of servers.
 *
 * @module
 */
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ClientJson, GroupJson, StoreJson } from "../../lib/admin/json.ts";
import { reason } from "../../lib/system_error.ts";
import { usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { durationOf, readNamed, readToken } from "../values.ts";

export interface AskOptions {
  /** `http://…`, `https://…` or `unix:/path`, checked. */
  readonly urls: readonly string[];
  readonly token: string | undefined;
  /** PEM. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
}

/** What one server said, or why it said nothing. */
export interface Answer {
  readonly url: string;
  readonly groups: readonly GroupJson[];
  readonly clients: readonly ClientJson[];
  /** None of a server that does not tell. */
  readonly stores: readonly StoreJson[];
  readonly failure: string | undefined;
}

/**
 * @throws {CommandError} `usage`, `unreadable`, `invalid`
 */
export async function askOptions(parsed: Parsed): Promise<AskOptions> {
  const named = parsed.all("admin-url");
  const urls = named.length === 0 ? ["http://127.0.0.1:18001"] : named;
  for (const url of urls) {
    if (url.startsWith("unix:") || /^https?:$/.test(URL.parse(url)?.protocol ?? "")) continue;
    throw usageError(`Cannot take ${parsed.from("admin-url")} "${url}": it begins with http://, https:// or unix:`);
  }
  const timeoutMs = durationOf(parsed, "timeout", 5_000);
  const [token, ca] = [parsed.one("api-token-file"), parsed.one("tls-ca")];
  return {
    urls,
    token: token === undefined ? undefined : await readToken(token),
    ca: ca === undefined ? undefined : await readNamed(ca),
    timeoutMs,
  };
}

/** Asks all servers at once. A server that cannot be asked is an answer with a failure. */
export function askServers(options: AskOptions): Promise<Answer[]> {
  return Promise.all(options.urls.map(async (url) => {
    try {
      const [{ groups }, { clients }, told] = await Promise.all([
        fetchServer<{ groups: GroupJson[] }>(url, "/v1/groups", "groups", options),
        fetchServer<{ clients: ClientJson[] }>(url, "/v1/clients", "clients", options),
        fetchIfTold<{ stores: StoreJson[] }>(url, "/v1/stores", "stores", options),
      ]);
      return { url, groups, clients, stores: told?.stores ?? [], failure: undefined };
    } catch (error) {
      return { url, groups: [], clients: [], stores: [], failure: `Cannot ask "${url}": ${reason(error)}` };
    }
  }));
}

/**
 * The JSON under a path, which is an object with a list under `key`.
 *
 * @throws {Error} With the state alone: `connection refused`
 */
export async function fetchServer<T>(
  url: string,
  path: string,
  key: string,
  options: Omit<AskOptions, "urls">,
): Promise<T> {
  return read<T>(await fetchText(url, path, options), key, options);
}

/**
 * The same of a path that a server of an earlier xcp does not have: then undefined.
 *
 * @throws {Error} As {@link fetchServer}
 */
export async function fetchIfTold<T>(
  url: string,
  path: string,
  key: string,
  options: Omit<AskOptions, "urls">,
): Promise<T | undefined> {
  const answer = await fetchText(url, path, options);
  return answer.status === 404 ? undefined : read<T>(answer, key, options);
}

function read<T>({ status, body }: { status: number; body: string }, key: string, { token }: { token: unknown }): T {
  const value = parse(body);
  if (status === 200 && isObject(value) && Array.isArray(value[key])) return value as T;
  if (status === 401) {
    throw new Error(token === undefined ? "it wants a token, see --api-token-file" : "it refuses the token");
  }
  const detail = isObject(value) && typeof value["detail"] === "string" ? value["detail"] : undefined;
  throw new Error(detail ?? (status === 200 ? "this is no xcp" : `it answers ${status}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` knows neither sockets nor an authority of one's own in every runtime; the client of `node:http` does. */
function fetchText(url: string, path: string, { token, ca, timeoutMs }: Omit<AskOptions, "urls">) {
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const answered = (response: IncomingMessage) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => body += chunk);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", failed);
    };
    const failed = (error: Error) => reject(signal.aborted ? new Error(`no answer in ${timeoutMs / 1000} s`) : error);
    const request = url.startsWith("unix:")
      ? httpRequest({ socketPath: url.slice("unix:".length), path, headers, signal }, answered)
      : url.startsWith("https:")
      ? httpsRequest(target(url, path), { headers, signal, ...(ca === undefined ? {} : { ca }) }, answered)
      : httpRequest(target(url, path), { headers, signal }, answered);
    request.on("error", failed);
    request.end();
  });
}

/** A server behind a proxy may have a prefix: `https://host/xcp`. */
function target(url: string, path: string): URL {
  return new URL(`${url.replace(/\/+$/, "")}${path}`);
}
