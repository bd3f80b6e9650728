import type { Api } from "../../model/api.ts";
import type { Watch } from "../../model/codec/view.ts";
import type { RuleDoc } from "../rule.ts";

export const FIELD_RULES: readonly RuleDoc[] = [];

export function watchFields(_api: Api): Watch {
  return () => undefined;
}
