import { assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { toJson } from "../model/codec/print.ts";
import { readWrite } from "../model/codec/write.ts";
import { CLUSTER, LOCALITY_ENDPOINTS, VIRTUAL_HOST } from "../model/types.ts";
import { wrapped } from "./wrapped.ts";

const WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

Deno.test("what is printed of a layer reads as the same resources, with what only a wrapper says", () => {
  const api = loadApi();
  const plain = { "@type": CLUSTER.url, name: "plain", connect_timeout: "1s" };
  const mortal = { "@type": WRAPPER, name: "mortal", ttl: "1.5s", resource: { "@type": CLUSTER.url, name: "mortal" } };
  const host = { "@type": VIRTUAL_HOST.url, name: "r/h", domains: ["a.example"] };
  const other = { ...host, name: "r/other", domains: ["b.example"] };
  const aliased = { "@type": WRAPPER, name: "r/other", aliases: ["r/c.example"], resource: other };
  const endpoint = { "@type": LOCALITY_ENDPOINTS.url, load_balancing_weight: 3 };
  const nameless = { "@type": WRAPPER, name: "e-1", resource: endpoint };
  const read = (resources: unknown) => {
    const content = readWrite(api, new TextEncoder().encode(JSON.stringify({ resources })), "json", "put", "http");
    assertEquals(content.issues, []);
    return content.resources;
  };
  const resources = read([plain, mortal, host, aliased, nameless]);
  const printed = resources.map((resource) => wrapped(resource, toJson(api, resource)));
  assertEquals(printed, [plain, mortal, host, aliased, nameless]);
  const meaning = (list: typeof resources) => list.map(({ origin: _, ...rest }) => rest);
  assertEquals(meaning(read(printed)), meaning(resources));
});
