// @ts-check

/** Tiles in the grid. */
const TILES = 100;
/** Milliseconds between two questions of a tile. */
const PERIOD_MS = 1000;
/** Milliseconds of answers that are counted for the bars. */
const WINDOW_MS = 3000;

/**
 * Fills the grid with tiles that ask. Returns what the rest of the page needs of them.
 *
 * @param {HTMLElement} grid
 * @param {{ tile: string, session: string }} headers names
 */
export function startTiles(grid, headers) {
  /** @type {{ at: number, who: string }[]} */
  let answers = [];
  let asked = 0;
  let failed = 0;
  /** Which session each tile has: a tile is a client of its own. @type {Map<number, string>} */
  const sessions = new Map();

  /** @param {HTMLElement} tile @param {number} number */
  async function ask(tile, number) {
    /** @type {Record<string, string>} */
    const sent = { [headers.tile]: String(number) };
    const session = sessions.get(number);
    if (session !== undefined) sent[headers.session] = session;
    let who = "–";
    try {
      const response = await fetch("/color", { headers: sent, cache: "no-store", signal: AbortSignal.timeout(10_000) });
      const given = response.headers.get(headers.session);
      if (given !== null) sessions.set(number, given);
      if (response.ok) {
        const { backend, colour } = await response.json();
        who = String(backend);
        show(tile, `tile b${backend}`, who, colour);
      } else {
        await response.text();
        show(tile, "tile failed", String(response.status), `status ${response.status}`);
      }
    } catch {
      show(tile, "tile failed", "–", "no answer");
    }
    answers.push({ at: performance.now(), who });
    // In the page too, for whoever watches it from outside.
    asked++;
    if (who === "–") failed++;
    grid.dataset.asked = String(asked);
    grid.dataset.failed = String(failed);
  }

  /** @param {HTMLElement} tile @param {string} className @param {string} text @param {string} title */
  function show(tile, className, text, title) {
    if (tile.className !== className) tile.className = className;
    if (tile.textContent !== text) {
      tile.textContent = text;
      tile.title = title;
    }
  }

  /** @param {HTMLElement} tile @param {number} number */
  async function live(tile, number) {
    // One after the other over the second.
    await pause(PERIOD_MS * number / TILES);
    for (;;) {
      const next = performance.now() + PERIOD_MS;
      if (!document.hidden) await ask(tile, number);
      await pause(Math.max(0, next - performance.now()));
    }
  }

  for (let number = 1; number <= TILES; number++) {
    const tile = document.createElement("i");
    tile.className = "tile";
    grid.append(tile);
    live(tile, number);
  }

  return {
    forget: () => sessions.clear(),
    /** Answers of the last seconds by backend; `–` is what was none. */
    counts() {
      const since = performance.now() - WINDOW_MS;
      answers = answers.filter(({ at }) => at >= since);
      /** @type {Map<string, number>} */
      const counts = new Map();
      for (const { who } of answers) counts.set(who, (counts.get(who) ?? 0) + 1);
      return { counts, total: answers.length, perSecond: answers.length * 1000 / WINDOW_MS };
    },
  };
}

/** @param {number} milliseconds @returns {Promise<void>} */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
