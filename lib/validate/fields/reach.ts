/**
 * Where Envoy checks the rules of fields. It does so for a whole message when it unpacks it, and not for all that it
 * unpacks; what it never unpacks is nobody's fault.
 *
 * @module
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { FieldPlan } from "../../model/codec/plan.ts";
import type { Run, Step } from "../../model/codec/run.ts";
import { type Options, rulesOf } from "./options.ts";

/** Fields whose `Any` is handed on, or kept for whoever asks for it. */
const UNREAD: ReadonlySet<string> = new Set([
  "envoy.config.core.v3.Metadata.typed_filter_metadata",
  "envoy.extensions.wasm.v3.PluginConfig.configuration",
  "envoy.extensions.wasm.v3.VmConfig.configuration",
]);

/** Fields below which Envoy opens no `Any` while it loads a configuration; itself it checks. */
const UNOPENED: ReadonlySet<string> = new Set([
  "envoy.config.bootstrap.v3.Bootstrap.hds_config",
  "envoy.config.bootstrap.v3.Bootstrap.tracing",
  "envoy.config.bootstrap.v3.Bootstrap.DynamicResources.lds_config",
  "envoy.config.bootstrap.v3.ClusterManager.load_stats_config",
  "envoy.config.cluster.v3.Cluster.upstream_config",
]);

/** Credentials that Envoy makes when it first calls, and at once only for these callers. */
const CREDENTIALS = "envoy.config.grpc_credential.v3.FileBasedMetadataConfig";
const CALLS_AT_ONCE = /\.(ads_config|api_config_source|common_config)\b/;

/** Messages that Envoy takes out of an `Any`, and uses without a check of their rules. */
const UNCHECKED: ReadonlySet<string> = new Set([
  // In retry_policy_typed_config; what a policy names is checked when the first request is tried again.
  "envoy.config.route.v3.RetryPolicy",
  "envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig",
  "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
  "envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig",
  "envoy.extensions.internal_redirect.filter_state.v3.FilterStateConfig",
  "envoy.extensions.network.dns_resolver.apple.v3.AppleDnsResolverConfig",
  "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
  "envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig",
  "envoy.extensions.network.dns_resolver.hickory.v3.HickoryDnsResolverConfig",
  "envoy.extensions.http.cache.file_system_http_cache.v3.FileSystemHttpCacheConfig",
  "envoy.extensions.http.cache_v2.file_system_http_cache.v3.FileSystemHttpCacheV2Config",
  "envoy.extensions.health_checkers.udp.v3.UdpHealthCheck",
  "envoy.extensions.quic.connection_debug_visitor.quic_stats.v3.Config",
  "envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
  "envoy.extensions.watchdog.profile_action.v3.ProfileActionConfig",
]);

/** No policy of load balancing is checked, but for the one. */
const POLICIES = "envoy.extensions.load_balancing_policies.";
const CHECKED_POLICY = "envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost";

/** Of these lists Envoy uses the first element that it knows, and looks at no other. */
const FIRST_ONLY: ReadonlySet<string> = new Set(["envoy.config.cluster.v3.LoadBalancingPolicy.policies"]);

/** Names of the fields of both sets, without their messages. */
const NAMES: ReadonlySet<string> = new Set(
  [...UNOPENED, ...UNREAD].map((name) => name.slice(name.lastIndexOf(".") + 1)),
);

/** Whether Envoy opens every `Any` that the walk is in. */
export function isOpened({ steps }: Run): boolean {
  let below = false;
  for (const step of steps) {
    const field = fieldOf(step);
    if (field?.message === undefined) continue;
    if (below && isAny(field)) return false;
    // This is asked for every message: whole names are put together only for fields that may be meant.
    if (!NAMES.has(field.name)) continue;
    if (UNREAD.has(nameOf(field))) return false;
    below ||= UNOPENED.has(nameOf(field));
  }
  return true;
}

/** Tells where a walk is. It is asked only when something is wrong. */
export class Reach {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Whether Envoy checks the message of that type, which the walk is at. */
  isChecked(run: Run, desc: DescMessage): boolean {
    if (!isOpened(run)) return false;
    let skipped = false;
    let root: DescMessage | undefined;
    let before: DescField | undefined;
    let list: DescField | undefined;
    for (const step of run.steps) {
      const field = fieldOf(step);
      if (field === undefined) {
        if (typeof step === "number" && step > 0 && list !== undefined && FIRST_ONLY.has(nameOf(list))) return false;
        list = undefined;
        continue;
      }
      if (isAny(before)) {
        root = field.parent;
        skipped = false;
      }
      skipped ||= this.#options.isDisabled(field.parent) || this.#skips(field);
      before = list = field;
    }
    if (isAny(before)) return isCheckedRoot(run, desc);
    return !skipped && (root === undefined || isCheckedRoot(run, root));
  }

  #skips(field: DescField): boolean {
    if (field.message === undefined) return false;
    const rules = this.#options.rules(field);
    const inner = rulesOf(rulesOf(rules, "repeated"), "items") ?? rulesOf(rulesOf(rules, "map"), "values") ?? rules;
    return rulesOf(inner, "message")?.["skip"] === true;
  }
}

function fieldOf(step: Step | undefined): DescField | undefined {
  return typeof step === "object" && "desc" in step ? (step as FieldPlan).desc : undefined;
}

function nameOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}

function isAny(field: DescField | undefined): boolean {
  return field?.message?.typeName === "google.protobuf.Any";
}

function isCheckedRoot(run: Run, desc: DescMessage): boolean {
  return !isUnchecked(desc) && (desc.typeName !== CREDENTIALS || CALLS_AT_ONCE.test(`.${run.path()}`));
}

function isUnchecked({ typeName }: DescMessage): boolean {
  return UNCHECKED.has(typeName) || typeName.startsWith(POLICIES) && typeName !== CHECKED_POLICY;
}
