import { assert, assertEquals } from "@std/assert";
import { ADDED } from "../gen/history.ts";
import { ENVOY_API_VERSION, ENVOY_RELEASES } from "../gen/version.ts";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { parseEnvoyVersion, watchNewer } from "./newer.ts";

const api = loadApi();

/** `line:column rule what`, without what each message repeats. */
function newer(release: string, yaml: string): string[] {
  const { issues } = readFile(api, yaml, "f.yaml", "l", { watch: watchNewer(release), severity: "error" });
  return issues.map(({ at, path, severity, rule, message }) => {
    assertEquals([severity, rule], ["warning", "newer-than-envoy"], message);
    const what = message.replace(`: Envoy ${release} does not know it`, "").replace("is new in Envoy ", "");
    return `${at?.line}:${at?.column} ${path}: ${what}`;
  });
}

const ROUTES = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: web
`;

Deno.test("every line of the table is in the API of this build", () => {
  assertEquals(Object.keys(ADDED), ENVOY_RELEASES.slice(1));
  for (const [release, text] of Object.entries(ADDED)) {
    const lines = text.trim().split("\n");
    assert(lines.length > 20, release);
    assertEquals(lines, lines.toSorted(), "sorted, so that the same modules give the same bytes");
    for (const line of lines) {
      const [typeName = "", ...members] = line.split(" ");
      const values = api.enum(typeName)?.values.map(({ name }) => name);
      const names = api.message(typeName)?.fields.map(({ name }) => name) ?? values;
      assert(names !== undefined && (values === undefined || members.length > 0), line);
      assertEquals(members.filter((member) => !names.includes(member)), [], line);
    }
  }
});

Deno.test("the newest release of the table is that of the API", () => {
  assertEquals(ENVOY_API_VERSION.startsWith(`${ENVOY_RELEASES.at(-1)}.`), true);
});

Deno.test("a version is a release of the table, with or without a patch", () => {
  for (const text of ["1.38", "1.38.0", "v1.38.2"]) {
    assertEquals(parseEnvoyVersion(text), { kind: "release", release: "1.38" }, text);
  }
  for (const text of ["1.35", "1.35.9", "1.41", "2.0", "1.3", "0.1.38", "01.38"]) {
    const version = parseEnvoyVersion(text);
    assert(version.kind === "none", text);
    if (text !== "0.1.38") assertEquals(version.why, "what came when is known for Envoy 1.36 to 1.40", text);
  }
  for (const text of ["", "1", "latest", "1.38.", "1.38-dev", " 1.38", "1.38.1.2"]) {
    assertEquals(parseEnvoyVersion(text), { kind: "none", why: "a version of Envoy looks like 1.38 or 1.38.2" }, text);
  }
});

Deno.test("a field is named at its key, with the release that brought it, until that release", () => {
  const yaml = `${ROUTES}vhost_header: x-host\n`;
  assertEquals(newer("1.36", yaml), ['3:1 vhost_header: field "vhost_header" 1.37']);
  for (const release of ["1.37", "1.38", "1.39", "1.40"]) assertEquals(newer(release, yaml), [], release);
  assertEquals(newer("1.36", `${ROUTES}vhostHeader: x-host\n`), ['3:1 vhost_header: field "vhost_header" 1.37']);
});

Deno.test("a value is named where it stands, however it is written", () => {
  const cluster = (value: string) =>
    `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: c
upstream_connection_options:
  happy_eyeballs_config:
    first_address_family_version: ${value}
`;
  const path = "upstream_connection_options.happy_eyeballs_config.first_address_family_version";
  for (const value of ["INTERNAL", "internal"]) {
    assertEquals(newer("1.37", cluster(value)), [
      `5:35 ${path}: value INTERNAL of "first_address_family_version" 1.38`,
    ], value);
    assertEquals(newer("1.38", cluster(value)), [], value);
  }
  const number = api.enum("envoy.config.cluster.v3.UpstreamConnectionOptions.FirstAddressFamilyVersion")
    ?.values.find(({ name }) => name === "INTERNAL")?.number;
  assertEquals(newer("1.36", cluster(`"${number}"`)).length, 1);
  assertEquals(newer("1.36", cluster("V4")), []);
});

Deno.test("an extension is named at its @type, in an Any or in a TypedStruct, and its fields are not", () => {
  const cluster = (policy: string) =>
    `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: c
load_balancing_policy:
  policies:
  - typed_extension_config:
      name: p
      typed_config:
        ${policy}
`;
  const type = "envoy.extensions.load_balancing_policies.random_subsetting.v3.RandomSubsetting";
  const since = Object.entries(ADDED).find(([, text]) => text.includes(`\n${type}\n`))?.[0] ?? "";
  const before = ENVOY_RELEASES[ENVOY_RELEASES.indexOf(since) - 1] ?? "";
  const path = "load_balancing_policy.policies[0].typed_extension_config.typed_config";
  const any = cluster(`subset_size: 3\n        "@type": type.googleapis.com/${type}`);
  assertEquals(newer(before, any), [`9:18 ${path}: type "${type}" ${since}`]);
  assertEquals(newer(since, any), []);
  const struct = cluster(
    `"@type": type.googleapis.com/xds.type.v3.TypedStruct\n        type_url: t/${type}\n        value: {subset_size: 3}`,
  );
  assertEquals(newer(before, struct), [`10:16 ${path}.value: type "${type}" ${since}`]);
});

Deno.test("the values of lists and maps are looked at one by one", () => {
  const filter = (types: string) =>
    `"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: l
access_log:
- name: a
  filter:
    log_type_filter:
      types: ${types}
`;
  const path = "access_log[0].filter.log_type_filter.types";
  const found = (column: number) => `7:${column} ${path}: value TcpConnectionStart of "types" 1.38`;
  assertEquals(newer("1.37", filter("[TcpConnectionStart, TcpPeriodic, tcpconnectionstart]")), [found(15), found(48)]);
  assertEquals(newer("1.37", filter("TcpConnectionStart")), [found(14)]);
  assertEquals(newer("1.38", filter("[TcpConnectionStart]")), []);
});

Deno.test("of the newest release nothing is watched, and of an older one only what has something new", () => {
  const message = (name: string) => {
    const desc = api.message(name);
    assert(desc !== undefined, name);
    return desc;
  };
  const routes = message("envoy.config.route.v3.RouteConfiguration");
  assertEquals(watchNewer("1.40")(routes), undefined);
  assert(watchNewer("1.36")(routes) !== undefined);
  assertEquals(watchNewer("1.36")(message("envoy.config.core.v3.Address")), undefined);
});
