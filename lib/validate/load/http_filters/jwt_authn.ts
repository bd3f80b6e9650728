/**
 * JWT authentication: requirements name providers of the same filter, and keys that stand in it must be readable.
 *
 * Source: `source/extensions/filters/http/jwt_authn/` of Envoy, and `jwt_verify_lib`.
 *
 * @module
 */
import type { MessageView, StringAt, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { jwksFault } from "./jwks.ts";
import { uriFault } from "./uri.ts";

const JWT = "envoy.extensions.filters.http.jwt_authn.v3";

const jwtAuthentication: Watcher = (view) => {
  const providers = view.entries("providers");
  const names = new Set(providers.map(({ key }) => key));
  for (const { message } of providers) checkProvider(message());
  const requirements = view.entries("requirement_map");
  for (const { message } of requirements) checkRequirement(message(), names);
  const known = new Set(requirements.map(({ key }) => key));
  for (const rule of view.messages("rules")) {
    checkRequirement(rule.message("requires"), names);
    const name = rule.string("requirement_name");
    if (name !== undefined && !known.has(name.value)) {
      view.reject("unknown-name", `Cannot find requirement "${name.value}" in requirement_map`, name);
    }
  }
  for (const { message } of view.message("filter_state_rules")?.entries("requires") ?? []) {
    checkRequirement(message(), names);
  }
};

function checkProvider(provider: MessageView | undefined): void {
  const uri = provider?.message("remote_jwks")?.message("http_uri")?.string("uri");
  const fault = uri === undefined ? undefined : uriFault(uri.value);
  if (fault !== undefined) provider?.reject("bad-value", `Cannot fetch keys: ${fault}`, uri);
  const keys = provider?.message("local_jwks")?.string("inline_string");
  const broken = keys === undefined ? undefined : jwksFault(keys.value);
  if (broken !== undefined) provider?.reject("bad-value", `Cannot read local_jwks: ${broken}`, keys);
}

/** Requirements hold requirements. */
function checkRequirement(requirement: MessageView | undefined, providers: ReadonlySet<string>): void {
  if (requirement === undefined) return;
  const audiences = requirement.message("provider_and_audiences");
  if (requirement.has("provider_name")) checkName(requirement, requirement.string("provider_name"), providers);
  if (audiences !== undefined) checkName(audiences, audiences.string("provider_name"), providers);
  for (const field of ["requires_any", "requires_all"]) {
    for (const inner of requirement.message(field)?.messages("requirements") ?? []) checkRequirement(inner, providers);
  }
}

function checkName(at: MessageView, name: StringAt | undefined, providers: ReadonlySet<string>): void {
  if (providers.has(name?.value ?? "")) return;
  const message = `Cannot find provider "${name?.value ?? ""}": this filter has none of that name`;
  at.reject("unknown-name", message, "provider_name");
}

export const JWT_CHECKS: CheckTable = [[`${JWT}.JwtAuthentication`, jwtAuthentication]];
