/**
 * Who may read the API. Loopback and sockets are open to this machine's users, but not to web pages that a browser on
 * this machine shows; everywhere else it takes the token.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { isLoopbackHost } from "../address.ts";
import { problem } from "./problem.ts";

/** How an address is guarded. */
export interface Guard {
  /**
   * `loopback`: the `Host` must be this machine, so that no name that a stranger's DNS points here (DNS rebinding)
   * can be used to read the API from a browser. `socket`: file permissions decide. `network`: the token decides.
   */
  readonly reach: "loopback" | "socket" | "network";
  /** The bearer token at this moment; undefined when there is none. A network address without one is open. */
  readonly token: () => string | undefined;
}

/** Lets a request pass, or answers 401 or 403. */
export function guarded({ reach, token }: Guard): MiddlewareHandler {
  return async (context, next) => {
    const expected = token();
    const given = bearer(context.req.header("authorization"));
    if (expected !== undefined && given !== undefined) {
      if (!sameSecret(given, expected)) return unauthorized("the token is not the right one");
    } else if (reach === "network" && expected !== undefined) {
      return unauthorized("the request has no bearer token");
    } else if (reach === "loopback" && !isLoopbackHost(hostName(context.req.header("host") ?? ""))) {
      return problem(
        403,
        `Cannot answer for host "${context.req.header("host") ?? ""}": the admin address is loopback`,
      );
    }
    await next();
  };
}

/**
 * Lets a write pass unless a web page of another origin sent it. Browsers say so in two ways, and programs in none; what
 * a page can send without asking first (`Content-Type: text/plain`) no write takes anyway.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function ownSite({ reach, token }: Guard): MiddlewareHandler {
  return async ({ req }, next) => {
    const site = req.header("sec-fetch-site") ?? "none";
    const origin = req.header("origin");
    const foreign = origin !== undefined && URL.parse(origin)?.host !== req.header("host");
    if (foreign || (site !== "none" && site !== "same-origin")) {
      return problem(403, "Cannot write: the request comes from a page of another site");
    }
    // Where any host name may lead here and nobody is asked for a token, a page under such a name looks like our own.
    if (reach === "network" && token() === undefined && (origin !== undefined || site !== "none")) {
      return problem(403, "Cannot write: without a token no web page may, beyond loopback");
    }
    await next();
  };
}

function unauthorized(why: string): Response {
  return problem(401, `Cannot answer: ${why}`, { "www-authenticate": "Bearer" });
}

function bearer(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

/** Compares digests: neither the length nor the first wrong character shows in the time that it takes. */
function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function hostName(host: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, "");
}
