/**
 * The status page in a real browser, over the compiled binary.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Browser, Page } from "playwright-core";
import { DiscoveryRequestSchema } from "../../lib/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { CLUSTER } from "../../lib/model/types.ts";
import { findChromium, openBrowser } from "../tools/chromium.ts";
import { openPage, overflow, seriousIssues, type WatchedPage } from "../tools/web_page.ts";
import {
  cluster,
  documents,
  eventually,
  type Folder,
  freePort,
  startXcp,
  temporaryFolder,
  type Xcp,
} from "./harness.ts";
import { type AdsClient, openAds } from "./harness/ads_client.ts";

const found = await findChromium();
const NEEDS_CHROMIUM = { ignore: found.chromium === undefined };

/** What the browser writes when a server is away. */
const AWAY = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;

interface Stage extends AsyncDisposable {
  readonly config: Folder;
  readonly xcp: Xcp;
  readonly browser: Browser;
  /** Opens the status page and waits until it is live. */
  open(options?: Parameters<typeof openPage>[2]): Promise<WatchedPage>;
  /** Connects a client that has taken its clusters. */
  client(id: string): Promise<AdsClient>;
}

async function setStage(args: readonly string[] = []): Promise<Stage> {
  if (found.chromium === undefined) throw new Error(found.reason);
  const stack = new AsyncDisposableStack();
  try {
    const config = stack.use(await temporaryFolder());
    await config.write("clusters.yaml", cluster("one"));
    const xcp = stack.use(await startXcp({ args: [config.path, ...args] }));
    const { browser } = stack.use(await openBrowser(found.chromium));
    return {
      config,
      xcp,
      browser,
      async open(options) {
        const opened = stack.use(await openPage(browser, `${xcp.admin}/`, options));
        await shows(opened.page, "#live", "Live");
        return opened;
      },
      async client(id) {
        const client = stack.use(openAds({ address: xcp.xds, node: { id, cluster: "default" } }));
        client.request(CLUSTER.url);
        await client.response(1);
        client.request(CLUSTER.url);
        return client;
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Waits until an element reads as said. */
async function shows(page: Page, selector: string, text: string): Promise<void> {
  const element = page.locator(selector).filter({ hasText: text }).first();
  const describe = async () => `${selector} to show "${text}"; the page:\n${await page.locator("body").innerText()}`;
  await eventually(async () => await element.count() > 0, { describe: () => describe() });
}

/** Rejects the last response of a type. */
function reject(client: AdsClient, id: string, message: string): void {
  const last = client.responses.at(-1);
  client.raw(toBinary(
    DiscoveryRequestSchema,
    create(DiscoveryRequestSchema, {
      typeUrl: CLUSTER.url,
      versionInfo: client.responses.at(-2)?.versionInfo ?? "",
      responseNonce: last?.nonce ?? "",
      errorDetail: { code: 13, message },
      node: { id, cluster: "default" },
    }),
  ));
}

Deno.test("the page shows a reload, a rejection in the client's words and its end, live", NEEDS_CHROMIUM, async () => {
  await using stage = await setStage();
  const { config } = stage;
  const { page, trouble } = await stage.open();
  await shows(page, "main", "Nobody is connected");
  await page.evaluate(() => document.body.dataset.same = "yes");

  const client = await stage.client("edge-1");
  await shows(page, "li[data-key]", "edge-1");
  await shows(page, "li[data-key] .pill", "up to date");
  await shows(page, "main", "1 group, 1 client");
  // What a reader has unfolded and where the focus is outlast every change.
  const summary = page.locator("summary").first();
  await summary.focus();
  await page.keyboard.press("Enter");
  await shows(page, "details[open]", "acknowledged");

  await config.write("clusters.yaml", documents(cluster("one"), cluster("two")));
  await shows(page, ".facts", "2 clusters");
  await shows(page, "details[open] .pill", "pending");
  await client.response(2);
  reject(client, "edge-1", 'Cluster "two": <b>no</b> such thing');
  await shows(page, ".note blockquote", 'Cluster "two": <b>no</b> such thing');
  await shows(page, "details[open] .pill", "rejected");
  await eventually(async () => (await page.title()).startsWith("1 client rejects – xcp "));
  assertEquals(await summary.evaluate((element) => element === document.activeElement), true);

  await config.write("clusters.yaml", documents(cluster("one"), cluster("three"), cluster("four")));
  await client.response(3);
  client.request(CLUSTER.url);
  await shows(page, ".facts", "3 clusters");
  await shows(page, "li[data-key] .pill", "up to date");
  assertEquals(await page.locator(".note.bad").count(), 0);

  await config.write("clusters.yaml", "resources: [{]");
  await shows(page, ".pill", "stale");
  await shows(page, ".note .place", "clusters.yaml:1:");
  await config.write("clusters.yaml", cluster("one"));
  await shows(page, ".pill", "current");

  client[Symbol.dispose]();
  await shows(page, "main", "Nobody is connected");
  assertEquals(await page.evaluate(() => document.body.dataset.same), "yes", "it was loaded again");
  assertEquals(trouble, []);
});

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `${colorScheme}: axe finds nothing serious, and a narrow window needs no scrolling aside`,
    NEEDS_CHROMIUM,
    async () => {
      await using stage = await setStage();
      const id = `edge-${"long".repeat(20)}`;
      const client = await stage.client(id);
      await stage.client("edge-2");
      await stage.config.write("clusters.yaml", documents(cluster("one"), cluster("two")));
      await client.response(2);
      reject(client, id, `Cluster two: ${"a.very.long.name.".repeat(20)}`);
      await stage.config.write("groups/edge/broken.yaml", "resources: [{]");
      for (const width of [1100, 320]) {
        const { page, trouble } = await stage.open({ colorScheme, viewport: { width, height: 800 } });
        await shows(page, ".note", "a.very.long.name");
        await shows(page, ".note", "broken.yaml");
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => details.open = true));
        assertEquals(await seriousIssues(page), []);
        assertEquals(await overflow(page), 0);
        assertEquals(trouble, []);
      }
    },
  );
}

