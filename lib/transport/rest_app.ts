/**
 * xDS over REST-JSON: `POST /v3/discovery:clusters` and its like, for clients that poll.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#rest-json-polling-subscriptions
 * @module
 */
import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type Answer, type Ending, isEnding, type Peer, type StreamHost } from "../hub/port.ts";
import type { Log } from "../log.ts";
import type { Resource } from "../model/resource.ts";
import { RESOURCE_TYPES } from "../model/types.ts";
import { MalformedMessage } from "../xds/wire/reader.ts";
import { wrongType } from "./fetch.ts";
import { readRestRequest } from "./rest_request.ts";

/** What comes with a request beside the request. */
export interface RestEnv {
  readonly Bindings: { readonly peer: Peer };
}

export interface RestOptions {
  readonly host: StreamHost;
  readonly log: Log;
  /** A resource as canonical proto3 JSON with `@type`: what `DiscoveryResponse.resources` holds. Nothing is redacted. */
  readonly print: (resource: Resource) => unknown;
}

/** Bytes of a request. A stock node is 150 KB, and no client names tens of thousands of resources at once. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Requests in hand at a time; with the one above, a bound on memory. */
const MAX_IN_HAND = 256;

/** Everything that the REST address answers. */
export function restApp({ host, log, print }: RestOptions): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  app.use("*", headers, gate());
  for (const { url, discovery } of RESOURCE_TYPES) {
    if (discovery.rest === undefined) continue;
    app.post(discovery.rest, json, body, async (context) => {
      const { error: rejected, ...asked } = readRestRequest(await context.req.text());
      const wrong = wrongType(asked.type, url);
      if (wrong !== undefined) return refusal(wrong);
      const answer = host.fetch({ ...asked, error: rejected, type: url, peer: context.env.peer });
      if (isEnding(answer)) return refusal(answer);
      if (answer.unchanged) return new Response(null, { status: 304 });
      return new Response(responseJson(url, answer, print), { headers: { "content-type": "application/json" } });
    });
    app.all(discovery.rest, ({ req }) => {
      return problem(405, `Cannot ${req.method} "${req.path}": questions are asked with POST`, { allow: "POST" });
    });
  }
  app.notFound(({ req }) => problem(404, `Cannot find "${req.path}": there is no such path`));
  app.onError((error, { req, env }) => {
    if (error instanceof MalformedMessage) return problem(400, `Cannot read the request: ${error.message}`);
    log.error("A question failed", { address: env.peer.address, path: req.path, error: error.stack ?? error.message });
    return problem(500, `Cannot answer "${req.path}": xcp has a bug, its log has the details`);
  });
  return app;
}

/** A `DiscoveryResponse`. It has no nonce: there is no stream that it could be told apart on. */
function responseJson(typeUrl: string, answer: Answer, print: RestOptions["print"]): string {
  const { version: versionInfo, identifier } = answer;
  return JSON.stringify({ versionInfo, resources: answer.resources.map(print), typeUrl, controlPlane: { identifier } });
}

const headers: MiddlewareHandler = async (context, next) => {
  await next();
  context.res.headers.set("cache-control", "no-store");
  context.res.headers.set("x-content-type-options", "nosniff");
};

/** Lets a request in, if there is room and it is a client's. */
function gate(): MiddlewareHandler {
  let inHand = 0;
  return async ({ req }, next) => {
    // A browser says which page asks. A name that a stranger's DNS points here must not read private keys with it.
    if (req.header("origin") !== undefined) return problem(403, "Cannot answer: this is not for web pages");
    if (inHand >= MAX_IN_HAND) return problem(503, `Cannot answer: ${MAX_IN_HAND} requests are in hand`, RETRY);
    inHand++;
    try {
      await next();
    } finally {
      inHand--;
    }
  };
}

const json: MiddlewareHandler = async ({ req }, next) => {
  const type = req.header("content-type");
  if (type === undefined || /^application\/json\s*(;|$)/i.test(type)) return await next();
  return problem(415, `Cannot read "${type.slice(0, 100)}": questions are application/json`);
};

const body: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => problem(413, `Cannot read the request: it has more than ${MAX_BODY_BYTES} bytes`),
});

const RETRY = { "retry-after": "1" };

/** What the hub said instead of an answer. */
function refusal({ code, message }: Ending): Response {
  if (code === "INVALID_ARGUMENT") return problem(400, message);
  if (code === "INTERNAL") return problem(500, message);
  return problem(503, message, RETRY);
}

const TITLES = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/** RFC 9457. */
function problem(status: keyof typeof TITLES, detail: string, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail })}\n`, {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
