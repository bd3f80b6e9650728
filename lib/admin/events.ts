/**
 * `GET /v1/events`.
 *
 * @module
 */
import type { EventFeed } from "./event_feed.ts";
import { operation } from "./operation.ts";
import { problem } from "./problem.ts";
import type { Register } from "./router.ts";
import { EVENT } from "./schemas/event.ts";
import { CLIENTS_QUERY, EVENT_HEADERS } from "./schemas/request.ts";

export function eventRoutes(register: Register, feed: EventFeed): void {
  register("/v1/events", {
    get: operation({
      id: "followEvents",
      summary: "Server-Sent Events: connects, ACKs, NACKs, reloads. The schema is of the data of one event",
      query: CLIENTS_QUERY,
      headers: EVENT_HEADERS,
      answers: { 200: { description: "The events, until one side ends it", type: "text/event-stream", schema: EVENT } },
      problems: [503],
    }, ({ query: { group, node }, headers: { "last-event-id": lastId }, context }) => {
      const headers = { "content-type": "text/event-stream" };
      // Hono answers HEAD with what GET has and drops the body: it must not begin.
      if (context.req.method === "HEAD") return new Response(null, { headers });
      const stream = feed.open({ group, node }, lastId, () => context.env?.outgoing?.destroy());
      return stream === undefined
        ? problem(503, "Cannot follow events: too many follow them already", { "retry-after": "10" })
        : new Response(stream, { headers });
    }),
  });
}
