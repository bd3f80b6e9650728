/**
 * Lists as Envoy reads them: null in a list is an element, with nothing set.
 *
 * @module
 */
import type { Node } from "../../../model/codec/tree.ts";
import type { MessageView, Place } from "../../../model/codec/view.ts";

/** A string, or a number as it stands in the file. */
export interface TextAt extends Place {
  readonly text: string;
}

/** The strings or numbers of a list, or a single one; null in a list is an empty text. */
export function textsAt(view: MessageView, field: string): TextAt[] {
  const path = view.path(field);
  return nodesOf(view, field).flatMap((node) => {
    const text = node.kind === "string" || node.kind === "number" ? node.text : node.kind === "null" ? "" : undefined;
    return text === undefined ? [] : [{ text, offset: node.offset, path }];
  });
}

/** An element of a list of messages. Of null there is no view. */
export interface Element {
  readonly view: MessageView | undefined;
  readonly at: Place;
}

/** All messages of a list. */
export function elements(view: MessageView, field: string): Element[] {
  const views = view.messages(field).values();
  return nodesOf(view, field).flatMap((node) => {
    if (node.kind !== "map" && node.kind !== "null") return [];
    const element: MessageView | undefined = node.kind === "map" ? views.next().value : undefined;
    return [{ view: element, at: { offset: node.offset, path: element?.path() ?? view.path(field) } }];
  });
}

/** How many elements a list has. */
export function countOf(view: MessageView, field: string): number {
  return nodesOf(view, field).length;
}

function nodesOf(view: MessageView, field: string): Node[] {
  const node = view.node(field);
  const flatten = (each: Node): Node[] => each.kind === "list" ? each.items.flatMap(flatten) : [each];
  if (node?.kind === "list") return flatten(node);
  return node === undefined || node.kind === "null" ? [] : [node];
}
