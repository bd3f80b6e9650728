/**
 * A configuration as the files that an Envoy starts from without any control plane: the clusters and the listeners, each
 * as one file that Envoy follows, the secrets, and the bootstrap that names them.
 *
 * Each file that is followed costs Envoy two inotify instances, of which a user has 128 by default, and Envoy aborts
 * without. So only these files are followed, and routes, endpoints and the rest are put where they are used.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/xds_api#filesystem-subscriptions
 * @module
 */
import { join } from "node:path";
import type { Api } from "../../../lib/model/api.ts";
import { jsonToYaml, toJson } from "../../../lib/model/codec/print.ts";
import { contentHash, type Resource } from "../../../lib/model/resource.ts";
import {
  CLUSTER,
  ENDPOINTS,
  EXTENSION_CONFIG,
  LISTENER,
  LOCALITY_ENDPOINTS,
  ROUTES,
  RUNTIME,
  SCOPED_ROUTES,
  SECRET,
  VIRTUAL_HOST,
} from "../../../lib/model/types.ts";
import type { SecretFinder } from "../../../lib/store/snapshot/secrets.ts";
import { DATA, type Tree, type TreeFile } from "../tree.ts";
import type { Leaving } from "./earlier.ts";
import { Inliner } from "./inline.ts";
import type { Json, JsonObject } from "./json.ts";
import { CLUSTERS_FILE, LISTENERS_FILE, SECRETS_FOLDER } from "./names.ts";

export interface EnvoyFilesOptions {
  readonly group: string;
  readonly resources: readonly Resource[];
  /** Absolute, as Envoy sees it. */
  readonly directory: string;
  readonly nodeId: string;
  readonly adminPort: number | undefined;
  /** What stays of an earlier pull. */
  readonly leaving?: Leaving;
}

/** The bootstrap's name in the directory. */
export const BOOTSTRAP = "envoy.yaml";

/** Files, and what of the configuration an Envoy without a control plane cannot have. */
export function envoyFiles(
  api: Api,
  finder: SecretFinder,
  { group, resources, directory, nodeId, adminPort, leaving }: EnvoyFilesOptions,
): Omit<Tree, "marker"> & { readonly warnings: readonly string[] } {
  const byType = new Map<string, Map<string, JsonObject>>();
  for (const resource of resources) {
    let names = byType.get(resource.type);
    if (names === undefined) byType.set(resource.type, names = new Map());
    names.set(resource.name, toJson(api, resource, { redact: false }));
  }
  const of = (type: { readonly url: string }): ReadonlyMap<string, JsonObject> => byType.get(type.url) ?? new Map();
  const inlineSecrets = new Set(
    resources.filter((resource) => resource.type !== SECRET.url && finder.holds(resource)).map(({ type }) => type),
  );
  const source = (path: string): JsonObject => ({
    path_config_source: { path: join(directory, DATA, path), watched_directory: { path: directory } },
    resource_api_version: "V3",
  });
  const secretPath = (name: string) => `${SECRETS_FOLDER}/${contentHash(name)}.json`;
  const inliner = new Inliner({ of, secretSource: (name) => source(secretPath(name)) });

  const clusters = [...[...of(CLUSTER).values()].map((json) => inliner.cluster(json)), ...leaving?.clusters ?? []];
  const listeners: JsonObject[] = [];
  for (const [name, json] of of(LISTENER)) {
    if ("api_listener" in json) inliner.warn(`listener "${name}" is for gRPC clients, and left out`);
    else listeners.push(inliner.listener(json));
  }
  const file = (path: string, list: readonly JsonObject[], secret: boolean): TreeFile => ({
    path,
    text: `${JSON.stringify({ version_info: contentHash(JSON.stringify(list)), resources: list }, undefined, 1)}\n`,
    secret,
  });
  // Others than Envoy's user have no business in a file with a key; parts of other types end up in these two.
  const files = [
    file(
      CLUSTERS_FILE,
      clusters,
      leaving?.secret === true ||
        [CLUSTER, ENDPOINTS, LOCALITY_ENDPOINTS].some(({ url }) => inlineSecrets.has(url)),
    ),
    file(
      LISTENERS_FILE,
      listeners,
      [LISTENER, ROUTES, SCOPED_ROUTES, VIRTUAL_HOST, EXTENSION_CONFIG].some(({ url }) => inlineSecrets.has(url)),
    ),
  ];
  for (const name of inliner.secrets) {
    const json = of(SECRET).get(name);
    // A file must be there when Envoy reads what names it; without a secret in it, who needs it waits.
    files.push(file(secretPath(name), json === undefined ? [] : [json], true));
  }
  for (const one of leaving?.files ?? []) if (!files.some(({ path }) => path === one.path)) files.push(one);
  // Those that are named without a source, wherever: also in messages that nobody here knows.
  const own = [...of(SECRET)].filter(([name]) => inliner.staticSecrets.has(name) || !inliner.secrets.has(name));
  const bootstrap = bootstrapOf({
    node: { id: nodeId, cluster: group },
    admin: adminPort,
    cds: source(CLUSTERS_FILE),
    lds: source(LISTENERS_FILE),
    secrets: own.map(([, { "@type": _, ...secret }]) => secret),
    layers: [...of(RUNTIME)].map(([name, { layer = {} }]) => ({ name, static_layer: layer })),
  });
  files.push({ path: BOOTSTRAP, text: jsonToYaml(bootstrap), secret: own.length > 0 });
  if (inliner.secrets.size > MOST_SECRETS) {
    inliner.warn(
      `${inliner.secrets.size} secrets are followed: raise fs.inotify.max_user_instances above the default 128`,
    );
  }
  return { files, folders: [], warnings: inliner.warnings };
}

/** Two instances of inotify for each, and some for Envoy. */
const MOST_SECRETS = 50;

interface BootstrapParts {
  readonly node: JsonObject;
  readonly admin: number | undefined;
  readonly cds: JsonObject;
  readonly lds: JsonObject;
  readonly secrets: readonly Json[];
  readonly layers: readonly JsonObject[];
}

function bootstrapOf({ node, admin, cds, lds, secrets, layers }: BootstrapParts): JsonObject {
  return {
    node,
    ...(admin === undefined
      ? {}
      : { admin: { address: { socket_address: { address: "127.0.0.1", port_value: admin } } } }),
    dynamic_resources: { cds_config: cds, lds_config: lds },
    ...(secrets.length === 0 ? {} : { static_resources: { secrets: [...secrets] } }),
    // A bootstrap that names layers has only those: the last is what Envoy has by itself.
    ...(layers.length === 0 ? {} : { layered_runtime: { layers: [...layers, { name: "admin", admin_layer: {} }] } }),
  };
}
