/**
 * Scalars of a list as they are written, empty ones too.
 *
 * @module
 */
import type { Node } from "../../../model/codec/tree.ts";
import type { MessageView, Place } from "../../../model/codec/view.ts";

/** A string, or a number as it stands in the file. */
export interface TextAt extends Place {
  readonly text: string;
}

/** The strings or numbers of a list, or a single one; null is none. */
export function textsAt(view: MessageView, field: string): TextAt[] {
  const path = view.path(field);
  const visit = (node: Node | undefined): TextAt[] => {
    if (node?.kind === "list") return node.items.flatMap(visit);
    return node?.kind === "string" || node?.kind === "number" ? [{ text: node.text, offset: node.offset, path }] : [];
  };
  return visit(view.node(field));
}
