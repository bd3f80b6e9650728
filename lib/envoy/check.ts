/**
 * Asks Envoy about a configuration and says what comes of it beside what xcp has found already.
 *
 * @module
 */
import { accessSync, constants } from "node:fs";
import type { Api } from "../model/api.ts";
import { toJson } from "../model/codec/print.ts";
import type { Issue, Position } from "../model/issue.ts";
import { contentHash, type Resource } from "../model/resource.ts";
import { CLUSTER, SECRET, typeByUrl } from "../model/types.ts";
import type { Key } from "../model/written.ts";
import { bootstrapOf } from "./bootstrap.ts";
import { type Pair, selfSigned } from "./certificate.ts";
import type { JsonObject } from "./json.ts";
import { type Parts, partsOf, type Piece, secretKind, staticCluster, staticPartsOf, stubOf } from "./pieces.ts";
import { placeKey, WrittenFile } from "./place.ts";
import { search } from "./search.ts";
import { redacted, secretsOf } from "./secrets.ts";
import { standIn } from "./stand_ins.ts";
import { clipped, isAboutThisMachine, type Verdict } from "./verdict.ts";

/** The rules of this room. */
const ENVOY_RULES = {
  /** Envoy refuses what xcp finds nothing wrong with. */
  rejects: "envoy-rejects",
  /** xcp calls an error what Envoy takes. */
  accepts: "envoy-accepts",
  /** Envoy could not be asked about something, or gave no answer. */
  noVerdict: "envoy-no-verdict",
} as const;

/** Something that Envoy would be started with: a bootstrap file, or what a group gets. */
export interface Subject {
  /** For messages: `group "edge"`. */
  readonly name: string;
  /** In the order of the files. Of a bootstrap, its static resources. */
  readonly resources: readonly Resource[];
  readonly bootstrap?: {
    readonly file: string;
    readonly text: string;
    /** What is no resource. */
    readonly rest: Resource;
  };
  /** What the resources may name and is asked about elsewhere. */
  readonly around: readonly Resource[];
  /** What they may name and cannot be read. */
  readonly broken: readonly Key[];
}

/** Whom to ask: a binary, or a test. */
export interface Oracle {
  readonly version: string;
  readonly emptyFile: string;
  readonly emptyFolder: string;
  ask(text: string, form: "json" | "yaml"): Promise<Verdict>;
}

export interface CheckOptions {
  readonly api: Api;
  readonly envoy: Oracle;
  readonly subjects: readonly Subject[];
  /** What xcp found. */
  readonly issues: readonly Issue[];
  /** Rules of xcp that Envoy has no opinion of. */
  readonly own: ReadonlySet<string>;
  /** The text of a file. */
  readonly text: (file: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Questions for each subject. */
  readonly most?: number;
}

export interface Checked {
  /** Only what is new: not those that xcp has found. */
  readonly issues: readonly Issue[];
  /** Resources that Envoy has no place for when it validates. */
  readonly left: number;
}

const MOST_QUESTIONS = 30;

/** Asks about each subject. What is wrong with a resource is told once, however many groups get it. */
export async function checkWithEnvoy(options: CheckOptions): Promise<Checked> {
  const check = new Check(options);
  for (const subject of options.subjects) await check.subject(subject);
  return check.result();
}

/** A piece with what has to be known to judge what Envoy says of it. */
interface Known extends Piece {
  readonly issues: readonly Issue[];
  readonly missing: readonly string[];
  readonly unsure: string | undefined;
}

class Check {
  readonly #options: CheckOptions;
  readonly #issues: Issue[] = [];
  readonly #files = new Map<string, WrittenFile | undefined>();
  readonly #errors = new Map<string, Issue[]>();
  /** Errors that are in a resource that Envoy was asked about. */
  readonly #placed = new Set<Issue>();
  readonly #known = new Map<Resource, Known | undefined>();
  /** What any resource names. */
  readonly #used: ReadonlySet<string>;
  /** Resources that need no second look, because Envoy was heard about them. */
  readonly #faulty = new Set<Resource>();
  readonly #judged = new Set<Resource>();
  readonly #answers = new Map<string, Verdict>();
  readonly #secrets = new Map<Resource, ReadonlySet<string>>();
  #pair: Pair | undefined;

