/**
 * The HTTP side of the playground: the page, what it asks and changes, and what the adapter asks.
 *
 * @module
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isLoopbackHost } from "../address.ts";
import { DEFINITION_PATH } from "./adapter.ts";
import { MODES } from "./backends.ts";
import { playgroundPage } from "./page/page.tsx";
import type { Playground } from "./playground.ts";
import { readPolicy } from "./policy.ts";
import { COLOUR_PATH, type Definition, SESSION_COOKIE } from "./resources.ts";

export interface AppOptions {
  readonly playground: Playground;
  /** What the adapter is told, beside the policy. */
  readonly definition: () => Omit<Definition, "policy" | "backends">;
  /** `xcp 0.1.0`. */
  readonly title: string;
  /** xcp's status page. */
  readonly statusUrl: string;
}

const MOST_BODY = 4096;

export function playgroundApp({ playground, definition, title, statusUrl }: AppOptions): Hono {
  const app = new Hono();
  const { backends } = playground;
  const view = async (context: Context) => context.json(await playground.view(), 200, { "cache-control": "no-store" });
  const refused = (context: Context, why: string) => context.json({ error: why }, 400);

  app.use(async ({ req, json }, next) => {
    // On loopback it is this machine's alone: no name that a stranger's DNS points here may be used to play with it.
    const host = new URL(req.url).hostname.replace(/^\[(.*)\]$/, "$1");
    if (isLoopbackHost(definition().listen.host) && !isLoopbackHost(host)) {
      return json({ error: "Cannot answer for another host: the playground is on loopback" }, 403);
    }
    await next();
  });
  app.use("/api/*", ownPage, bodyLimit({ maxSize: MOST_BODY }));
  app.get("/", async () => playgroundPage({ view: await playground.view(), title, statusUrl }));
  app.get(DEFINITION_PATH, (context) => {
    const answer: Definition = {
      ...definition(),
      policy: playground.policy,
      backends: backends.map(({ port }) => port),
    };
    return context.json(answer);
  });
  app.get("/api/state", view);
  app.post("/api/policy", async (context) => {
    const policy = readPolicy(await bodyOf(context), backends.length);
    if (typeof policy === "string") return refused(context, `Cannot take the policy: ${policy}`);
    await playground.apply(policy);
    return await view(context);
  });
  app.post("/api/rollback", async (context) => {
    const id = fieldOf(await bodyOf(context), "id");
    if (id !== undefined && typeof id !== "number") return refused(context, `Cannot go back: "id" is a number`);
    if (await playground.rollback(id)) return await view(context);
    return refused(context, "Cannot go back: there is no such policy in the history");
  });
  app.post("/api/backends/:number", async (context) => {
    const backend = backends[Number(context.req.param("number")) - 1];
    const given = fieldOf(await bodyOf(context), "mode");
    const mode = MODES.find((mode) => mode === given);
    if (backend === undefined || mode === undefined) {
      return refused(context, `Cannot change the backend: 1 to ${backends.length}, and "mode" is ${MODES.join(", ")}`);
    }
    await backend.set(mode);
    return await view(context);
  });
  // The cookie is out of reach for scripts.
  app.post("/api/forget", async (context) => {
    context.header("set-cookie", `${SESSION_COOKIE}=; Path=${COLOUR_PATH}; Max-Age=0; HttpOnly`);
    return await view(context);
  });
  return app;
}

/** Lets a change pass unless a page of another origin sent it: that one may not send JSON unasked, and says who it is. */
const ownPage: MiddlewareHandler = async ({ req, json }, next) => {
  if (req.method !== "GET") {
    const site = req.header("sec-fetch-site") ?? "none";
    const isJson = /^application\/json\b/.test(req.header("content-type") ?? "");
    if (!isJson || (site !== "none" && site !== "same-origin")) {
      return json({ error: "Cannot change anything: that takes JSON, from the playground's own page" }, 403);
    }
  }
  await next();
};

async function bodyOf({ req }: Context): Promise<unknown> {
  try {
    return await req.json();
  } catch {
    return undefined;
  }
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}
