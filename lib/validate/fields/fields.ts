/**
 * The rules that the protos themselves give for their fields, in `validate.rules`: Envoy checks them before anything
 * else, and refuses a message that breaks one.
 *
 * @module
 */
import type { Api } from "../../model/api.ts";
import type { Watch } from "../../model/codec/view.ts";
import { Compiler } from "./compile.ts";

export { FIELD_RULES } from "./rules.ts";

/** Watches every message that has such rules. They are read when the first message of a type is met. */
export function watchFields(api: Api): Watch {
  const compiler = new Compiler(api);
  return (desc) => compiler.watcher(desc);
}
