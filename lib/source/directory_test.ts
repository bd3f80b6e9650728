import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { formatIssue } from "../model/issue.ts";
import { Followed, show, Tree } from "./testing.ts";

Deno.test("a folder's files become common parts and parts of groups", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("deep/er/b.yml", "b 1");
  tree.write("c.json", "c 1");
  tree.write("d.pb.json", "d 1");
  tree.write("README.md", "no 1");
  tree.write(".hidden.yaml", "no 1");
  tree.write("_drafts/x.yaml", "no 1");
  tree.write(".git/x.yaml", "no 1");
  tree.write("a.yaml~", "no 1");
  tree.write("groups/edge/e.yaml", "e 1");
  tree.write("groups/edge/deep/f.yaml", "f 1");
  tree.write("groups/default/g.yaml", "g 1");
  tree.write("other/groups/x/h.yaml", "h 1");
  tree.folder("groups/empty");
  tree.write("groups.yaml", "rules: [{ group: edge, cluster: front }]");
  await using followed = await Followed.load(tree.root, { name: "config" });
  assertEquals(show(followed.last), {
    "*": ["a=1", "c=1", "d=1", "b=1", "h=1"],
    default: ["g=1"],
    edge: ["f=1", "e=1"],
    empty: [],
  });
  assertEquals(followed.last.name, "config");
  assertEquals(followed.last.rules.map(({ group, cluster }) => [group, cluster]), [["edge", "front"]]);
});

Deno.test("a changed, a new, a replaced and a deleted file are each followed", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  await using followed = await Followed.load(tree.root);
  tree.write("a.yaml", "a 2");
  await followed.until({ "*": ["a=2"] });
  tree.write("b.yaml", "b 1");
  await followed.until({ "*": ["a=2", "b=1"] });
  tree.replace("a.yaml", "a 3");
  await followed.until({ "*": ["a=3", "b=1"] });
  tree.remove("a.yaml");
  await followed.until({ "*": ["b=1"] });
});

Deno.test("events alone bring a change, long before the next poll", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("deep/b.yaml", "b 1");
  await using followed = await Followed.load(tree.root, { pollMs: 3_600_000 });
  tree.write("deep/b.yaml", "b 2");
  await followed.until({ "*": ["a=1", "b=2"] });
});

Deno.test("folders that are created later are followed", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  await using followed = await Followed.load(tree.root);
  tree.write("new/er/b.yaml", "b 1");
  await followed.until({ "*": ["a=1", "b=1"] });
  tree.write("new/er/b.yaml", "b 2");
  await followed.until({ "*": ["a=1", "b=2"] });
  tree.folder("groups/edge");
  await followed.until({ "*": ["a=1", "b=2"], edge: [] });
  tree.write("groups/edge/c.yaml", "c 1");
  await followed.until({ "*": ["a=1", "b=2"], edge: ["c=1"] });
  tree.remove("groups");
  await followed.until({ "*": ["a=1", "b=2"] });
});

Deno.test("one file is a source, and a replaced file is still followed", async () => {
  using tree = new Tree();
  tree.write("one.conf", "a 1");
  await using followed = await Followed.load(tree.path("one.conf"));
  assertEquals(show(followed.last), { "*": ["a=1"] });
  for (const value of [2, 3, 4]) {
    tree.replace("one.conf", `a ${value}`);
    await followed.until({ "*": [`a=${value}`] });
  }
  tree.write("one.conf", "! bad");
  const layer = await followed.until({ "*": ["!toy"] });
  assertEquals(layer.common.issues[0]?.at?.file, tree.path("one.conf"));
});

Deno.test("a replaced file is told of by events, too", async () => {
  using tree = new Tree();
  tree.write("one.yaml", "a 1");
  await using followed = await Followed.load(tree.path("one.yaml"), { pollMs: 3_600_000 });
  for (const value of [2, 3]) {
    tree.replace("one.yaml", `a ${value}`);
    await followed.until({ "*": [`a=${value}`] });
  }
});

Deno.test("a source that is not there is a failure, and heals when it appears", async () => {
  using tree = new Tree();
  await using followed = await Followed.load(tree.path("later/config"));
  assertEquals(show(followed.last), { "*": [], failures: ["source-missing"] });
  assertEquals(
    followed.last.failures.map(formatIssue),
    [`error: Cannot read "${tree.path("later/config")}": no such file or directory [source-missing]`],
  );
  tree.write("later/config/a.yaml", "a 1");
  await followed.until({ "*": ["a=1"] });
  tree.write("later/config/a.yaml", "a 2");
  await followed.until({ "*": ["a=2"] });
});

