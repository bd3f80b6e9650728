/**
 * The status page: one HTML answer without scripts and without anything to fetch.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { ClientStatus, GroupStatus, Readiness, SubscriptionStatus } from "../hub/status.ts";
import { formatIssue } from "../model/issue.ts";
import { typeByUrl } from "../model/types.ts";
import { ageSeconds } from "./json.ts";

export interface PageData {
  readonly title: string;
  readonly readiness: Readiness;
  readonly groups: readonly GroupStatus[];
  readonly clients: readonly ClientStatus[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** More rows than this are for `xcp status` and the API. */
const MOST_CLIENTS = 500;

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8884; }
code { font: 13px ui-monospace, monospace; }
td, li { overflow-wrap: anywhere; }
.good { color: light-dark(#126b2e, #6fd08c); } .bad { color: light-dark(#a81c1c, #ff8f8f); }
`;

const POLICY = `default-src 'none'; style-src 'sha256-${
  createHash("sha256").update(STYLE).digest("base64")
}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Renders the page. Everything that a client or a file said is escaped by the template. */
export async function statusPage({ title, readiness, groups, clients, now }: PageData): Promise<Response> {
  const body = await html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>${title}</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <main>
    <h1>${title}</h1>
    <p class="${readiness.ready ? "good" : "bad"}">${readiness.ready ? "Ready" : "Not ready"}</p>
    ${list(readiness.reasons)}
    <h2>Groups</h2>
    ${groups.length === 0 ? html`<p>No group yet.</p>` : groupTable(groups, now)}
    <h2>Clients</h2>
    ${clients.length === 0 ? html`<p>Nobody is connected.</p>` : clientTable(clients)}
    ${clients.length > MOST_CLIENTS
      ? html`<p>And ${clients.length - MOST_CLIENTS} more: see <code>/v1/clients</code>.</p>`
      : ""}
    <p><a href="/openapi.json">The API</a></p>
        </main>
      </body>
    </html>
  `;
  return new Response(body.toString(), {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY },
  });
}

function groupTable(groups: readonly GroupStatus[], now: number) {
  return html`
    <table>
      <thead>
        <tr>
          <th scope="col">Group</th>
          <th scope="col">Revision</th>
          <th scope="col">Age</th>
          <th scope="col">Resources</th>
          <th scope="col">Clients</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
    ${groups.map((group) =>
      html`
        <tr>
          <th scope="row">${group.name}</th>
          <td><code>${group.revision ?? "none"}</code></td>
          <td>${group.since === undefined ? "" : `${Math.round(ageSeconds(group.since, now))} s`}</td>
          <td>${Object.entries(group.counts).map(([type, count]) => `${count} ${typeName(type)}`).join(", ")}</td>
          <td>${group.clients}</td>
          <td>${group.stale ? html`<span class="bad">stale</span>` : html`<span class="good">current</span>`}
        ${list(group.issues.map(formatIssue))}</td>
        </tr>
      `
    )}</tbody>
    </table>
  `;
}

function clientTable(clients: readonly ClientStatus[]) {
  return html`
    <table>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">Group</th>
          <th scope="col">Stream</th>
          <th scope="col">Address</th>
          <th scope="col">Has</th>
        </tr>
      </thead>
      <tbody>
    ${clients.slice(0, MOST_CLIENTS).map((client) =>
      html`
        <tr>
          <th scope="row">${client.node?.id ?? "unknown"}</th>
          <td>${client.group ?? ""}</td>
          <td>${client.stream} (${client.mode})</td>
          <td>${client.address}</td>
          <td>${client.subscriptions.map(subscriptionLine)}</td>
        </tr>
      `
    )}</tbody>
    </table>
  `;
}

function subscriptionLine({ type, acknowledged, rejected, pending }: SubscriptionStatus) {
  const name = typeName(type);
  if (rejected !== undefined) {
    return html`<div class="bad">${name}: rejected <code>${rejected.version}</code>: ${rejected.message}</div>`;
  }
  return html`<div>${name}: <code>${acknowledged ?? "none sent"}</code>${pending ? " (pending)" : ""}</div>`;
}

function list(lines: readonly string[]) {
  return lines.length === 0 ? "" : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function typeName(url: string): string {
  return typeByUrl(url)?.plural ?? url.split("/").at(-1) ?? url;
}
