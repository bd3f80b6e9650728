/**
 * What is passed along while one resource is encoded: where the bytes go, where the walk is, and what was found.
 *
 * @module
 */
import type { Position, Severity } from "../issue.ts";
import type { Claim, Reference } from "../resource.ts";
import type { FieldPlan } from "./plan.ts";
import type { Rule } from "./rules.ts";
import type { Source } from "./source.ts";
import { describe, type Node } from "./tree.ts";
import { RULES } from "./rules.ts";
import type { BackwardWriter } from "./writer.ts";

/** A step of a path: a field or its proto name, the index in a list, or the key of a map. */
export type Step = string | number | FieldPlan | { readonly key: string };

/** One walk over one tree. Issues go to the source, whatever their number; the walk never stops at one. */
export class Run {
  readonly writer: BackwardWriter;
  readonly source: Source;
  readonly references: Reference[] = [];
  readonly claims: Claim[] = [];
  /** Whether the text is a bootstrap, whose names are looked for in it and nowhere else. */
  readonly bootstrap: boolean;
  /** How many errors this walk met: with any, what was written is of no use. */
  errors = 0;
  readonly #steps: Step[] = [];

  constructor(writer: BackwardWriter, source: Source, bootstrap = false) {
    this.writer = writer;
    this.source = source;
    this.bootstrap = bootstrap;
  }

  enter(step: Step): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  /** Where the walk is, from the resource down: the fields of messages as plans, whose descriptors say what they are in. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** How much was found so far: more of it means that something was said. */
  get findings(): number {
    return this.references.length + this.claims.length + this.source.findings;
  }

  /** Path of the node that the walk is at, with more steps behind it. */
  path(...more: Step[]): string {
    let path = "";
    for (const steps of [this.#steps, more]) {
      for (const step of steps) {
        if (typeof step === "number") {
          path += `[${step}]`;
        } else if (typeof step === "object" && "key" in step) {
          path += `[${JSON.stringify(step.key)}]`;
        } else {
          const name = typeof step === "object" ? step.name : step;
          path += path === "" ? name : `.${name}`;
        }
      }
    }
    return path;
  }

  position(offset: number): Position {
    return this.source.position(offset);
  }

  issue(
    rule: Rule | (string & Record<never, never>),
    offset: number,
    message: string,
    options: { readonly severity?: Severity; readonly path?: string } = {},
  ): void {
    const { severity = "error", path = this.path() } = options;
    if (severity === "error") this.errors++;
    this.source.issue({ rule, offset, message, severity, path });
  }

  /** Something that can be read and written, and that Envoy refuses: the resource is whole all the same. */
  reject(rule: string, offset: number, message: string, path = this.path()): void {
    this.source.issue({ rule, offset, message, severity: this.source.rejections, path });
  }

  /** The node is of a kind that its field does not take. Answers false, for the codecs. */
  wrongType(node: Node, expected: string, hint = ""): false {
    this.issue(RULES.wrongType, node.offset, `expected ${expected}, found ${describe(node)}${hint}`);
    return false;
  }
}

/**
 * Reads one value and writes it, without a tag, and with a length where the format has one. Null is the default value:
 * where null means "absent", it does not come here. False: nothing was written, and there is an issue.
 */
export type ValueCodec = (run: Run, node: Node) => boolean;
