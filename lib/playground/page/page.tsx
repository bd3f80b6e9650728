/**
 * The page of the playground. Its script fills in what changes.
 *
 * @module
 */
import { pageResponse } from "../../pages/page.tsx";
import { browserScript } from "../../pages/script.ts";
import { INK, rainbow } from "../palette.ts";
import { KINDS, MOST_WEIGHT } from "../policy.ts";
import type { View } from "../playground.ts";
import { SESSION_HEADER, TILE_HEADER } from "../resources.ts";
import { LABELS } from "../words.ts";
import script from "./page.js" with { type: "text" };
import tiles from "./tiles.js" with { type: "text" };
import style from "./page.css" with { type: "text" };

export interface PageData {
  readonly view: View;
  /** `xcp 0.1.0`. */
  readonly title: string;
  /** xcp's status page. */
  readonly statusUrl: string;
}

const MODE_LABELS = { on: "on", slow: "slow", failing: "answers 503", off: "off" } as const;

export function playgroundPage({ view, title, statusUrl }: PageData): Response {
  const { backends } = view;
  return pageResponse({
    title: "xcp playground",
    name: `${title} · playground`,
    aside: <span role="status" id="live" class="pill quiet">Loading</span>,
    style: `${style}\n${colourStyle(backends.length)}`,
    script: browserScript(tiles, script),
    main: (
      <main id="main" tabindex={-1} data-tile-header={TILE_HEADER} data-session-header={SESSION_HEADER}>
        <h1>Which backend answered?</h1>
        <p class="quiet lead">
          Each tile asks <code>/color</code>{" "}
          once a second, through Envoy, and takes the colour of the backend that answered. What you choose here an
          adapter turns into Envoy's configuration, and xcp brings it to Envoy.
        </p>
        <noscript>
          <p class="note warn">The tiles need JavaScript.</p>
        </noscript>
        <div class="board">
          <div class="see">
            <div id="grid" class="grid" role="img" aria-label="Tiles"></div>
            <p class="quiet tally">
              <span id="rate">–</span>
            </p>
          </div>
          <div class="choose">
            <fieldset id="kinds" class="kinds">
              <legend>Envoy chooses by</legend>
              {KINDS.map((kind) => (
                <label class="kind">
                  <input type="radio" name="kind" value={kind} checked={view.policy.kind === kind} />
                  <span>{LABELS[kind]}</span>
                </label>
              ))}
            </fieldset>
            <p id="sentence" class="sentence" aria-live="polite">{view.sentence}</p>
            <p id="shuffles" class="option" hidden={view.policy.kind !== "weights"}>
              <label class="check">
                <input type="checkbox" id="shuffle" checked={view.policy.shuffle} /> New random weights every 10 s
              </label>
            </p>
            <p id="sessions" class="option" hidden>
              <button type="button" id="forget">Forget the sessions</button>
            </p>
            <div id="outcome" class="outcome" role="status"></div>
            <h2 id="break">Break it</h2>
            <p class="quiet">A bad configuration does not spread, whoever finds the mistake.</p>
            <div class="buttons" role="group" aria-labelledby="break">
              <button type="button" class="flaw" data-flaw="typo" aria-pressed="false">A typo, which xcp finds</button>
              <button type="button" class="flaw" data-flaw="missing_file" aria-pressed="false">
                A missing file, which only Envoy can find
              </button>
              <button type="button" id="rollback">Roll back</button>
            </div>
          </div>
        </div>
        <section aria-labelledby="backends">
          <h2 id="backends">Backends</h2>
          <p class="quiet">
            Make one misbehave: nobody tells xcp, Envoy finds out by itself. An <em>off</em>{" "}
            backend refuses connections, and the health check sees it; one that <em>answers 503</em>{" "}
            says at its health check that it is well, and outlier detection takes it out for a while.
          </p>
          <ul class="rows backends">
            {backends.map(({ number, name, mode }) => (
              <li id={`backend-${number}`} data-number={number} data-name={name}>
                <span class={`chip b${number}`} aria-hidden="true">{number}</span>
                <span class="named">{name}</span>
                <span class="bar" aria-hidden="true">
                  <span class={`fill b${number}`}></span>
                  <span class="expected" hidden></span>
                </span>
                <span class="share">–</span>
                <input
                  type="range"
                  class="weight"
                  min="0"
                  max={MOST_WEIGHT}
                  step="1"
                  value={view.policy.weights[number - 1]}
                  aria-label={`Weight of ${name}`}
                  hidden={view.policy.kind !== "weights"}
                />
                <output class="weighing" hidden={view.policy.kind !== "weights"}></output>
                <select class="mode" aria-label={`Backend ${number}, ${name}`}>
                  {Object.entries(MODE_LABELS).map(([value, label]) => (
                    <option value={value} selected={value === mode}>{label}</option>
                  ))}
                </select>
                <span class="pill quiet health">–</span>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="history">
          <h2 id="history">What Envoy took</h2>
          <ol id="entries" class="rows history"></ol>
        </section>
        <footer>
          <a href={statusUrl}>xcp's own view: groups, clients, what Envoy rejected and why</a> ·{" "}
          <a href="definition">what the adapter reads</a>
        </footer>
      </main>
    ),
  });
}

/** A class for each backend: the policy of the page knows no style attributes. */
function colourStyle(count: number): string {
  return rainbow(count).map(({ hex }, index) => `.b${index + 1} { background: ${hex}; color: ${INK}; }`).join("\n");
}
