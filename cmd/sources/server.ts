/**
 * A running xcp as a source: what its clients get, over its admin API.
 *
 * What the server prints is read again, and is the same resource if it has the same version. It is not where secrets are
 * hidden, which no API tells, and where a resource has more than its message says (a time to live, names of its own):
 * then the version that the server tells is what counts, so that a comparison is right although the content is not whole.
 *
 * @module
 */
import type { EffectiveJson } from "../../lib/admin/json.ts";
import { readFile } from "../../lib/model/codec/read.ts";
import type { GroupRule } from "../../lib/model/layer.ts";
import type { Resource } from "../../lib/model/resource.ts";
import type { LeftOut } from "../../lib/store/snapshot/format.ts";
import { reason } from "../../lib/system_error.ts";
import { CommandError } from "../exit.ts";
import { printable } from "../printable.ts";
import type { SourceContent, SourceOptions } from "../sources.ts";
import { fetchIfTold, fetchServer } from "../status/ask.ts";
import { readRules } from "./server_rules.ts";

export async function readServer(word: string, options: SourceOptions): Promise<SourceContent> {
  const url = withoutCredentials(word);
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw new CommandError("unavailable", `Cannot ask "${url}": ${printable(reason(error))}`, { cause: error });
    }
  };
  const { groups: told } = await asked(
    fetchServer<{ groups: { name: string; revision: string | null }[] }>(word, "/v1/groups", "groups", options),
  );
  const groups = new Map<string, readonly Resource[]>();
  const redacted: LeftOut[] = [];
  for (const { name: group, revision } of told) {
    // A group that never had anything is not one that was emptied.
    if (revision === null) {
      throw new CommandError("unavailable", `Cannot read "${url}": group ${JSON.stringify(group)} has nothing yet`);
    }
    const path = `/v1/groups/${encodeURIComponent(group)}/effective`;
    const { resources } = await asked(
      fetchServer<{ resources: EffectiveJson[] }>(word, path, "resources", options),
    );
    const read = readResources(options, url, resources);
    for (const { type, name } of read.hidden) redacted.push({ group, type, name });
    groups.set(group, read.resources);
  }
  const mapping = await asked(fetchIfTold<{ rules: unknown[] }>(word, "/v1/rules", "rules", options));
  return {
    content: { groups, rules: mapping === undefined ? [] : rulesIn(mapping.rules, url), leftOut: [] },
    kind: "server",
    from: url,
    redacted,
    rulesKnown: mapping !== undefined,
  };
}

function rulesIn(told: readonly unknown[], url: string): readonly GroupRule[] {
  try {
    return readRules(told);
  } catch (error) {
    throw new CommandError("invalid", `Cannot read the rules of "${url}": ${printable(reason(error))}`, {
      cause: error,
    });
  }
}

function readResources({ api }: SourceOptions, url: string, told: readonly EffectiveJson[]) {
  const hidden: Pick<Resource, "type" | "name">[] = [];
  const resources = told.map(({ type, name, version, origin, resource }): Resource => {
    const content = readFile(api, JSON.stringify(wrapped(resource, name)), `${type}.json`, url);
    const [read] = content.resources;
    if (read === undefined || read.type !== type || read.name !== name) {
      const why = content.issues[0]?.message ?? "it is another";
      throw new CommandError("invalid", `Cannot read "${printable(name)}" of "${url}": ${printable(why)}`);
    }
    if (read.version !== version) hidden.push({ type, name });
    return { ...read, version, origin: origin ?? undefined };
  });
  return { resources, hidden };
}

/** What has no field for its name gets it from a wrapper. */
function wrapped(resource: EffectiveJson["resource"], name: string): unknown {
  return resource["@type"] === LB_ENDPOINT ? { "@type": WRAPPER, name, resource } : resource;
}

const LB_ENDPOINT = "type.googleapis.com/envoy.config.endpoint.v3.LbEndpoint";
const WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

function withoutCredentials(word: string): string {
  const url = URL.parse(word);
  if (url === null || url.username === "" && url.password === "") return word;
  url.username = "";
  url.password = "";
  return url.href;
}
