/**
 * Which rules go with which type of value.
 *
 * @module
 */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type Node, valueOf } from "../../model/codec/tree.ts";
import { FIELD_RULE, oneOf, quote, type ValueCheck } from "./check.ts";
import { boolCheck, enumCheck, numberCheck } from "./numbers.ts";
import { listOf, type Rules, rulesOf } from "./options.ts";
import { bytesCheck, stringCheck } from "./strings.ts";
import { durationCheck, timestampCheck } from "./times.ts";

/** What has a value: a field, an element of a list, a value of a map. */
export type Valued = Pick<DescField, "enum" | "message" | "scalar">;

/** The check of one value by the rules for it; undefined when there is nothing to check. */
export function valueCheck(type: Valued, rules: Rules, secret: boolean): ValueCheck | undefined {
  if (type.message !== undefined) return messageCheck(type.message, rules, secret);
  if (type.enum !== undefined) return enumCheck(rulesOf(rules, "enum") ?? {}, type.enum);
  return type.scalar === undefined ? undefined : scalarCheck(type.scalar, rules, secret);
}

/** The check of a scalar by the rules for it. */
export function scalarCheck(type: ScalarType, rules: Rules, secret: boolean): ValueCheck | undefined {
  const kind = ScalarType[type].toLowerCase();
  const own = rulesOf(rules, kind);
  if (own === undefined) return undefined;
  switch (kind) {
    case "string":
      return stringCheck(own, secret);
    case "bytes":
      return bytesCheck(own);
    case "bool":
      return boolCheck(own);
    default:
      return numberCheck(own, type);
  }
}

/** Of messages, only the well-known ones have rules of their own. */
function messageCheck(desc: DescMessage, rules: Rules, secret: boolean): ValueCheck | undefined {
  switch (desc.typeName) {
    case "google.protobuf.Any":
      return anyCheck(rulesOf(rules, "any") ?? {});
    case "google.protobuf.Duration":
      return durationCheck(rulesOf(rules, "duration") ?? {});
    case "google.protobuf.Timestamp":
      return timestampCheck(rulesOf(rules, "timestamp") ?? {});
    default:
      return wrapperCheck(desc, rules, secret);
  }
}

const WRAPPER = /^google\.protobuf\.(?:U?Int(?:32|64)|Bool|Bytes|Double|Float|String)Value$/;

/** A wrapper is checked as what is in it. */
function wrapperCheck(desc: DescMessage, rules: Rules, secret: boolean): ValueCheck | undefined {
  const field = WRAPPER.test(desc.typeName) ? desc.field["value"] : undefined;
  const check = field?.scalar === undefined ? undefined : scalarCheck(field.scalar, rules, secret);
  if (check === undefined) return undefined;
  return (node) => check(node?.kind === "map" ? valueOf(node, "value") : node);
}

function anyCheck(rules: Rules): ValueCheck | undefined {
  const allowed = listOf(rules, "in")?.map(String);
  const refused = listOf(rules, "not_in")?.map(String);
  if (allowed === undefined && refused === undefined) return undefined;
  return (node: Node | undefined) => {
    const url = node?.kind === "map" ? valueOf(node, "@type") : undefined;
    if (url?.kind !== "string") return undefined;
    if (allowed !== undefined && !allowed.includes(url.text)) {
      return { rule: FIELD_RULE.valueSet, must: `must be of type ${oneOf(allowed)}`, found: quote(url.text) };
    }
    return refused?.includes(url.text)
      ? { rule: FIELD_RULE.valueSet, must: `must not be of type ${oneOf(refused)}`, found: quote(url.text) }
      : undefined;
  };
}
