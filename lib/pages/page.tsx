/**
 * The layout of every page: one HTML answer that carries its style and its script, and asks no other host for anything.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import style from "./style.css" with { type: "text" };

/** What a page is made of. */
export interface PageOptions {
  /** Of the window; text. */
  readonly title: string;
  /** In the line at the top: `xcp 0.1.0`. */
  readonly name: string;
  /** At the right end of that line. */
  readonly aside?: Child;
  /** The element `main`, with the id `main`. */
  readonly main: Child;
  /** CSS beside the common style. `style` attributes do nothing under the policy; scripts may set `element.style`. */
  readonly style?: string;
  /** Made with `browserScript`. */
  readonly script?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One stream that becomes three. */
const MARK = [
  `<path d="M4 16h8c6 0 6-9 12-9h4" stroke="#d64545"/>`,
  `<path d="M4 16h24" stroke="#4aa657"/>`,
  `<path d="M4 16h8c6 0 6 9 12 9h4" stroke="#3f6fd8"/>`,
  `<circle cx="5" cy="16" r="3.2" fill="#8350c2" stroke="none"/>`,
].join("");
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="3.4" ` +
  `stroke-linecap="round">${MARK}</svg>`;

/** Renders a page, with the policy that lets its own style and script run and nothing else. */
export function pageResponse(options: PageOptions): Response {
  const { title, name, aside, main, script, status = 200, headers = {} } = options;
  const css = embedded(options.style === undefined ? style : `${style}\n${options.style}`);
  const code = script === undefined ? undefined : embedded(script);
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href={`data:image/svg+xml,${encodeURIComponent(ICON)}`} />
        <style>{raw(css)}</style>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <div class="frame">
          <header class="top">
            <span class="mark" aria-hidden="true">{raw(ICON)}</span>
            <p class="name">{name}</p>
            {aside !== undefined && <div class="aside">{aside}</div>}
          </header>
          {main}
        </div>
        {code !== undefined && <script type="module">{raw(code)}</script>}
      </body>
    </html>
  );
  return new Response(`<!doctype html>\n${page}\n`, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy(css, code),
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      ...headers,
    },
  });
}

/** A part of a page, for its script to put in place. */
export function fragmentResponse(part: Child): Response {
  return new Response(`${part}\n`, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy(undefined, undefined),
    },
  });
}

function policy(css: string | undefined, code: string | undefined): string {
  const allow = (directive: string, text: string | undefined) =>
    text === undefined ? [] : [`${directive} 'sha256-${createHash("sha256").update(text).digest("base64")}'`];
  return [
    "default-src 'none'",
    ...allow("style-src", css),
    ...allow("script-src", code),
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Style and script stand in the page as they are. */
function embedded(text: string): string {
  if (/<\/(?:style|script)|<!--/i.test(text)) throw new Error("Cannot embed a style or script: it would end early");
  return text;
}
