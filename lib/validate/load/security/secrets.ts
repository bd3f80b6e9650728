/**
 * Secrets as resources. What is inside of them is read by Envoy when something uses them, and not before.
 *
 * @module
 */
import type { Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const KINDS = ["tls_certificate", "session_ticket_keys", "validation_context", "generic_secret"] as const;

const secret: Watcher = (view) => {
  if (view.which(...KINDS) === undefined) view.reject("missing-field", `a secret needs one of ${KINDS.join(", ")}`);
};

export const SECRET_CHECKS: CheckTable = [["envoy.extensions.transport_sockets.tls.v3.Secret", secret]];
