/**
 * What resources say of one thing that is there only once in an Envoy: a DNS cache, the local cluster, who reports loads.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Claim, Resource } from "../model/resource.ts";
import { at, quote } from "./words.ts";

/** Issues that are spelled out: more of them say nothing new. */
const MOST_ISSUES = 100;

/** Type URL of what is no resource of a bootstrap. */
export const BOOTSTRAP = "type.googleapis.com/envoy.config.bootstrap.v3.Bootstrap";

/** A claim and who makes it. */
interface Made {
  readonly resource: Resource;
  readonly claim: Claim;
}

/**
 * An error for each place where resources of one client contradict each other. What only a bootstrap can say is looked at
 * where there is one.
 */
export function checkAgreement(resources: readonly Resource[]): Issue[] {
  const made = new Map<string, Made[]>();
  for (const resource of resources) {
    for (const claim of resource.claims) {
      const those = made.get(claim.kind);
      if (those === undefined) made.set(claim.kind, [{ resource, claim }]);
      else those.push({ resource, claim });
    }
  }
  const of = (kind: string) => made.get(kind) ?? [];
  return [
    ...checkCaches(of("dns-cache")),
    ...checkLocalCluster(of("local-cluster"), of("priority")),
    ...checkReports(of("load-reports"), of("endpoint-statistics")),
    ...resources.some(({ type }) => type === BOOTSTRAP)
      ? checkLimits(of("local-cluster"), of("local-cluster-limit"))
      : [],
  ].slice(0, MOST_ISSUES);
}

/** Envoy has one cache of a name; which of two settings is meant is for the reader to say, so both are pointed at. */
function checkCaches(caches: readonly Made[]): Issue[] {
  const firsts = new Map<string, { readonly settings: Settings; readonly made: Made }>();
  const told = new Set<string>();
  const issues: Issue[] = [];
  for (const made of caches) {
    const [name, settings] = JSON.parse(made.claim.key) as [string, Settings];
    const first = firsts.get(name);
    if (first === undefined) {
      firsts.set(name, { settings, made });
      continue;
    }
    const fields = [...new Set([...Object.keys(first.settings), ...Object.keys(settings)])]
      .filter((field) => first.settings[field]?.[0] !== settings[field]?.[0]);
    const [field] = fields;
    if (field === undefined) continue;
    const message = `DNS cache ${quote(name)} has different settings in two places: ${fields.join(", ")}`;
    // The first of three that differ is told once.
    if (!told.has(message)) issues.push(issue(first.made, "conflicting-fields", message, first.settings[field]?.[1]));
    told.add(message);
    issues.push(issue(made, "conflicting-fields", message, settings[field]?.[1]));
  }
  return issues;
}

/** Of each field that is set: what it is set to, and the line and column of it. */
type Settings = Readonly<Record<string, readonly [value: string, place: readonly [line: number, column: number]]>>;

function checkLocalCluster(names: readonly Made[], priorities: readonly Made[]): Issue[] {
  const local = new Set(names.map(({ claim }) => claim.key));
  return priorities.filter(({ resource }) => local.has(resource.name)).map((made) =>
    issue(
      made,
      "conflicting-fields",
      `Endpoints of the local cluster ${quote(made.resource.name)} have one priority, 0`,
    )
  );
}

function checkReports(reports: readonly Made[], statistics: readonly Made[]): Issue[] {
  if (reports.length === 0) return [];
  const message = "per_endpoint_stats and load_stats_config of the bootstrap exclude each other";
  return statistics.map((made) => issue(made, "conflicting-fields", message));
}

function checkLimits(names: readonly Made[], limits: readonly Made[]): Issue[] {
  if (names.length > 0) return [];
  const message = "The bootstrap says nothing of a local cluster: cluster_manager.local_cluster_name";
  return limits.map((made) => issue(made, "missing-field", message));
}

function issue({ resource, claim }: Made, rule: string, message: string, place?: readonly [number, number]): Issue {
  const position = claim.at ?? resource.origin;
  const [line, column] = place ?? [];
  return {
    ...at(
      position !== undefined && line !== undefined && column !== undefined ? { ...position, line, column } : position,
    ),
    path: claim.path,
    rule,
    severity: "error",
    message,
  };
}
