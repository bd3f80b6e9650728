/**
 * The rules that map nodes to groups.
 *
 * @module
 */
import type { HubView } from "../hub/status.ts";
import { json } from "./answer.ts";
import { ruleJson } from "./json.ts";
import { operation } from "./operation.ts";
import type { Register } from "./router.ts";
import { RULES } from "./schemas/group.ts";

export function ruleRoutes(register: Register, hub: Pick<HubView, "rules">): void {
  register("/v1/rules", {
    get: operation({
      id: "listRules",
      summary: "Which node belongs to which group, where that is not said by its cluster",
      answers: { 200: { description: "The first that matches wins", schema: RULES } },
    }, () => json({ rules: hub.rules().map(ruleJson) })),
  });
}
