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
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Api } from "../../../lib/model/api.ts";
import { toJson } from "../../../lib/model/codec/print.ts";
import { jsonToYaml } from "../../../lib/model/codec/print_yaml.ts";
import { contentHash } from "../../../lib/model/resource.ts";
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
import type { KeptResource, KeptSet } from "../../../lib/store/snapshot/kept.ts";
import type { SecretFinder } from "../../../lib/store/snapshot/secrets.ts";
import { LIST_END, listItem, listStart, NO_ITEMS } from "../json_list.ts";
import type { Sweeper } from "../sweeper.ts";
import { DATA, type NewTree } from "../tree.ts";
import { holdsSecret } from "../xcp_files.ts";
import type { Leaving } from "./earlier.ts";
import { Inliner, type Named } from "./inline.ts";
import type { Json, JsonObject } from "./json.ts";
import { BOOTSTRAP_FILE, CLUSTERS_FILE, LISTENERS_FILE, SECRETS_FOLDER } from "./names.ts";

export interface EnvoyFilesOptions {
  readonly group: string;
  /** All types of the group. */
  readonly sets: readonly KeptSet[];
  /** Absolute, as Envoy sees it. */
  readonly directory: string;
  readonly nodeId: string;
  readonly adminPort: number | undefined;
  /** What stays of an earlier pull. */
  readonly leaving?: Leaving;
  readonly sweeper: Sweeper;
}

/** What is in the files, as far as it has to be known. */
export interface EnvoyFiles {
  /** What of the configuration an Envoy without a control plane cannot have. */
  readonly warnings: readonly string[];
  readonly secretFiles: ReadonlySet<string>;
}

/** Writes the files. The resources are printed one at a time. */
export async function envoyFiles(
  api: Api,
  finder: SecretFinder,
  tree: NewTree,
  { group, sets, directory, nodeId, adminPort, leaving, sweeper }: EnvoyFilesOptions,
): Promise<EnvoyFiles> {
  const byType = new Map(sets.map((set) => [set.type, set]));
  const print = (resource: KeptResource) => {
    sweeper.worked(resource.bytes.length);
    return toJson(api, resource, { redact: false });
  };
  const of = ({ url }: { readonly url: string }): Named => ({
    get: (name) => byType.get(url)?.get(name, print),
    names: () => byType.get(url)?.names() ?? [],
  });
  const holds = ({ url }: { readonly url: string }) =>
    sets.some((set) => set.type === url && holdsSecret(finder, set, sweeper));
  const source = (path: string): JsonObject => ({
    path_config_source: { path: join(directory, DATA, path), watched_directory: { path: directory } },
    resource_api_version: "V3",
  });
  const secretPath = (name: string) => `${SECRETS_FOLDER}/${contentHash(name)}.json`;
  const inliner = new Inliner({ of, secretSource: (name) => source(secretPath(name)) });

  async function* clusters(): AsyncGenerator<JsonObject> {
    for (const json of byType.get(CLUSTER.url)?.map(print) ?? []) yield inliner.cluster(json);
    if (leaving !== undefined) yield* leaving.clusters();
  }
  function* listeners(): Generator<JsonObject> {
    const set = byType.get(LISTENER.url);
    for (const [name, json] of set?.map((resource) => [resource.name, print(resource)] as const) ?? []) {
      if ("api_listener" in json) inliner.warn(`listener "${name}" is for gRPC clients, and left out`);
      else yield inliner.listener(json);
    }
  }
  // Others than Envoy's user have no business in a file with a key; parts of other types end up in these two.
  const secretClusters = leaving?.secret === true || [CLUSTER, ENDPOINTS, LOCALITY_ENDPOINTS].some(holds);
  await addList(tree, CLUSTERS_FILE, secretClusters, clusters());
  const secretListeners = [LISTENER, ROUTES, SCOPED_ROUTES, VIRTUAL_HOST, EXTENSION_CONFIG].some(holds);
  await addList(tree, LISTENERS_FILE, secretListeners, listeners());
  const secretFiles = new Set<string>();
  for (const name of inliner.secrets) {
    const json = of(SECRET).get(name);
    // A file must be there when Envoy reads what names it; without a secret in it, who needs it waits.
    await addList(tree, secretPath(name), true, json === undefined ? [] : [json]);
    secretFiles.add(secretPath(name));
  }
  for (const { path, secret, from } of leaving?.files() ?? []) {
    if (secretFiles.has(path)) continue;
    await tree.addCopy(path, secret, from);
    secretFiles.add(path);
  }
  // Those that are named without a source, wherever: also in messages that nobody here knows.
  const isOwn = (name: string) => inliner.staticSecrets.has(name) || !inliner.secrets.has(name);
  const own = Array.from(of(SECRET).names()).filter(isOwn);
  const bootstrap = bootstrapOf({
    node: { id: nodeId, cluster: group },
    admin: adminPort,
    cds: source(CLUSTERS_FILE),
    lds: source(LISTENERS_FILE),
    secrets: own.map((name) => {
      const { "@type": _, ...secret } = of(SECRET).get(name) ?? {};
      return secret;
    }),
    layers: Array.from(of(RUNTIME).names(), (name) => ({ name, static_layer: of(RUNTIME).get(name)?.layer ?? {} })),
  });
  await tree.addText(BOOTSTRAP_FILE, own.length > 0, jsonToYaml(bootstrap));
  if (inliner.secrets.size > MOST_SECRETS) {
    inliner.warn(
      `${inliner.secrets.size} secrets are followed: raise fs.inotify.max_user_instances above the default 128`,
    );
  }
  return { warnings: inliner.warnings, secretFiles };
}

/** A `DiscoveryResponse`, whose version says what is in it. */
async function addList(
  tree: NewTree,
  path: string,
  secret: boolean,
  list: Iterable<JsonObject> | AsyncIterable<JsonObject>,
): Promise<void> {
  await tree.add(path, secret, async (file) => {
    const hash = createHash("sha256").update("[");
    const begin = listStart({ version_info: NO_VERSION });
    file.append(begin);
    let first = true;
    for await (const json of list) {
      hash.update(`${first ? "" : ","}${JSON.stringify(json)}`);
      if (file.append(listItem(json, first))) await file.flush();
      first = false;
    }
    file.append(first ? NO_ITEMS : LIST_END);
    const version = hash.update("]").digest("base64url").slice(0, NO_VERSION.length);
    await file.patch(version, begin.indexOf(NO_VERSION));
  });
}

/** As long as a `contentHash`. */
const NO_VERSION = "            ";

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
