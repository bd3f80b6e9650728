/**
 * Connected clients and what each of them has.
 *
 * @module
 */
import type { HubView } from "../hub/status.ts";
import { json } from "./answer.ts";
import { clientJson } from "./json.ts";
import { operation } from "./operation.ts";
import { problem } from "./problem.ts";
import type { Register } from "./router.ts";
import { CLIENT, CLIENTS } from "./schemas/client.ts";
import { CLIENTS_QUERY, STREAM_PARAM } from "./schemas/request.ts";

export function clientRoutes(register: Register, hub: HubView): void {
  const all = operation({
    id: "listClients",
    summary: "The open streams, of a group or of a node",
    query: CLIENTS_QUERY,
    answers: { 200: { description: "The streams", schema: CLIENTS } },
  }, ({ query: { group, node } }) => {
    const filter = { ...(group === undefined ? {} : { group }), ...(node === undefined ? {} : { node }) };
    return json({ clients: hub.clients(filter).map(clientJson) });
  });

  const one = operation({
    id: "getClient",
    summary: "One stream: what was sent, acknowledged, rejected, with the client's own words",
    params: STREAM_PARAM,
    answers: { 200: { description: "The stream", schema: CLIENT } },
    problems: [404],
  }, ({ params: { stream } }) => {
    const client = hub.client(stream);
    if (client !== undefined) return json(clientJson(client));
    return problem(404, `Cannot find stream "${stream}": it is not open`);
  });

  register("/v1/clients", { get: all });
  register("/v1/clients/:stream", { get: one });
}
