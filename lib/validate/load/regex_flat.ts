/**
 * The length of a program after RE2 has flattened it: branches are folded into lists of what can come next.
 *
 * @module
 */

/** An instruction, or a class of so many ranges. Number 0 is the failure. */
export interface FlatNode {
  /** `step` notes something and goes on; `stop` ends. */
  readonly op: "alt" | "class" | "step" | "nop" | "stop";
  out: number;
  out1?: number;
  readonly width?: number;
}

/** `unanchored` is the start with a loop over any byte before it, or `start` for a pattern that begins with `^`. */
export function flatSize(nodes: readonly FlatNode[], start: number, unanchored: number): number {
  const skip = (id: number | undefined): number => {
    let at = id ?? 0;
    for (let node = nodes[at]; node?.op === "nop"; node = nodes[at]) at = node.out;
    return at;
  };
  const starts = new Set([0, skip(unanchored), skip(start)]);
  // Every list has a root: what follows an instruction that consumes or notes something.
  const roots = new Set(starts);
  const before = new Map<number, number[]>();
  const seen = new Set<number>();
  const stack = [skip(unanchored)];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    const node = nodes[id];
    if (node === undefined || seen.has(id)) continue;
    seen.add(id);
    if (node.op === "alt") {
      for (const next of [skip(node.out), skip(node.out1)]) {
        const list = before.get(next);
        if (list === undefined) before.set(next, [id]);
        else list.push(id);
      }
      stack.push(skip(node.out1), skip(node.out));
    } else if (node.op !== "stop") {
      roots.add(skip(node.out));
      stack.push(skip(node.out));
    }
  }
  /** What is reached from a root without entering another list; the roots of those are in it as well. */
  const listOf = (root: number): Set<number> => {
    const reached = new Set<number>();
    const stack = [root];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      const node = nodes[id];
      if (id !== root && roots.has(id) || node?.op !== "alt") continue;
      stack.push(skip(node.out1), skip(node.out));
    }
    return reached;
  };
  // What is entered from another list too is the root of a list of its own.
  for (const root of [...roots].sort((a, b) => b - a)) {
    if (starts.has(root)) continue;
    const reached = listOf(root);
    for (const id of reached) if (before.get(id)?.some((each) => !reached.has(each))) roots.add(id);
  }
  let size = 0;
  for (const root of roots) {
    for (const id of listOf(root)) {
      if (id !== root && roots.has(id)) size++;
      else size += nodes[id]?.op === "alt" ? 0 : nodes[id]?.width ?? 1;
    }
  }
  return size;
}