Deno.test("a source that vanishes keeps its parts, and heals in another inode", async () => {
  using tree = new Tree();
  tree.write("config/a.yaml", "a 1");
  tree.write("config/groups/edge/b.yaml", "b 1");
  await using followed = await Followed.load(tree.path("config"), { allowEmpty: true });
  tree.rename("config", "aside");
  await followed.until({ "*": ["a=1"], edge: ["b=1"], failures: ["source-missing"] });
  tree.write("config/a.yaml", "a 2");
  await followed.until({ "*": ["a=2"] });
  tree.write("config/a.yaml", "a 3");
  await followed.until({ "*": ["a=3"] });
});

Deno.test("a suddenly empty source keeps its parts and is a failure", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("groups/edge/b.yaml", "b 1");
  await using followed = await Followed.load(tree.root);
  tree.remove("groups");
  await followed.until({ "*": ["a=1"] });
  tree.remove("a.yaml");
  await followed.until({ "*": ["a=1"], failures: ["source-empty"] });
  tree.write("c.yaml", "c 1");
  await followed.until({ "*": ["c=1"] });
  tree.write("c.yaml", "");
  await followed.until({ "*": ["c=1"], failures: ["source-empty"] });
  tree.write("c.yaml", "! bad");
  await followed.until({ "*": ["!toy"] });
});

Deno.test("an emptied source is taken for what is meant when that is allowed", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  await using followed = await Followed.load(tree.root, { allowEmpty: true });
  tree.remove("a.yaml");
  await followed.until({ "*": [] });
});

Deno.test("a source that is empty from the start is no failure", async () => {
  using tree = new Tree();
  await using followed = await Followed.load(tree.root);
  assertEquals(show(followed.last), { "*": [] });
});

Deno.test("a bad file gives its issues to its own part and keeps its good resources", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("groups/edge/b.yaml", "b 1\n! bad");
  await using followed = await Followed.load(`${tree.root}/`);
  assertEquals(show(followed.last), { "*": ["a=1"], edge: ["b=1", "!toy"] });
  const issue = followed.last.groups.get("edge")?.issues[0];
  assertEquals(issue?.at, { file: `${tree.root}/groups/edge/b.yaml`, line: 2, column: 1 });
});

Deno.test("of a file that is wrong in every line the first thousand issues are told, and how many more there are", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1\n" + "! wrong\n".repeat(2_500));
  await using source = await Followed.load(tree.root);
  const { resources, issues } = source.last.common;
  assertEquals([resources.length, issues.length], [1, 1_001]);
  const last = issues.at(-1);
  assertEquals([last?.rule, last?.severity, last?.at?.line], ["too-many-issues", "error", 1_002]);
  assertEquals(last?.message, "and 1500 more issues in this file");
});

Deno.test("a file whose name is not UTF-8 is reported, not passed over", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  // A name that the runtimes cannot write: the shell can.
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `printf 'b 1' > "$(printf 'b\\377.yaml')"; printf x > "$(printf 'c\\377.txt')"`],
    cwd: tree.root,
  }).output();
  assertEquals(success, true);
  await using source = await Followed.load(tree.root);
  assertEquals(show(source.last), { "*": ["a=1", "!unreadable-file"] });
  assertStringIncludes(source.last.common.issues[0]?.message ?? "", "its name is not UTF-8");
});

Deno.test("a bad groups.yaml is a failure with a position, and the last rules stay", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("groups.yaml", "rules:\n- group: one");
  await using followed = await Followed.load(tree.root);
  tree.write("groups.yaml", "rules:\n- grup: two");
  await followed.until({ "*": ["a=1"], failures: ["unknown-field", "missing-group"] });
  assertEquals(followed.last.rules.map(({ group }) => group), ["one"]);
  assertEquals(followed.last.failures[0]?.at, { file: tree.path("groups.yaml"), line: 2, column: 3 });
  tree.write("groups.yaml", "rules:\n- group: two");
  await followed.until({ "*": ["a=1"] });
  assertEquals(followed.last.rules.map(({ group }) => group), ["two"]);
});

