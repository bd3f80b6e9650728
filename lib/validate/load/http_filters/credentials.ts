/**
 * Filters that ask who is there: passwords, API keys, OAuth2, and authorization by another server.
 *
 * Source: `source/extensions/filters/http/{basic_auth,api_key_auth,oauth2,ext_authz}/` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";
import { checkHeaderValue } from "../header.ts";
import { uriFault } from "./uri.ts";

const HTTP = "envoy.extensions.filters.http";

const users: Watcher = (view) => {
  const source = view.message("users");
  const text = source?.string("inline_string");
  if (source?.has("inline_string") && text === undefined) {
    return source.reject("missing-field", "There are no users", "inline_string");
  }
  if (source === undefined) return view.reject("missing-field", "There are no users: users is missing");
  const fault = text === undefined ? undefined : htpasswdFault(text.value);
  if (fault !== undefined) view.reject("bad-value", `Cannot read the users: ${fault}`, text);
};

/** Base64 of a SHA-1. */
const HASH_LENGTH = 28;
const SHA = "{SHA}";

/** Why Envoy refuses a list of users with hashes; says nothing of the hashes. Only a line feed ends a line. */
function htpasswdFault(text: string): string | undefined {
  const names = new Set<string>();
  for (const [i, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const at = `line ${i + 1}`;
    const colon = line.indexOf(":");
    if (colon < 0) return `${at} is not of the form "name:{SHA}hash"`;
    const [name, hash] = [line.slice(0, colon), line.slice(colon + 1)];
    if (name === "" || hash === "") return `${at} lacks the name or the hash`;
    if (names.has(name)) return `${at} has a name for the second time`;
    names.add(name);
    if (!hash.startsWith(SHA)) return `the hash in ${at} is none of SHA-1: it begins with "${SHA}"`;
    if (new TextEncoder().encode(hash).length !== SHA.length + HASH_LENGTH) {
      return `the hash in ${at} is not of ${HASH_LENGTH} characters (a blank or a carriage return counts too)`;
    }
  }
  return undefined;
}

const apiKeys: Watcher = (view) => {
  const keys = new Set<string>();
  for (const credential of view.messages("credentials")) {
    const key = credential.string("key");
    if (key === undefined) continue;
    if (keys.has(key.value)) view.reject("duplicate-name", "The key of this credential stands there already", key);
    keys.add(key.value);
  }
  for (const source of view.messages("key_sources")) {
    if (["header", "query", "cookie"].every((field) => source.string(field) === undefined)) {
      source.reject("missing-field", "None of header, query and cookie says where the key is");
    }
  }
};

const TLS_CLIENT_AUTH = 2;

const oauth2: Watcher = (view) => {
  const credentials = view.message("credentials");
  if (credentials !== undefined && !credentials.has("token_secret") && view.enum("auth_type") !== TLS_CLIENT_AUTH) {
    credentials.reject("missing-field", "token_secret is missing: only TLS_CLIENT_AUTH goes without");
  }
  if (view.bool("forward_bearer_token") && view.bool("preserve_authorization_header")) {
    const message = "Cannot both set the authorization header (forward_bearer_token) and leave it as it is";
    view.reject("conflicting-fields", message, "preserve_authorization_header");
  }
  const endpoint = view.string("authorization_endpoint");
  const fault = endpoint === undefined ? undefined : uriFault(endpoint.value);
  if (fault !== undefined) view.reject("bad-value", `Cannot send anyone to authorization_endpoint: ${fault}`, endpoint);
  const end = view.string("end_session_endpoint");
  if (end !== undefined && !view.strings("auth_scopes").some(({ value }) => value === "openid")) {
    view.reject("missing-field", 'end_session_endpoint is one of OpenID Connect: auth_scopes lacks "openid"', end);
  }
  const redirect = view.string("redirect_uri");
  const broken = redirect === undefined ? undefined : formatFault(redirect.value);
  if (broken !== undefined) view.reject("bad-format", `Cannot read redirect_uri: ${broken}`, redirect);
};

const extAuthz: Watcher = (view) => {
  const service = view.message("http_service");
  if (service === undefined) return;
  checkPaths(service);
  for (const header of service.message("authorization_request")?.messages("headers_to_add") ?? []) {
    checkHeaderValue(header);
  }
  if (view.has("allowed_headers") && service.message("authorization_request")?.has("allowed_headers")) {
    const message = "allowed_headers stands in http_service.authorization_request as well";
    view.reject("conflicting-fields", message, "allowed_headers");
  }
};

function checkPaths(service: MessageView): void {
  for (const field of ["path_prefix", "path_override"]) {
    const path = service.string(field);
    if (path !== undefined && !path.value.startsWith("/")) {
      service.reject("bad-value", `${field} "${path.value}" does not begin with a slash`, path);
    }
  }
  if (service.string("path_prefix") !== undefined && service.string("path_override") !== undefined) {
    service.reject("conflicting-fields", "Cannot set both path_prefix and path_override", "path_override");
  }
}

const checkSettings: Watcher = (view) => {
  if (view.bool("disable_request_body_buffering") && view.has("with_request_body")) {
    const message = "Cannot both ask for the body (with_request_body) and turn that off";
    view.reject("conflicting-fields", message, "disable_request_body_buffering");
  }
};

export const CREDENTIAL_CHECKS: CheckTable = [
  [`${HTTP}.basic_auth.v3.BasicAuth`, users],
  [`${HTTP}.basic_auth.v3.BasicAuthPerRoute`, users],
  [`${HTTP}.api_key_auth.v3.ApiKeyAuth`, apiKeys],
  [`${HTTP}.api_key_auth.v3.ApiKeyAuthPerRoute`, apiKeys],
  [`${HTTP}.oauth2.v3.OAuth2Config`, oauth2],
  [`${HTTP}.ext_authz.v3.ExtAuthz`, extAuthz],
  [`${HTTP}.ext_authz.v3.CheckSettings`, checkSettings],
];
