/**
 * Load balancing policies: which one a cluster has, and what it asks for.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { fits } from "../http_filters/extensions.ts";
import { bringsBalancer, type Discovery } from "./discovery.ts";
import { checkMaglev, checkRing } from "./hashing.ts";
import { checkSelectors } from "./subset.ts";

/** Numbers of `Cluster.LbPolicy`. */
const RING_HASH = 2;
const MAGLEV = 5;
const CLUSTER_PROVIDED = 6;
const BY_CONFIG = 7;

const CATEGORY = ["envoy.load_balancing_policies"];
const POLICIES = "envoy.extensions.load_balancing_policies";

/** The first of the policies that Envoy has, which is the one that it takes: undefined where nobody can tell. */
function chosenPolicy(list: MessageView | undefined): MessageView | undefined {
  for (const policy of list?.messages("policies") ?? []) {
    const extension = policy.message("typed_extension_config");
    if (extension === undefined) continue;
    const config = extension.typed("typed_config");
    if (config === undefined) return undefined;
    if (fits(config.desc.typeName, CATEGORY)) return config;
  }
  return undefined;
}

export function checkBalancing(cluster: MessageView, discovery: Discovery): void {
  const list = cluster.message("load_balancing_policy");
  if (cluster.has("load_balancing_policy")) typedPolicy(cluster, list);
  else legacyPolicy(cluster);
  checkProvided(cluster, discovery, list);
  const subset = cluster.message("lb_subset_config");
  if (
    subset?.bool("locality_weight_aware") && !cluster.message("common_lb_config")?.has("locality_weighted_lb_config")
  ) {
    const message = "locality_weight_aware is set, and common_lb_config has no locality_weighted_lb_config";
    subset.reject("missing-field", message, "locality_weight_aware");
  }
  checkHostnames(cluster);
}

/** Whether the hosts' weights are added up, as the policies that hash do. */
export function isHashed(cluster: MessageView): boolean {
  if (!cluster.has("load_balancing_policy")) {
    const policy = cluster.enum("lb_policy");
    return policy === RING_HASH || policy === MAGLEV;
  }
  const type = chosenPolicy(cluster.message("load_balancing_policy"))?.desc.typeName;
  return type === `${POLICIES}.ring_hash.v3.RingHash` || type === `${POLICIES}.maglev.v3.Maglev`;
}

const COMMON = ["zone_aware_lb_config", "locality_weighted_lb_config", "consistent_hashing_lb_config"];

function typedPolicy(cluster: MessageView, list: MessageView | undefined): void {
  const rule = "conflicting-fields";
  if (cluster.has("lb_subset_config")) {
    cluster.reject(rule, "lb_subset_config is set beside load_balancing_policy", "lb_subset_config");
  }
  const common = cluster.message("common_lb_config");
  const field = common?.which(...COMMON);
  if (field !== undefined) common?.reject(rule, `${field} is set beside load_balancing_policy`, field);
  checkPolicy(chosenPolicy(list), true);
}

function legacyPolicy(cluster: MessageView): void {
  const policy = cluster.enum("lb_policy");
  if (policy === BY_CONFIG) {
    const message = "lb_policy is LOAD_BALANCING_POLICY_CONFIG, and load_balancing_policy is not set";
    return cluster.reject("missing-field", message, "lb_policy");
  }
  const subset = cluster.message("lb_subset_config");
  const selectors = subset?.messages("subset_selectors") ?? [];
  if (subset !== undefined && selectors.length > 0) {
    if (policy === CLUSTER_PROVIDED) {
      cluster.reject("conflicting-fields", "lb_policy CLUSTER_PROVIDED cannot have subsets", "lb_subset_config");
    }
    // What is below a subset is made later, where nothing can be refused.
    return checkSelectors(subset);
  }
  if (policy === RING_HASH) checkRing(cluster.message("ring_hash_lb_config"));
  if (policy === MAGLEV) checkMaglev(cluster.message("maglev_lb_config"));
}

/** A policy and those inside of it. `made`: the balancer itself is made while Envoy loads the cluster. */
function checkPolicy(policy: MessageView | undefined, made: boolean): void {
  switch (policy?.desc.typeName) {
    case `${POLICIES}.ring_hash.v3.RingHash`:
      return made ? checkRing(policy) : undefined;
    case `${POLICIES}.maglev.v3.Maglev`:
      return made ? checkMaglev(policy) : undefined;
    case `${POLICIES}.subset.v3.Subset`:
      checkSelectors(policy);
      return inner(policy, "subset_lb_policy", false);
    case `${POLICIES}.wrr_locality.v3.WrrLocality`:
      return wrrLocality(policy);
    case `${POLICIES}.load_aware_locality.v3.LoadAwareLocality`:
      return loadAware(policy);
    case `${POLICIES}.override_host.v3.OverrideHost`:
      overrideSources(policy);
      return inner(policy, "fallback_policy", made);
  }
}