Deno.test("what cannot be a file of resources is named with the reason", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.link("nowhere", "gone.yaml");
  tree.link("self.yaml", "self.yaml");
  tree.link("nowhere", "conf.d");
  tree.write("groups/edge.yaml", "e 1");
  tree.folder("groups/edge");
  tree.link("nowhere", "groups/lost");
  tree.write("big.yaml", "0123456789 1");
  tree.link("/dev/null", "device.yaml");
  tree.write("latin.yaml", new Uint8Array([0x61, 0xff]));
  await using followed = await Followed.load(tree.root, { limits: { bytes: 10 } });
  const texts = (issues: Iterable<{ readonly message: string; readonly rule: string }>) =>
    [...issues].map(({ message, rule }) => `${message.replaceAll(`${tree.root}/`, "")} [${rule}]`);
  assertEquals(texts(followed.last.common.issues), [
    'Cannot read "big.yaml": more than 10 bytes [file-too-large]',
    'Cannot read "latin.yaml": not UTF-8 text [not-utf8]',
    'Cannot read "conf.d": a symlink that points to nothing [unreadable-file]',
    'Cannot read "device.yaml": not a regular file [unreadable-file]',
    'Cannot read "gone.yaml": a symlink that points to nothing [unreadable-file]',
    'Cannot read "groups/edge.yaml": the files of a group belong into a folder, as in groups/edge/ [misplaced-file]',
    'Cannot read "self.yaml": a symlink that leads to itself [unreadable-file]',
  ]);
  assertEquals(texts(followed.last.groups.get("lost")?.issues ?? []), [
    'Cannot read "groups/lost": a symlink that points to nothing [unreadable-file]',
  ]);
  assertEquals(followed.last.groups.get("edge")?.issues, []);
});

Deno.test("untouched bytes, skipped files and other endings are not announced", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  await using followed = await Followed.load(tree.root);
  tree.replace("a.yaml", "a 1");
  tree.write(".a.yaml.swp", "x");
  tree.write("4913", "x");
  tree.write("notes.txt", "x");
  const before = followed.last;
  assertStrictEquals(await followed.source.reload(), before);
  tree.write("b.yaml", "b 1");
  await followed.until({ "*": ["a=1", "b=1"] });
  assertEquals(followed.layers.length, 2);
});

Deno.test("a part that did not change is the same object in the next layer", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("groups/edge/b.yaml", "b 1");
  tree.write("groups/core/c.yaml", "c 1");
  await using followed = await Followed.load(tree.root);
  const first = followed.last;
  tree.write("groups/edge/b.yaml", "b 2");
  const second = await followed.until({ "*": ["a=1"], core: ["c=1"], edge: ["b=2"] });
  assertStrictEquals(second.common, first.common);
  assertStrictEquals(second.groups.get("core"), first.groups.get("core"));
});

Deno.test("many writes in a short time are one change", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 0");
  await using followed = await Followed.load(tree.root, { quietMs: 400, maxWaitMs: 60_000 });
  for (let i = 1; i <= 50; i++) {
    tree.write("a.yaml", `a ${i}`);
    tree.write(`more/${i % 7}.yaml`, `m${i % 7} ${i}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await followed.until({ "*": ["a=50", "m0=49", "m1=50", "m2=44", "m3=45", "m4=46", "m5=47", "m6=48"] });
  assertEquals(followed.layers.length, 2);
});

Deno.test("constant change still gets through", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  await using followed = await Followed.load(tree.root, { quietMs: 300, maxWaitMs: 600 });
  let ticks = 0;
  const noise = setInterval(() => tree.write("noise.txt", `${ticks++}`), 10);
  try {
    tree.write("a.yaml", "a 2");
    await followed.until({ "*": ["a=2"] });
    tree.write("a.yaml", "a 3");
    await followed.until({ "*": ["a=3"] });
  } finally {
    clearInterval(noise);
  }
  assert(ticks > 30, `${ticks} ticks are no constant change`);
});

Deno.test("a closed source is silent, and loading it is refused", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  const followed = await Followed.load(tree.root);
  await followed[Symbol.asyncDispose]();
  tree.write("a.yaml", "a 2");
  await assertRejects(() => followed.source.reload(), Error, "the source was closed");
  assertEquals(followed.layers.length, 1);
  const never = new Followed(tree.root, { signal: AbortSignal.abort() });
  await assertRejects(() => never.source.load(), Error, "the source was closed");
});

Deno.test("a reader that throws costs its own file only", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("groups/edge/b.yaml", "b 1");
  await using followed = await Followed.load(tree.root, {
    read: (text, file) => {
      if (text.startsWith("b")) throw new Error(`surprise in ${file}`);
      return { resources: [], issues: [] };
    },
  });
  assertEquals(show(followed.last), { "*": [], edge: ["!internal"] });
});

Deno.test("a listener that throws is logged, and the next change is told", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  const errors: string[] = [];
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await using followed = await Followed.load(tree.root, {
    log: { error: (message) => errors.push(message), warn() {}, info() {}, debug() {} },
    onChange: (layer) => {
      told.push(...show(layer)["*"] ?? []);
      if (told.length === 2) return resolve();
      tree.write("a.yaml", "a 3");
      throw new Error("surprise");
    },
  });
  assertEquals(show(followed.last), { "*": ["a=1"] });
  tree.write("a.yaml", "a 2");
  await promise;
  assertEquals(told, ["a=2", "a=3"]);
  assertEquals(errors.length, 1);
});
