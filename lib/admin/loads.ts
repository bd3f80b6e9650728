/**
 * `GET /v1/loads`: what clients report of the load on their upstreams.
 *
 * @module
 */
import type * as v from "valibot";
import type { ClientLoadStatus, Loads } from "../hub/loads.ts";
import { jsonText } from "./answer.ts";
import { nodeJson, timeJson } from "./json.ts";
import { operation } from "./operation.ts";
import type { Register } from "./router.ts";
import { type CLIENT_LOAD, LOADS } from "./schemas/load.ts";
import { LOADS_QUERY } from "./schemas/request.ts";
import { eachInSlices } from "./slices.ts";

export function loadRoutes(register: Register, loads: Pick<Loads, "list">): void {
  register("/v1/loads", {
    get: operation({
      id: "listLoads",
      summary: "What clients report of the load on their upstreams (LRS), of a group, a node, a cluster",
      query: LOADS_QUERY,
      answers: { 200: { description: "What is known of each client", schema: LOADS } },
    }, async ({ query: { group, node, cluster } }) => {
      const filter = {
        ...(group === undefined ? {} : { group }),
        ...(node === undefined ? {} : { node }),
        ...(cluster === undefined ? {} : { cluster }),
      };
      const texts: string[] = [];
      await eachInSlices(loads.list(filter), (load) => texts.push(JSON.stringify(loadJson(load))));
      return jsonText(`{"loads":[${texts.join(",")}]}`);
    }),
  });
}

function loadJson(load: ClientLoadStatus): v.InferOutput<typeof CLIENT_LOAD> {
  const { stream, node, group, address, connected, reported, gone, clusters } = load;
  return {
    stream,
    node: nodeJson(node),
    group,
    address,
    connected: timeJson(connected),
    reported: reported === undefined ? null : timeJson(reported),
    gone: gone === undefined ? null : timeJson(gone),
    clusters: clusters.map((each) => ({
      ...each,
      interval: each.interval / 1_000,
      reported: timeJson(each.reported),
    })),
  };
}
