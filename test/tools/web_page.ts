/**
 * A page in a browser that is watched: whatever it should not do is written down.
 *
 * @module
 */
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors on the console and in scripts, what the policy blocked, and requests to other origins than the first one. */
  readonly trouble: readonly string[];
}

/** Opens a page in a context of its own. `forgive`: console errors that are wanted. */
export async function openPage(
  browser: Browser,
  url: string,
  { forgive, ...options }: BrowserContextOptions & { readonly forgive?: RegExp } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const trouble: string[] = [];
  const { origin } = new URL(url);
  try {
    const page = await context.newPage();
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !forgive?.test(text)) trouble.push(`console: ${text}`);
    });
    page.on("pageerror", (error) => trouble.push(`script: ${error.message}`));
    page.on("request", (request) => {
      const asked = new URL(request.url());
      if (asked.protocol !== "data:" && asked.origin !== origin) trouble.push(`request: ${asked}`);
    });
    await page.goto(url);
    return { page, trouble, [Symbol.asyncDispose]: () => context.close() };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** What axe finds serious or critical on the page by WCAG 2 A and AA: the rule and where. */
export async function seriousIssues(page: Page): Promise<string[]> {
  // By way of the debugger, which the policy of the page does not concern.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: unknown): Promise<AxeResults> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await axe.run({ runOnly: { type: "tag", values: tags } })).violations;
  });
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`
  );
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** How many pixels of the page are beyond the right edge of the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
