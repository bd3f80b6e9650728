/**
 * A configuration as the files that `xcp serve` reads the same from.
 *
 * @module
 */
import type { Api } from "../../lib/model/api.ts";
import { toFileJson } from "../../lib/model/codec/file_form.ts";
import { jsonToYaml, openEnd, YamlPrinter } from "../../lib/model/codec/print_yaml.ts";
import type { GroupRule } from "../../lib/model/layer.ts";
import { typeByUrl } from "../../lib/model/types.ts";
import { GROUPS_FILE, GROUPS_FOLDER, isSkipped } from "../../lib/source/file_names.ts";
import type { KeptResource, KeptSet, StoredGroup } from "../../lib/store/snapshot/kept.ts";
import type { SecretFinder } from "../../lib/store/snapshot/secrets.ts";
import { CommandError } from "../exit.ts";
import { LIST_END, listItem, listStart } from "./json_list.ts";
import type { Sweeper } from "./sweeper.ts";
import type { NewFile, NewTree } from "./tree.ts";

export interface XcpFilesOptions {
  readonly groups: readonly StoredGroup[];
  readonly rules: readonly GroupRule[];
  /** The resources of these groups. */
  readonly sets: AsyncIterable<KeptSet>;
  readonly form: "yaml" | "json";
  readonly sweeper: Sweeper;
  /** Called with each resource, in its order. */
  readonly look?: (resource: KeptResource, group: string) => void;
}

/** `groups/<name>/<type>.yaml` (or `.json`), and `groups.yaml`. No more than one type of a group is in memory at once. */
export async function xcpFiles(
  api: Api,
  finder: SecretFinder,
  tree: NewTree,
  { groups, rules, sets, form, sweeper, look }: XcpFilesOptions,
): Promise<void> {
  const folders = groups.map(({ name }) => folderOf(name));
  await tree.addText(GROUPS_FILE, false, rulesText(rules));
  for (const folder of folders) await tree.addFolder(folder);
  for await (const set of sets) {
    if (set.size === 0) continue;
    const secret = holdsSecret(finder, set, sweeper);
    await tree.add(`${folderOf(set.group)}/${fileName(set.type)}.${form}`, secret, async (file) => {
      await (form === "json" ? writeJson : writeYaml)(file, set, (resource) => {
        look?.(resource, set.group);
        sweeper.worked(resource.bytes.length);
        return toFileJson(api, resource, { redact: false });
      });
    });
  }
}

export function holdsSecret(finder: SecretFinder, set: KeptSet, sweeper: Sweeper): boolean {
  for (const resource of set) {
    if (finder.looksSecret(resource)) return true;
    sweeper.worked(resource.bytes.length);
  }
  return false;
}

type Print = (resource: KeptResource) => ReturnType<typeof toFileJson>;

async function writeYaml(file: NewFile, set: KeptSet, print: Print): Promise<void> {
  const printer = new YamlPrinter();
  let end = "";
  file.append("resources:\n");
  for (const json of set.map(print)) {
    if (file.append(printer.item(json))) await file.flush();
    end = openEnd(json);
  }
  file.append(end);
}

async function writeJson(file: NewFile, set: KeptSet, print: Print): Promise<void> {
  file.append(listStart({}));
  let first = true;
  for (const json of set.map(print)) {
    if (file.append(listItem(json, first))) await file.flush();
    first = false;
  }
  file.append(LIST_END);
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