  constructor(options: CheckOptions) {
    this.#options = options;
    const resources = options.subjects.flatMap((subject) => subject.resources);
    this.#used = new Set(resources.flatMap(({ references }) => references.map(keyOf)));
    for (const issue of options.issues) {
      if (issue.severity !== "error" || issue.at === undefined) continue;
      const { file } = issue.at;
      const errors = this.#errors.get(file);
      if (errors === undefined) this.#errors.set(file, [issue]);
      else errors.push(issue);
    }
  }

  result(): Checked {
    const left = [...this.#known.values()].filter((known) => known === undefined).length;
    return { issues: [...this.#issues, ...this.#unread()], left };
  }

  async subject(subject: Subject): Promise<void> {
    const whole = subject.bootstrap === undefined
      ? undefined
      : await this.#ask(subject.bootstrap.text, formOf(subject));
    const { bootstrap } = subject;
    if (bootstrap !== undefined && whole?.kind === "accepted") {
      for (const issue of this.#errors.get(bootstrap.file) ?? []) this.#accepted(issue);
      return;
    }
    const pieces = this.#pieces(subject);
    if (pieces.length === 0) return;
    if (whole?.kind === "none" && whole.why.startsWith("it did not answer")) return this.#noVerdict(subject, whole.why);
    const around = this.#around(subject);
    const suspects = new Set<number>();
    for (const [i, { resource, issues }] of pieces.entries()) {
      if (issues.length > 0 || this.#faulty.has(resource)) suspects.add(i);
    }
    const bootstrapFor = (active: ReadonlySet<number>) => bootstrapOf(pieces, active, around);
    const found = await search({
      count: pieces.length,
      suspects,
      ask: (active) => this.#ask(bootstrapFor(active).text, "json"),
      guess: (words, active) => guess(words, active, pieces, bootstrapFor(active).owners),
      most: this.#options.most ?? MOST_QUESTIONS,
    });
    for (const { piece, words } of found.rejected) {
      const known = pieces[piece];
      if (known === undefined) continue;
      this.#faulty.add(known.resource);
      this.#reject(known, words);
    }
    for (const i of found.acquitted) {
      const known = pieces[i];
      if (known === undefined || known.missing.length > 0 || this.#judged.has(known.resource)) continue;
      this.#judged.add(known.resource);
      for (const issue of known.issues) this.#accepted(issue);
    }
    if (found.unplaced !== undefined) this.#unplaced(subject, found.unplaced);
    else if (found.stopped !== undefined) this.#noVerdict(subject, found.stopped);
    else if (whole?.kind === "rejected" && found.rejected.length === 0 && suspects.size === 0) {
      // The pieces are fine together, and the file that they are from is not.
      const missing = pieces.some((piece) => piece.missing.length > 0);
      const errors = this.#errors.get(bootstrap?.file ?? "") ?? [];
      if (!missing && errors.length === 0) this.#unplaced(subject, whole.words);
    }
  }

  /** The rest of the bootstrap, and the resources that there is a place for. */
  #pieces({ resources, bootstrap }: Subject): Known[] {
    const all = bootstrap === undefined ? resources : [bootstrap.rest, ...resources];
    return all.flatMap((resource) => {
      if (this.#known.has(resource)) return this.#known.get(resource) ?? [];
      const piece = this.#piece(resource, bootstrap !== undefined);
      this.#known.set(resource, piece);
      return piece ?? [];
    });
  }

  #piece(resource: Resource, isStatic: boolean): Known | undefined {
    const { api, envoy } = this.#options;
    const { json, missing, unsure } = standIn(toJson(api, resource, { redact: false }), {
      exists,
      pair: () => this.#certificate(),
      emptyFile: envoy.emptyFile,
      emptyFolder: envoy.emptyFolder,
    });
    const rest = isStatic && resource.name === "" && typeByUrl(resource.type) === undefined;
    const parts: Parts | undefined = rest
      ? { rest: withoutType(json) }
      : isStatic
      ? staticPartsOf(resource, json)
      : partsOf(resource, json, { index: this.#known.size, used: this.#used.has(keyOf(resource)) });
    const issues = this.#errorsIn(resource, rest);
    if (parts === undefined) return undefined;
    const stub = stubOf(resource, json, { secret: (name, kind) => this.#secret(name, kind) });
    return { resource, parts, stub, missing, unsure, issues };
  }

  /** What the resources name and is not among them: it may be there where they will be used. */
  #around({ resources, around, broken, bootstrap }: Subject): Parts[] {
    const secret = (name: string, kind: string) => this.#secret(name, kind);
    const here = new Set(resources.map(keyOf));
    const unread = new Set(broken.map(keyOf));
    const parts = around.filter((resource) => !here.has(keyOf(resource))).map((resource) => {
      here.add(keyOf(resource));
      return stubOf(resource, resource.type === SECRET.url ? this.#json(resource) : {}, { secret });
    });
    const all = bootstrap === undefined ? resources : [...resources, bootstrap.rest];
    for (
      const [reference, from] of all.flatMap((resource) => resource.references.map((each) => [each, resource] as const))
    ) {
      const { type, name, strict, path } = reference;
      // What is nowhere, and has to be, is what Envoy is asked for.
      const served = type === SECRET.url && from.type === CLUSTER.url && !reference.bootstrap;
      const open = unread.has(keyOf(reference)) || served || bootstrap === undefined && !strict;
      if (!open || here.has(keyOf(reference))) continue;
      if (type === CLUSTER.url) parts.push({ clusters: [staticCluster(name)] });
      if (type === SECRET.url) parts.push({ secrets: [secret(name, secretKind(path))] });
      here.add(keyOf(reference));
    }
    return parts;
  }

  #secret(name: string, kind: string): JsonObject {
    const { certificate, key } = this.#certificate();
    switch (kind) {
      case "tls_certificate":
        return {
          name,
          tls_certificate: { certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } },
        };
      case "validation_context":
        return { name, validation_context: { trusted_ca: { inline_string: certificate } } };
      case "session_ticket_keys":
        return { name, session_ticket_keys: { keys: [{ inline_string: "1".repeat(80) }] } };
      default:
        return { name, generic_secret: { secret: { inline_string: "stand-in" } } };
    }
  }

  #certificate(): Pair {
    return this.#pair ??= selfSigned(this.#options.now());
  }

  #json(resource: Resource): JsonObject {
    return toJson(this.#options.api, resource, { redact: false });
  }

  async #ask(text: string, form: "json" | "yaml"): Promise<Verdict> {
    const key = `${form} ${contentHash(text)}`;
    const answer = this.#answers.get(key) ?? await this.#options.envoy.ask(text, form);
    this.#answers.set(key, answer);
    return answer;
  }

  /** Errors that stand in a resource; of the rest of a bootstrap, those that stand in none. */
  #errorsIn({ origin }: Resource, rest: boolean): Issue[] {
    if (origin === undefined) return [];
    const errors = this.#errors.get(origin.file);
    if (errors === undefined || rest) return [];
    const places = this.#file(origin.file)?.places(origin);
    const inside = errors.filter(({ at }) => at !== undefined && places?.has(placeKey(at)));
    for (const issue of inside) this.#placed.add(issue);
    return inside;
  }

  #file(file: string): WrittenFile | undefined {
    if (!this.#files.has(file)) {
      const text = this.#options.text(file);
      this.#files.set(file, text === undefined ? undefined : new WrittenFile(file, text));
    }
    return this.#files.get(file);
  }

  #reject({ resource, unsure }: Known, words: string): void {
    const { origin } = resource;
    const what = nameOf(resource);
    if (unsure !== undefined || isAboutThisMachine(words, exists)) {
      const why = unsure === undefined
        ? `of this machine: ${this.#shown(words, resource)}`
        : `it needs ${JSON.stringify(unsure)}, which is not on this machine`;
      return this.#tell(origin, ENVOY_RULES.noVerdict, "info", `Envoy says nothing of ${what} because ${why}`);
    }
    // Of a bootstrap's own fields it is not known which errors are in them.
    const known = typeByUrl(resource.type) === undefined && origin !== undefined &&
      (this.#errors.get(origin.file) ?? []).some((issue) => !this.#placed.has(issue));
    if (known) return;
    const at = origin === undefined ? undefined : this.#file(origin.file)?.find(origin, words, resource.name) ?? origin;
    const message = `Envoy ${this.#options.envoy.version} rejects ${what}: ${this.#shown(words, resource)}`;
    this.#tell(at, ENVOY_RULES.rejects, "error", message);
  }

  /** Nobody knows which resource it is about. */
  #unplaced(subject: Subject, words: string): void {
    const { version } = this.#options.envoy;
    const { bootstrap } = subject;
    const all = [...subject.resources, ...bootstrap === undefined ? [] : [bootstrap.rest]];
    const root = bootstrap?.rest.origin;
    const at = root && (this.#file(root.file)?.find(root, words, "") ?? root);
    if (isAboutThisMachine(words, exists)) {
      const message = `Envoy says nothing of all of ${subject.name}, because of this machine: ${
        this.#shown(words, ...all)
      }`;
      return this.#tell(at, ENVOY_RULES.noVerdict, "info", message);
    }
    const message = `Envoy ${version} rejects ${subject.name}: ${this.#shown(words, ...all)}`;
    this.#tell(at, ENVOY_RULES.rejects, "error", message);
  }

  #accepted(issue: Issue): void {
    if (this.#options.own.has(issue.rule)) return;
    const message =
      `Envoy ${this.#options.envoy.version} accepts what ${issue.rule} is an error for here: that may be a bug of xcp`;
    this.#tell(issue.at, ENVOY_RULES.accepts, "info", message, issue.path);
  }

  #noVerdict(subject: Subject, why: string): void {
    const at = subject.bootstrap && { file: subject.bootstrap.file, line: 1, column: 1 };
    this.#tell(at, ENVOY_RULES.noVerdict, "warning", `Envoy gave no verdict on all of ${subject.name}: ${why}`);
  }

  /** Where a file has what cannot be read, Envoy knows less of it than people may think. */
  #unread(): Issue[] {
    const bootstraps = new Set(this.#options.subjects.map(({ bootstrap }) => bootstrap?.file));
    return [...this.#errors].flatMap(([file, errors]) => {
      const first = errors.find((issue) => !this.#placed.has(issue) && !this.#options.own.has(issue.rule));
      if (first === undefined || bootstraps.has(file)) return [];
      const message = "Envoy was not asked about what cannot be read in this file";
      return [issueAt(first.at, ENVOY_RULES.noVerdict, "info", message)];
    });
  }

  #shown(words: string, ...resources: readonly Resource[]): string {
    const secrets = new Set<string>();
    for (const resource of resources) for (const secret of this.#secretsOf(resource)) secrets.add(secret);
    return clipped(redacted(words, secrets));
  }

  #secretsOf(resource: Resource): ReadonlySet<string> {
    let secrets = this.#secrets.get(resource);
    if (secrets === undefined) {
      const found = new Set<string>();
      secretsOf(this.#json(resource), toJson(this.#options.api, resource), found);
      this.#secrets.set(resource, secrets = found);
    }
    return secrets;
  }

  #tell(at: Position | undefined, rule: string, severity: Issue["severity"], message: string, path = ""): void {
    const issue = issueAt(at, rule, severity, message, path);
    const known = this.#issues.some((each) => JSON.stringify(each) === JSON.stringify(issue));
    if (!known) this.#issues.push(issue);
  }
}

function issueAt(
  at: Position | undefined,
  rule: string,
  severity: Issue["severity"],
  message: string,
  path = "",
): Issue {
  return {
    ...(at === undefined ? {} : { at: { file: at.file, line: at.line, column: at.column } }),
    path,
    rule,
    severity,
    message,
  };
}

function keyOf({ type, name }: Key): string {
  return `${type} ${name}`;
}

function nameOf({ type, name }: Resource): string {
  const row = typeByUrl(type);
  return row === undefined ? "the bootstrap" : `${row.short.replaceAll("-", " ")} ${JSON.stringify(name)}`;
}

/** Envoy goes by the ending, as xcp does. */
function formOf({ bootstrap }: Subject): "json" | "yaml" {
  return bootstrap?.file.toLowerCase().endsWith(".json") ? "json" : "yaml";
}

function withoutType({ "@type": _, ...json }: JsonObject): JsonObject {
  return json;
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Envoy counts resources where it reads them, and elsewhere mentions what only one of them may have. */
function guess(
  words: string,
  active: ReadonlySet<number>,
  pieces: readonly Piece[],
  owners: ReadonlyMap<string, number>,
): number | undefined {
  const [, list, index] = /(?:static_resources\.|StaticResourcesValidationError\.)(\w+)\[(\d+)\]/.exec(words) ?? [];
  const owner = list === undefined ? undefined : owners.get(`${list.toLowerCase()}[${index}]`);
  if (owner !== undefined) return owner;
  if (/BootstrapValidationError\.(?!StaticResources)/.test(words)) return pieces.findIndex(({ parts }) => parts.rest);
  const quoted = [...words.matchAll(/'([^']{2,200})'|"([^"]{2,200})"/g)].map((match) =>
    JSON.stringify(match[1] ?? match[2])
  );
  for (const word of quoted) {
    const named = [...active].filter((i) => JSON.stringify(pieces[i]?.parts).includes(word));
    if (named.length === 1) return named[0];
  }
  return undefined;
}
