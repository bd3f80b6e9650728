import { assertEquals } from "@std/assert";
import { loadApi } from "../api.ts";
import { Encoder } from "./encode.ts";
import { parseJson } from "./json.ts";
import { Source } from "./source.ts";
import type { MessageView, Watcher } from "./view.ts";

const api = loadApi();
const CLUSTER = "envoy.config.cluster.v3.Cluster";

/** Encodes clusters of one text. Beside their bytes: where the watched messages were seen, and what was found. */
function encodeAll(clusters: readonly string[], typeName: string, watcher: Watcher = () => {}) {
  const source = new Source("clusters.json", `[${clusters.join(",\n")}]`);
  const seen: string[] = [];
  const encoder = new Encoder(api, (desc) =>
    desc.typeName !== typeName ? undefined : (view, run) => {
      seen.push(view.path());
      watcher(view, run);
    });
  const list = parseJson(source);
  const desc = api.message(CLUSTER);
  if (list?.kind !== "list" || desc === undefined) throw new Error("not a list of clusters");
  const encoded = list.items.map((item) => encoder.encode(desc, item, source));
  return { seen, encoded, issues: source.issues() };
}

const THRESHOLDS = `{"thresholds": [{"max_retries": 3}, {"priority": "HIGH", "max_retries": 4}]}`;
const DETECTION = "envoy.config.cluster.v3.OutlierDetection";

Deno.test("what stands again in the same place is neither made nor checked again, and is the same", () => {
  const cluster = (name: string) => `{"name": "${name}", "circuit_breakers": ${THRESHOLDS}}`;
  const { seen, encoded } = encodeAll(
    ["a", "b", "c"].map(cluster),
    "envoy.config.cluster.v3.CircuitBreakers.Thresholds",
  );
  assertEquals(seen, ["circuit_breakers.thresholds[1]", "circuit_breakers.thresholds[0]"]);
  const alone = encodeAll([cluster("c")], CLUSTER).encoded[0]?.bytes;
  assertEquals(encoded[2]?.bytes, alone);
});

Deno.test("the same text in another place is looked at, because checks ask where they are", () => {
  const socket = `{"name": "a", "typed_config": {"@type": "type.googleapis.com/google.protobuf.Empty"}}`;
  const { seen } = encodeAll(
    [
      `{"name": "a", "transport_socket": ${socket}}`,
      `{"name": "b", "transport_socket_matches": [{"transport_socket": ${socket}}, {"transport_socket": ${socket}}]}`,
    ],
    "envoy.config.core.v3.TransportSocket",
  );
  assertEquals(seen, [
    "transport_socket",
    "transport_socket_matches[1].transport_socket",
    "transport_socket_matches[0].transport_socket",
  ]);
});

Deno.test("of what something is to be said, it is said each time", () => {
  const cluster = (name: string) => `{"name": "${name}", "outlier_detection": {"interval": "10s", "enforce": true}}`;
  const { issues } = encodeAll(["a", "b"].map(cluster), DETECTION);
  assertEquals(issues.map(({ at, path }) => [at?.line, path]), [
    [1, "outlier_detection.enforce"],
    [2, "outlier_detection.enforce"],
  ]);
});

Deno.test("a rejection, a reference and a claim are found each time", () => {
  const cluster = (name: string) => `{"name": "${name}", "outlier_detection": {"interval": "10s"}}`;
  const clusters = ["a", "b"].map(cluster);
  const rejected = encodeAll(clusters, DETECTION, (view: MessageView) => view.reject("rule", "wrong"));
  assertEquals(rejected.issues.map(({ at }) => at?.line), [1, 2]);
  const claimed = encodeAll(clusters, DETECTION, (view: MessageView) => view.claim("address", "key", "interval"));
  assertEquals(claimed.encoded.map(({ claims }) => claims.map(({ at }) => at?.line)), [[1], [2]]);
  const referring = encodeAll(clusters, DETECTION, ({ run }) => {
    run.references.push({ type: CLUSTER, name: "x", path: run.path(), required: true });
  });
  assertEquals(referring.encoded.map(({ references }) => references.length), [1, 1]);
});

Deno.test("an issue that is one too many to be kept is none that was not found", () => {
  const source = new Source("a", "{}", { most: 1 });
  for (const offset of [0, 1, 1]) source.issue({ rule: "rule", offset, message: "wrong" });
  assertEquals(source.findings, 3);
});