function inner(policy: MessageView, field: string, made: boolean): void {
  checkPolicy(chosenPolicy(policy.message(field)), made);
}

const WEIGHTED = `${POLICIES}.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin`;

/** What both policies by locality need. */
function needsPicking(policy: MessageView): void {
  if (policy.has("endpoint_picking_policy")) return;
  policy.reject("missing-field", "endpoint_picking_policy is missing: it chooses within a locality");
}

/** Milliseconds. */
const SHORTEST_UPDATE = 100;

function loadAware(policy: MessageView): void {
  needsPicking(policy);
  const period = policy.duration("weight_update_period");
  if (period !== undefined && Math.trunc(period) < SHORTEST_UPDATE) {
    const message = `weight_update_period is shorter than ${SHORTEST_UPDATE} ms`;
    policy.reject("bad-value", message, "weight_update_period");
  }
  const variance = policy.number("utilization_variance_threshold") ?? 0;
  if (!(variance >= 0 && variance <= 1)) {
    policy.reject("bad-value", "A variance lies between 0 and 1", "utilization_variance_threshold");
  }
  const probes = policy.number("remote_probe_fraction") ?? 0;
  if (!(probes >= 0 && probes < 1)) {
    policy.reject("bad-value", "remote_probe_fraction is from 0 to less than 1", "remote_probe_fraction");
  }
  const smoothing = policy.duration("smoothing_time_constant");
  if (smoothing !== undefined && Math.trunc(smoothing) <= 0) {
    policy.reject("bad-value", "smoothing_time_constant has to be more than 0", "smoothing_time_constant");
  }
}

function wrrLocality(policy: MessageView): void {
  needsPicking(policy);
  inner(policy, "endpoint_picking_policy", true);
  const picking = chosenPolicy(policy.message("endpoint_picking_policy"));
  if (picking === undefined || picking.desc.typeName === WEIGHTED) return;
  const message = "The endpoint_picking_policy of a WrrLocality can only be a ClientSideWeightedRoundRobin";
  policy.reject("unsupported", message, { offset: picking.offset(), path: picking.path() });
}

/** Each source is a header or a key of the metadata: no oneof says so. */
function overrideSources(policy: MessageView): void {
  for (const source of policy.messages("override_host_sources")) {
    const header = source.string("header") !== undefined;
    if (header && source.has("metadata")) {
      source.reject("conflicting-fields", "header and metadata are set: a source is one of them", "metadata");
    } else if (!header && !source.has("metadata")) {
      source.reject("missing-field", "The source needs a header or metadata");
    }
  }
}

/** A cluster that brings its balancer must say so, and no other may. */
function checkProvided(cluster: MessageView, { kind }: Discovery, list: MessageView | undefined): void {
  const brings = bringsBalancer(kind);
  // These two were looked at with their kind.
  const named = kind === "original_dst" || kind === "reverse_connection";
  if (brings === undefined || named && cluster.enum("lb_policy") !== CLUSTER_PROVIDED) return;
  const policy = chosenPolicy(list);
  if (cluster.has("load_balancing_policy") && policy === undefined) return;
  const provided = policy === undefined
    ? cluster.enum("lb_policy") === CLUSTER_PROVIDED
    : policy.desc.typeName === `${POLICIES}.cluster_provided.v3.ClusterProvided`;
  if (provided === brings) return;
  const message = provided
    ? `The cluster has no load balancer of its own, which CLUSTER_PROVIDED asks for`
    : `The cluster brings a load balancer of its own, and needs lb_policy CLUSTER_PROVIDED`;
  const at = policy === undefined ? "lb_policy" : { offset: policy.offset(), path: policy.path() };
  cluster.reject("cluster-lb-policy", message, at);
}

const STRICT_DNS = 1;

/** Only hosts of this type keep their names. */
function checkHostnames(cluster: MessageView): void {
  const hashing = cluster.message("common_lb_config")?.message("consistent_hashing_lb_config");
  if (!hashing?.bool("use_hostname_for_hashing") || cluster.enum("type") === STRICT_DNS) return;
  const message = "Only a cluster of type STRICT_DNS can use the hostname for hashing";
  hashing.reject("unsupported", message, "use_hostname_for_hashing");
}