Deno.test("the keyboard reaches everything that can be used, and shows where it is", NEEDS_CHROMIUM, async () => {
  await using stage = await setStage();
  await stage.client("edge-1");
  await stage.client("edge-2");
  const { page } = await stage.open();
  await shows(page, "main", "2 clients");
  const all = await page.evaluate(() => document.querySelectorAll("a, button, input, summary").length);
  const reached = new Set<string>();
  for (let step = 0; step < all; step++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => {
        const { activeElement } = document;
        if (activeElement === null) return "";
        const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
        const index = [...document.querySelectorAll("*")].indexOf(activeElement);
        return `${activeElement.localName} ${index} ${outlineStyle} ${outlineWidth}`;
      }),
    );
  }
  assertEquals(reached.size, all);
  for (const element of reached) assert(/^(?:a|summary) \d+ solid 2px$/.test(element), element);
});

Deno.test("a burst of events makes one look a second", NEEDS_CHROMIUM, async () => {
  await using stage = await setStage();
  const { page } = await stage.open();
  let looks = 0;
  page.on("request", (request) => void (request.url().includes("fragment=") && looks++));
  const start = performance.now();
  for (let n = 0; n < 60; n++) await stage.client(`edge-${n}`);
  await shows(page, "main", "60 clients");
  const seconds = (performance.now() - start) / 1000;
  assert(looks >= 1 && looks <= Math.ceil(seconds) + 1, `${looks} looks in ${seconds} s`);
});

Deno.test("the page says that it lost the server, and follows the next one", NEEDS_CHROMIUM, async () => {
  const admin = `127.0.0.1:${freePort()}`;
  await using stage = await setStage(["--admin", admin]);
  const { page, trouble } = await stage.open({ forgive: AWAY });
  await stage.xcp.child.stop("SIGKILL");
  await shows(page, "#live", "Reconnecting");
  await shows(page, ".facts", "1 cluster");
  await stage.config.write("clusters.yaml", documents(cluster("one"), cluster("two")));
  await using _next = await startXcp({ args: [stage.config.path, "--admin", admin] });
  await shows(page, "#live", "Live");
  await shows(page, ".facts", "2 clusters");
  assertEquals(trouble, []);
});

Deno.test("without scripts the page is complete", NEEDS_CHROMIUM, async () => {
  await using stage = await setStage();
  await stage.client("edge-1");
  await eventually(async () => (await stage.xcp.get("/?fragment=main")).text.includes("up to date"));
  await using opened = await openPage(stage.browser, `${stage.xcp.admin}/`, { javaScriptEnabled: false });
  const text = await opened.page.locator("body").innerText();
  for (const words of ["As it was loaded", "Ready", "1 cluster", "edge-1", "up to date"]) {
    assertStringIncludes(text, words);
  }
});

Deno.test("behind a token the page asks for it, and keeps it in the tab", NEEDS_CHROMIUM, async () => {
  await using folder = await temporaryFolder();
  const token = await folder.write("token", "sesame-sesame-sesame\n");
  const port = freePort();
  await using stage = await setStage(["--admin", `0.0.0.0:${port}`, "--api-token-file", token]);
  const url = `http://127.0.0.1:${port}/`;
  await using opened = await openPage(stage.browser, url, { forgive: /status of 401/ });
  const { page, trouble } = opened;
  await shows(page, "h1", "Sign in");
  assertEquals(await seriousIssues(page), []);
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await shows(page, "#wrong", "That is not the token.");
  await page.fill("#token", "sesame-sesame-sesame");
  await page.keyboard.press("Enter");
  await shows(page, "h1", "Ready");
  await shows(page, "#live", "Live");
  await stage.config.write("clusters.yaml", documents(cluster("one"), cluster("two")));
  await shows(page, ".facts", "2 clusters");
  assertEquals(page.url(), url);
  await page.reload();
  await shows(page, "h1", "Ready");
  await shows(page, "#live", "Live");
  assertEquals(await page.context().cookies(), []);
  assertEquals(trouble, []);
  await using other = await openPage(stage.browser, url);
  await shows(other.page, "h1", "Sign in");
});
