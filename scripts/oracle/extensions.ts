/**
 * Every extension type of the API in the smallest bootstrap that has a place for it. Whether it is valid there is for
 * Envoy to say.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { Api } from "../../lib/model/api.ts";
import type { Base } from "./base.ts";
import { grpcCluster } from "./bootstrap.ts";
import { CLUSTER, type Minimal } from "./minimal.ts";
import { from, list, type Value } from "./value.ts";
import { fieldOf } from "./walk.ts";
import { NEEDED } from "./needed.ts";
import { POINTS } from "./points.ts";
import { type Data, X } from "./parts.ts";

/** What cannot be had here: code, a data base, a device. */
const ABSENT = /wasm|dynamic_module|maxmind|\.v2|cryptomb|qat|kafka/i;

/** All extension types, each in all templates that suit it: with what is required, and with every field. */
export function extensionBases(api: Api, minimal: Minimal): Base[][] {
  const bases: Base[][] = [];
  for (const desc of extensionTypes(api)) {
    const templates = POINTS.filter(([pattern]) => pattern.test(desc.typeName)).flatMap(([, ...all]) => all);
    if (templates.length === 0 || ABSENT.test(desc.typeName)) continue;
    const value = withNeeded(
      minimal.message(desc, true),
      NEEDED[desc.typeName.replace(/^envoy\.(extensions\.)?/, "")] ?? NEEDED[desc.typeName.replace(/^envoy\./, "")],
    );
    bases.push(templates.map((template, i) => ({
      name: `${desc.typeName}#${i}`,
      form: "bootstrap",
      root: list([fill(template, value)]),
    })));
  }
  return bases;
}

function withNeeded(value: Value, needed: Data = {}): Value {
  if (value.kind !== "map") return value;
  const more = from(needed);
  const kept = value.entries.filter(({ key }) => !(key in needed));
  return { kind: "map", entries: [...kept, ...(more.kind === "map" ? more.entries : [])] };
}

function extensionTypes(api: Api): DescMessage[] {
  const found: DescMessage[] = [];
  for (const path of api.paths) {
    if (!/^envoy\/(extensions|config\/(trace|metrics))\/|^(envoy\/type|xds\/type)\/matcher/.test(path)) continue;
    const file = api.file(path);
    for (const type of file === undefined ? [] : nestedTypes(file)) {
      if (type.kind === "message" && type.parent === undefined && fieldOf(type, "@type") === undefined) {
        found.push(type);
      }
    }
  }
  return found;
}

function fill(template: unknown, extension: Value): Value {
  if (template === X) return extension;
  if (template === "$cluster") return grpcCluster(CLUSTER);
  if (Array.isArray(template)) return list(template.map((each) => fill(each, extension)));
  if (typeof template !== "object" || template === null) return from(template);
  const entries = Object.entries(template).filter(([, value]) => value !== undefined);
  return { kind: "map", entries: entries.map(([key, value]) => ({ key, value: fill(value, extension) })) };
}
