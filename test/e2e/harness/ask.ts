/**
 * One request at a time, each over a connection of its own, so that it meets the configuration of this moment.
 *
 * @module
 */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import { eventually } from "./eventually.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The header `x-filter`; "" when it is not there. */
  readonly filter: string;
  /** SHA-256 of the server's certificate, as `fingerprint` of test/certificates.ts makes it; "" without TLS. */
  readonly certificate: string;
}

export interface AskOptions {
  /** Authority of the server's certificate, for an https URL. */
  readonly ca?: string;
  /** `host` is one of them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks once. */
export function ask(url: string, { ca, headers = {} }: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent: false as const, headers: { ...headers, connection: "close" }, timeout: 5_000 };
    const call = url.startsWith("https:")
      ? httpsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) })
      : httpRequest(url, options);
    call.on("response", (response) => {
      let body = "";
      const socket = response.socket as Partial<TLSSocket>;
      const certificate = socket.getPeerCertificate?.().fingerprint256?.replaceAll(":", "").toLowerCase() ?? "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => body += piece);
      response.on("end", () => {
        const filter = String(response.headers["x-filter"] ?? "");
        resolve({ status: response.statusCode ?? 0, body, filter, certificate });
      });
      response.on("error", reject);
    });
    call.on("timeout", () => call.destroy(new Error(`${url} did not answer in 5 s`)));
    call.on("error", reject);
    call.end();
  });
}

/** Asks until an answer is as said. */
export async function eventuallyAnswers(
  url: string,
  expected: Partial<Answer>,
  options: AskOptions = {},
): Promise<Answer> {
  let last: Answer | undefined;
  return await eventually(async () => {
    last = undefined;
    last = await ask(url, options);
    const same = Object.entries(expected).every(([key, value]) => last?.[key as keyof Answer] === value);
    return same ? last : undefined;
  }, { describe: () => `an answer ${JSON.stringify(expected)}, found ${JSON.stringify(last)}` });
}
