/**
 * A configuration as the files that `xcp serve` reads the same from.
 *
 * @module
 */
import type { Api } from "../../lib/model/api.ts";
import { toFileJson } from "../../lib/model/codec/file_form.ts";
import { jsonToYaml } from "../../lib/model/codec/print.ts";
import type { GroupRule } from "../../lib/model/layer.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { typeByUrl } from "../../lib/model/types.ts";
import { GROUPS_FILE, GROUPS_FOLDER, isSkipped } from "../../lib/source/file_names.ts";
import type { Content } from "../../lib/store/snapshot/content.ts";
import type { SecretFinder } from "../../lib/store/snapshot/secrets.ts";
import { CommandError } from "../exit.ts";
import type { Tree, TreeFile } from "./tree.ts";

/** `groups/<name>/<type>.yaml` (or `.json`), and `groups.yaml`. */
export function xcpFiles(
  api: Api,
  finder: SecretFinder,
  { groups, rules }: Content,
  form: "yaml" | "json",
): Omit<Tree, "marker"> {
  const folders = [...groups.keys()].map(folderOf);
  const files: TreeFile[] = [{ path: GROUPS_FILE, text: rulesText(rules), secret: false }];
  for (const [group, resources] of groups) {
    for (const [type, list] of Map.groupBy(resources, ({ type }) => type)) {
      const json = { resources: list.map((resource) => toFileJson(api, resource, { redact: false })) };
      files.push({
        path: `${folderOf(group)}/${fileName(type)}.${form}`,
        text: form === "json" ? `${JSON.stringify(json, undefined, 1)}\n` : jsonToYaml(json),
        secret: list.some((resource: Resource) => finder.holds(resource)),
      });
    }
  }
  return { files, folders };
}

/** Groups may have any name, and folders may not. */
function folderOf(group: string): string {
  if (/[/\0]/.test(group) || isSkipped(group) || group.length > 200) {
    throw new CommandError(
      "invalid",
      `Cannot write group ${JSON.stringify(group)}: no folder that is read can be called so`,
    );
  }
  return `${GROUPS_FOLDER}/${group}`;
}

function fileName(type: string): string {
  return typeByUrl(type)?.plural ?? type.slice(type.lastIndexOf("/") + 1);
}

function rulesText(rules: readonly GroupRule[]): string {
  return jsonToYaml({
    rules: rules.map(({ group, id, cluster, locality, metadata }) => ({
      group,
      ...(id === undefined ? {} : { id }),
      ...(cluster === undefined ? {} : { cluster }),
      ...(locality === undefined ? {} : { locality: localityJson(locality) }),
      ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
    })),
  });
}

function localityJson({ region, zone, subZone }: NonNullable<GroupRule["locality"]>) {
  return {
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    ...(subZone === undefined ? {} : { sub_zone: subZone }),
  };
}
