import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { findChromium, openBrowser } from "../tools/chromium.ts";
import { openPage, overflow, seriousIssues } from "../tools/web_page.ts";
import { type Child, eventually, findEnvoy, runToEnd, spawn, temporaryFolder, xcpBinary } from "./harness.ts";

const envoy = await findEnvoy();
const found = await findChromium();
const ignore = envoy.path === undefined || found.chromium === undefined || Deno.build.os !== "linux";
/** What a tile is answered by a backend that fails stands on the console too. */
const FAILED = /the server responded with a status of 503/;
const FOLLOWS = { timeout: 20_000, interval: 100 };

/** A playground in a session of its own, as a terminal gives, with an empty home. */
async function open(...args: string[]) {
  const home = await temporaryFolder();
  const env = { HOME: home.path, TMPDIR: home.path, NO_COLOR: "1" };
  const child = spawn("setsid", [xcpBinary(), "playground", "--envoy", envoy.path ?? "", ...args], { env });
  const dispose = async () => {
    try {
      await child.stop();
    } finally {
      await home[Symbol.asyncDispose]();
    }
  };
  try {
    const url = await eventually(() => child.stdout().match(/^Open {3}(\S+)$/m)?.[1] ?? !child.running(), {
      timeout: 30_000,
      describe: () => `the playground to say where to look; it wrote:\n${child.stdout()}${child.stderr()}`,
    });
    assert(typeof url === "string", child.stderr());
    return { child, url, home, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What each tile shows: the number of a backend, or a status. */
function tiles(page: Page): Promise<string[]> {
  return page.$$eval(".tile", (all) => all.map((tile) => tile.textContent ?? ""));
}

async function colours(page: Page): Promise<Set<string>> {
  return new Set((await tiles(page)).filter((text) => text !== ""));
}

const radio = (page: Page, name: string) => page.getByRole("radio", { name }).check({ force: true });
const outcome = (page: Page) => page.locator("#outcome").innerText();

/** Waits for what became of a change. */
function told(page: Page, pattern: RegExp): Promise<unknown> {
  return eventually(async () => pattern.test(await outcome(page)), {
    ...FOLLOWS,
    describe: async () => `${pattern} in: ${await outcome(page)}`,
  });
}

/** Every tile asks once a second: after two, nothing is left of what was before. */
async function afterTwoRounds(page: Page): Promise<void> {
  const before = await asked(page);
  await eventually(async () => await asked(page) >= before + 200, { ...FOLLOWS, describe: "two rounds of tiles" });
}

/** Questions that tiles asked so far. */
function asked(page: Page): Promise<number> {
  return page.evaluate(() => {
    const grid = document.getElementById("grid");
    return Number(grid?.dataset.asked ?? 0);
  });
}

async function signalGroup(signal: string, { pid }: Child): Promise<boolean> {
  return (await runToEnd("sh", ["-c", `kill -s ${signal} -- -${pid}`])).code === 0;
}

Deno.test({
  name: "in a browser the tiles follow the policy within seconds, whatever is done to it",
  ignore,
  async fn(t) {
    assert(found.chromium);
    await using playground = await open("--listen", "127.0.0.1:0");
    await using chromium = await openBrowser(found.chromium);
    await using watched = await openPage(chromium.browser, playground.url, { forgive: FAILED });
    const { page, trouble } = watched;

    await t.step("round robin shows all colours", async () => {
      await eventually(async () => (await colours(page)).size === 8, FOLLOWS);
      assertEquals([...await colours(page)].sort(), ["1", "2", "3", "4", "5", "6", "7", "8"]);
      await told(page, /Envoy took “Round robin”/);
    });

    await t.step("with ring hash each tile keeps its colour", async () => {
      await radio(page, "Ring hash");
      await told(page, /Envoy took “Ring hash”/);
      await afterTwoRounds(page);
      const before = await tiles(page);
      await afterTwoRounds(page);
      assertEquals(await tiles(page), before);
      assert(new Set(before).size >= 4, before.join(" "));
    });

    await t.step("with a session in a header, too; with a cookie the browser has one for all", async () => {
      await radio(page, "Sticky: header");
      await told(page, /Envoy took “Sticky: header”/);
      await afterTwoRounds(page);
      const before = await tiles(page);
      await afterTwoRounds(page);
      assertEquals(await tiles(page), before);
      assert(new Set(before).size >= 6, before.join(" "));
      await radio(page, "Sticky: cookie");
      await told(page, /Envoy took “Sticky: cookie”/);
      await eventually(async () => (await colours(page)).size === 1, FOLLOWS);
    });

    await t.step("weights: all for one", async () => {
      await radio(page, "Weights");
      await told(page, /Envoy took “Weights 10:10:10:10:10:10:10:10”/);
      await eventually(async () => (await colours(page)).size === 8, FOLLOWS);
      const others = ["red", "orange", "yellow", "green", "teal", "blue", "magenta"];
      for (const name of others) await page.getByLabel(`Weight of ${name}`).fill("0");
      await told(page, /Envoy took “Weights 0:0:0:0:0:0:10:0”/);
      await eventually(async () => [...await colours(page)].join() === "7", FOLLOWS);
    });

    await t.step("a backend that is off vanishes, and then no tile has an error", async () => {
      await radio(page, "Round robin");
      await eventually(async () => (await colours(page)).size === 8, FOLLOWS);
      await page.getByLabel("Backend 3, yellow").selectOption("off");
      await eventually(async () => (await page.locator("#backend-3 .health").innerText()) === "unhealthy", FOLLOWS);
      await afterTwoRounds(page);
      assertEquals([...await colours(page)].sort(), ["1", "2", "4", "5", "6", "7", "8"]);
    });

    await t.step("one that answers 503 is ejected", async () => {
      await page.getByLabel("Backend 5, teal").selectOption("failing");
      await eventually(async () => (await page.locator("#backend-5 .health").innerText()) === "ejected", FOLLOWS);
      for (const label of ["Backend 3, yellow", "Backend 5, teal"]) await page.getByLabel(label).selectOption("on");
      await eventually(async () => (await page.locator(".health.good").count()) === 8, { timeout: 60_000 });
    });

    await t.step("a typo never reaches Envoy, a missing file is refused by it, and no tile notices", async () => {
      await radio(page, "Random");
      await told(page, /Envoy took “Random”/);
      await afterTwoRounds(page);
      const errors = await failures(page);
      await page.getByRole("button", { name: "A typo, which xcp finds" }).click();
      await told(page, /Envoy never saw it[^]*no value "ROUND_ROBBIN".*lb_policy/);
      await page.getByRole("button", { name: "A missing file" }).click();
      await told(page, /Envoy refused “Random, broken”[^]*Invalid path: \/nonexistent\/xcp-playground\/ca\.pem/);
      await afterTwoRounds(page);
      assertEquals((await colours(page)).size, 8);
      assertEquals(await failures(page), errors);
      await page.getByRole("button", { name: "Roll back" }).click();
      await told(page, /Envoy took “Random”/);
      await page.getByRole("button", { name: "Go back to Ring hash" }).click();
      await told(page, /Envoy took “Ring hash”/);
      assertEquals(await page.getByRole("radio", { name: "Ring hash" }).isChecked(), true);
    });

    await t.step("nobody is kept out, and no other host is asked", async () => {
      assertEquals(await seriousIssues(page), []);
      assertEquals(trouble, []);
      for (const colorScheme of ["light", "dark"] as const) {
        const options = { colorScheme, viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
        await using phone = await openPage(chromium.browser, playground.url, options);
        await eventually(async () => (await colours(phone.page)).size >= 4, FOLLOWS);
        assertEquals([await overflow(phone.page), await seriousIssues(phone.page), phone.trouble], [0, [], []]);
      }
    });
  },
});

/** Questions of tiles that were answered by no backend. */
function failures(page: Page): Promise<number> {
  return page.evaluate(() => Number(document.getElementById("grid")?.dataset.failed ?? 0));
}

/** Command lines of the processes with this home. */
function processesOf(home: string): string[] {
  const text = (pid: string, file: string) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/${file}`).split("\0");
    } catch {
      return []; // It has ended meanwhile.
    }
  };
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => text(pid, "environ").includes(`HOME=${home}`)).map((pid) =>
    text(pid, "cmdline").join(" ")
  );
}

Deno.test({
  name: "Ctrl-C ends the playground with all that it started, and leaves no file",
  ignore: envoy.path === undefined || Deno.build.os !== "linux",
  async fn() {
    await using playground = await open("--backends", "3", "--listen", "127.0.0.1:0");
    const { child, url, home } = playground;
    const seen = new Set<string>();
    await eventually(async () => seen.add((await (await fetch(new URL("color", url))).json()).colour).size === 3);
    assertMatch(child.stdout(), /3 coloured backends behind Envoy/);
    // The adapter's process is in a group of its own, so all are known by their home.
    assertEquals(processesOf(home.path).filter((line) => /envoy|playground/.test(line)).length, 3);
    assertEquals(await signalGroup("INT", child), true);
    assertEquals((await child.exit).code, 0, child.stderr());
    assertEquals(processesOf(home.path), []);
    assertEquals([...Deno.readDirSync(home.path)].map(({ name }) => name).filter((name) => /xcp/.test(name)), []);
  },
});

Deno.test({
  name: "an Envoy that ends by itself is the end of the playground, with its words",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = await temporaryFolder();
    const program = await folder.write("envoy", "#!/bin/sh\necho 'no room here' >&2\nexit 3\n");
    await Deno.chmod(program, 0o755);
    const env = { HOME: folder.path, TMPDIR: folder.path };
    const { code, stderr } = await runToEnd(xcpBinary(), ["playground", "--envoy", program], { env });
    assertEquals(code, 69, stderr);
    assertMatch(stderr, /Cannot start Envoy ".*envoy": it ended with exit code 3\nIt wrote:\nno room here\n/);
  },
});
