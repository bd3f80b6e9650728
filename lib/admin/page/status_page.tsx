/**
 * The status page: what `xcp status` tells, for people with a browser. It is complete without a script; with one it
 * follows what happens.
 *
 * @module
 */
import type { ClientStatus, GroupStatus, Readiness } from "../../hub/status.ts";
import { fragmentResponse, pageResponse } from "../../pages/page.tsx";
import { counted, Note } from "../../pages/parts.tsx";
import type { StoreStatus } from "../stores.ts";
import { Clients, rejects } from "./clients.tsx";
import { Groups } from "./groups.tsx";
import { liveScript } from "./live.ts";
import { Stores } from "./stores.tsx";

export interface StatusData {
  /** `xcp 0.1.0`. */
  readonly title: string;
  readonly readiness: Readiness;
  readonly groups: readonly GroupStatus[];
  readonly stores: readonly StoreStatus[];
  readonly clients: readonly ClientStatus[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Other pages of this address can be reached by a link: nobody asks for a token. */
  readonly links: boolean;
}

const MOST_REASONS = 20;

/** The whole page. Everything that a client or a file said is escaped by the renderer. */
export function statusPage(data: StatusData): Response {
  return pageResponse({
    title: windowTitle(data),
    name: data.title,
    aside: <span role="status" id="live" class="pill quiet">As it was loaded</span>,
    main: <Main {...data} />,
    script: liveScript(),
  });
}

/** What changes of it. */
export function statusFragment(data: StatusData): Response {
  return fragmentResponse(<Main {...data} />);
}

function Main(data: StatusData) {
  const { title, readiness: { ready, reasons }, groups, stores, clients, now, links } = data;
  const rejecting = new Map<string, number>();
  for (const { group = "" } of clients.filter(rejects)) rejecting.set(group, (rejecting.get(group) ?? 0) + 1);
  return (
    <main id="main" tabindex={-1} data-title={windowTitle(data)}>
      {ready ? <h1>Ready</h1> : <h1 class="bad">Not ready</h1>}
      <p class="quiet">{summary(data)}</p>
      {reasons.length > 0 && (
        <ul class="notes">
          {reasons.slice(0, MOST_REASONS).map((reason) => <Note tone={ready ? "warn" : "bad"}>{reason}</Note>)}
          {reasons.length > MOST_REASONS && <li class="quiet">And {reasons.length - MOST_REASONS} more.</li>}
        </ul>
      )}
      <Groups groups={groups} rejecting={rejecting} now={now} />
      <Clients clients={clients} now={now} />
      <Stores stores={stores} now={now} />
      <footer>
        {links
          ? (
            <>
              <a href="openapi.json">The API</a> · <a href="v1/groups">groups</a> · <a href="v1/clients">clients</a> ·
              {" "}
              <a href="metrics">metrics</a>
            </>
          )
          : title}
      </footer>
    </main>
  );
}

/** `2 groups, 3 clients, 1 rejecting`. */
function summary({ groups, clients }: StatusData): string {
  const bad = clients.filter(rejects).length;
  const trouble = bad === 0 ? [] : [`${bad.toLocaleString("en")} rejecting`];
  return [counted(groups.length, "group"), counted(clients.length, "client"), ...trouble].join(", ");
}

/** Trouble first, so that it shows in a row of tabs. */
function windowTitle({ title, readiness, groups, clients }: StatusData): string {
  const bad = clients.filter(rejects).length;
  const stale = groups.filter((group) => group.stale).length;
  if (!readiness.ready) return `Not ready – ${title}`;
  if (bad > 0) return `${counted(bad, "client rejects", "clients reject")} – ${title}`;
  return stale > 0 ? `${counted(stale, "group")} stale – ${title}` : `Ready – ${title}`;
}
