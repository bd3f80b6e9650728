import { assertEquals } from "@std/assert";
import { placeKey, WrittenFile } from "./place.ts";

const TEXT = `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: orders
  stat_prefix: ""
  load_assignment:
    cluster_name: orders
    endpoints: [{ address: 10.0.0.x }, { address: 10.0.0.1 }]
- name: users
  pool: { maxRetries: 0 }
`;
const file = new WrittenFile("a.yaml", TEXT);
const ORDERS = { file: "a.yaml", line: 2, column: 3 };
const USERS = { file: "a.yaml", line: 8, column: 3 };

function placeOf(words: string, origin = ORDERS): string {
  return placeKey(file.find(origin, words, origin === ORDERS ? "orders" : "users"));
}

Deno.test("words lead to the field that they name, in either spelling", () => {
  assertEquals(placeOf("Proto constraint validation failed (HcmValidationError.StatPrefix: too short)"), "4:16");
  assertEquals(placeOf("(AValidationError.Pool: x | caused by BValidationError.MaxRetries: y)", USERS), "9:23");
});

Deno.test("words lead to the value that they quote or end with, and not to a part of another", () => {
  assertEquals(placeOf("malformed IP address: 10.0.0.x"), "7:28");
  assertEquals(placeOf("malformed IP address: 10.0.0.1."), "7:51");
  assertEquals(placeOf("what about '10.0.0.1'?"), "7:51");
  assertEquals(placeOf("malformed IP address: 10.0.0.12"), "2:3");
});

Deno.test("words that name nothing lead to the resource", () => {
  assertEquals([placeOf("cluster 'orders' is odd"), placeOf("no", USERS)], ["2:3", "8:3"]);
});

Deno.test("a resource has the places of all that is in it, and none of another", () => {
  const places = file.places(USERS);
  assertEquals(["8:3", "9:3", "9:11", "9:23"].every((place) => places.has(place)), true);
  assertEquals(["2:3", "4:16"].some((place) => places.has(place)), false);
});
