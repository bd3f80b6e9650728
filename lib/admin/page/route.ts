/**
 * `GET /`.
 *
 * @module
 */
import * as v from "valibot";
import type { HubView } from "../../hub/status.ts";
import { operation } from "../operation.ts";
import type { Register } from "../router.ts";
import { NO_STORES, type Stores } from "../stores.ts";
import { statusFragment, statusPage } from "./status_page.tsx";

export interface PageOptions {
  readonly hub: HubView;
  readonly stores?: Stores;
  /** `xcp 0.1.0`. */
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function pageRoute(register: Register, { hub, stores = NO_STORES, title, now }: PageOptions): void {
  register("/", {
    get: operation(
      {
        id: "getStatusPage",
        summary: "The status page",
        query: v.object({
          fragment: v.optional(v.pipe(v.picklist(["main"]), v.description("Only that part of the page"))),
        }),
        answers: { 200: { description: "For people", type: "text/html", schema: v.string() } },
      },
      ({ query: { fragment }, context }) => {
        const data = {
          title,
          readiness: hub.readiness(),
          groups: hub.groups(),
          stores: stores(),
          clients: hub.clients(),
          now: now(),
          links: context.req.header("authorization") === undefined,
        };
        return fragment === undefined ? statusPage(data) : statusFragment(data);
      },
    ),
  });
}
