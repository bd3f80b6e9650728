/**
 * What a browser sees that came without the token: nothing but a form for it.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { pageResponse } from "../../pages/page.tsx";
import { Pill } from "../../pages/parts.tsx";
import { liveScript } from "./live.ts";

/**
 * The guard of the page. Whom it refuses is refused; but a browser that cannot send a token with a navigation gets the
 * refusal as a form, whose script keeps the token in the tab and sends it with each request of its own.
 */
export function askingForToken(guard: MiddlewareHandler): MiddlewareHandler {
  return async (context, next) => {
    const refusal = await guard(context, next);
    if (!(refusal instanceof Response) || refusal.status !== 401) return refusal;
    const { req } = context;
    const navigates = req.header("authorization") === undefined && (req.header("accept") ?? "").includes("text/html");
    return navigates ? signInPage() : refusal;
  };
}

function signInPage(): Response {
  return pageResponse({
    title: "Sign in – xcp",
    name: "xcp",
    aside: <span role="status" id="live" class="pill quiet">Signed out</span>,
    status: 401,
    headers: { "www-authenticate": "Bearer" },
    script: liveScript(),
    main: (
      <main id="main" tabindex={-1}>
        <h1>Sign in</h1>
        <p class="quiet">
          This address asks for the token that xcp was given with <code>--api-token-file</code>. It stays in this tab.
        </p>
        <noscript>
          <p>
            <Pill tone="warn">This page needs JavaScript to send it</Pill>
          </p>
        </noscript>
        <form hidden>
          <label for="token">Token</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="wrong"
          />
          <p id="wrong" role="alert"></p>
          <button type="submit" class="main">Sign in</button>
        </form>
      </main>
    ),
  });
}
