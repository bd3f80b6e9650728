// @ts-check
import { pause, startTiles } from "./tiles.js";

/** @typedef {import("../playground.ts").View} View */

/** Milliseconds between two looks at how it stands. */
const LOOK_MS = 1000;

const main = byId("main");
const live = byId("live");
const sentence = byId("sentence");
const outcome = byId("outcome");
const entries = byId("entries");
const kinds = byId("kinds");
const shuffle = /** @type {HTMLInputElement} */ (byId("shuffle"));
const rows = /** @type {HTMLElement[]} */ ([...main.querySelectorAll(".backends > li")]);
const flaws = /** @type {HTMLElement[]} */ ([...main.querySelectorAll(".flaw")]);
const tiles = startTiles(byId("grid"), {
  tile: main.dataset.tileHeader ?? "",
  session: main.dataset.sessionHeader ?? "",
});

/** @type {View | undefined} */
let shown;
/** Changes that are on their way, and how many there were: an answer from before one of them is not shown. */
let sending = 0;
let changes = 0;
/** What is to be wished for when the wish before has been answered: two at a time could overtake each other. */
/** @type {View["policy"] | undefined} */
let wished;
let wishing = false;

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {Element} root @param {string} selector @returns {HTMLElement} */
function within(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}

/** @param {HTMLElement} element @param {string} className @param {string} text */
function put(element, className, text) {
  if (element.className !== className) element.className = className;
  if (element.textContent !== text) element.textContent = text;
}

/** Asks how it stands, or changes something; shows the answer. @param {string} path @param {unknown} [body] */
async function ask(path, body) {
  const isChange = body !== undefined;
  if (isChange) {
    sending++;
    changes++;
  }
  const began = changes;
  /** @type {View | undefined} */
  let view;
  try {
    const response = await fetch(path, {
      cache: "no-store",
      signal: AbortSignal.timeout(30_000),
      ...(isChange
        ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
        : {}),
    });
    if (response.ok) view = await response.json();
  } catch {
    // The page says so.
  }
  if (isChange) sending--;
  if (view === undefined) return put(live, "pill bad", "No answer");
  put(live, "pill good beats", "Live");
  if (sending === 0 && began === changes && wished === undefined) show(view);
}

/** @param {Partial<View["policy"]>} change */
async function wish(change) {
  if (shown === undefined) return;
  const { flaw: _, ...policy } = shown.policy;
  const next = { ...policy, ...change };
  shown = { ...shown, policy: next };
  delete outcome.dataset.key;
  outcome.replaceChildren(note("waiting", "Asking Envoy…", []));
  wished = next;
  if (wishing) return;
  wishing = true;
  while (wished !== undefined) {
    const policy = wished;
    wished = undefined;
    await ask("/api/policy", policy);
  }
  wishing = false;
}

/** @param {View} view */
function show(view) {
  shown = view;
  const { policy } = view;
  for (const input of kinds.querySelectorAll("input")) input.checked = input.value === policy.kind;
  if (sentence.textContent !== view.sentence) sentence.textContent = view.sentence;
  const weighs = policy.kind === "weights";
  byId("shuffles").hidden = !weighs;
  byId("sessions").hidden = !policy.kind.startsWith("sticky");
  shuffle.checked = policy.shuffle;
  main.classList.toggle("weighs", weighs);
  for (const button of flaws) button.setAttribute("aria-pressed", String(button.dataset.flaw === policy.flaw));
  /** @type {HTMLButtonElement} */ (byId("rollback")).disabled = view.history.length < (isGood(view) ? 2 : 1);
  showOutcome(view);
  showHistory(view);
  for (const row of rows) showBackend(row, view);
}

/** @param {View} view */
function isGood({ outcome }) {
  return outcome?.kind === "accepted";
}

/** @param {View} view */
function showOutcome({ outcome: was, applying }) {
  const key = JSON.stringify([was, applying]);
  if (outcome.dataset.key === key) return;
  outcome.dataset.key = key;
  if (applying || was === undefined) return outcome.replaceChildren(note("waiting", "Asking Envoy…", []));
  const { kind, title, ms, words } = was;
  const took = `${(Math.max(ms, 10) / 1000).toFixed(2)} s`;
  /** @type {Record<string, [string, string]>} */
  const heads = {
    "accepted": ["good", `Envoy took “${title}” after ${took}.`],
    "pending": ["warn", `Envoy has not answered to “${title}” yet.`],
    "refused-by-xcp": ["bad", `xcp refused “${title}”: Envoy never saw it. xcp's words:`],
    "refused-by-envoy": ["bad", `Envoy refused “${title}” and keeps what it has. Envoy's words:`],
    "failed": ["bad", `“${title}” did not come through:`],
  };
  const [tone, head] = heads[kind] ?? ["quiet", title];
  outcome.replaceChildren(note(tone, head, words));
}

/** @param {string} tone @param {string} head @param {readonly string[]} words */
function note(tone, head, words) {
  const element = document.createElement("div");
  element.className = `note ${tone}`;
  element.append(head);
  for (const each of words) {
    const quote = document.createElement("blockquote");
    quote.textContent = each;
    element.append(quote);
  }
  return element;
}

/** @param {View} view */
function showHistory({ history }) {
  const key = JSON.stringify(history);
  if (entries.dataset.key === key) return;
  entries.dataset.key = key;
  const hadFocus = entries.contains(document.activeElement);
  entries.replaceChildren(...history.map(({ id, title, at, current }) => {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = new Date(at).toISOString();
    time.textContent = new Date(at).toLocaleTimeString();
    const name = document.createElement("span");
    name.textContent = title;
    item.append(time, name);
    if (current) {
      const pill = document.createElement("span");
      pill.className = "pill good";
      pill.textContent = "now";
      item.append(pill);
    } else {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Go back";
      button.setAttribute("aria-label", `Go back to ${title}`);
      button.addEventListener("click", () => ask("/api/rollback", { id }));
      item.append(button);
    }
    return item;
  }));
  if (hadFocus) entries.querySelector("button")?.focus();
}

/** @type {Record<string, [string, string]>} */
const HEALTH = {
  healthy: ["good", "healthy"],
  unreachable: ["bad", "unhealthy"],
  ejected: ["bad", "ejected"],
  absent: ["quiet", "weight 0"],
  unknown: ["quiet", "unknown"],
};

/** @param {HTMLElement} row @param {View} view */
function showBackend(row, { policy, backends }) {
  const index = Number(row.dataset.number) - 1;
  const backend = backends[index];
  if (backend === undefined) return;
  const [tone, word] = HEALTH[backend.health] ?? ["quiet", backend.health];
  put(within(row, ".health"), `pill ${tone} health`, word);
  const select = /** @type {HTMLSelectElement} */ (within(row, ".mode"));
  if (document.activeElement !== select) select.value = backend.mode;
  const mark = within(row, ".expected");
  mark.hidden = backend.expected === null;
  mark.style.left = `${(backend.expected ?? 0) * 100}%`;
  const slider = /** @type {HTMLInputElement} */ (within(row, ".weight"));
  const weighs = within(row, ".weighing");
  slider.hidden = weighs.hidden = policy.kind !== "weights";
  if (!slider.matches(":active")) slider.value = String(policy.weights[index]);
  weighs.textContent = slider.value;
}

/** The bars, and what the grid is for whoever does not see it. */
function count() {
  const { counts, total, perSecond } = tiles.counts();
  const words = [];
  for (const row of rows) {
    const share = total === 0 ? 0 : (counts.get(row.dataset.number ?? "") ?? 0) / total;
    const percent = `${Math.round(share * 100)} %`;
    within(row, ".fill").style.width = `${share * 100}%`;
    within(row, ".share").textContent = percent;
    if (share > 0) words.push(`${row.dataset.name} ${percent}`);
  }
  const failed = total === 0 ? 0 : (counts.get("–") ?? 0) / total;
  if (failed > 0) words.push(`errors ${Math.round(failed * 100)} %`);
  byId("grid").setAttribute("aria-label", `Tiles of the last three seconds: ${words.join(", ") || "no answers yet"}`);
  byId("rate").textContent = `${Math.round(perSecond)} answers a second` +
    (failed > 0 ? `, ${Math.max(1, Math.round(failed * 100))} % of them errors` : ", no errors");
}

kinds.addEventListener("change", (event) => {
  const { value } = /** @type {HTMLInputElement} */ (event.target);
  wish({ kind: /** @type {View["policy"]["kind"]} */ (value) });
});
shuffle.addEventListener("change", () => wish({ shuffle: shuffle.checked }));
byId("forget").addEventListener("click", async () => {
  await ask("/api/forget", {});
  tiles.forget();
});
byId("rollback").addEventListener("click", () => ask("/api/rollback", {}));
for (const button of flaws) {
  button.addEventListener("click", () => {
    wish({ flaw: /** @type {View["policy"]["flaw"]} */ (button.dataset.flaw) });
  });
}
for (const row of rows) {
  const select = /** @type {HTMLSelectElement} */ (within(row, ".mode"));
  select.addEventListener("change", () => ask(`/api/backends/${row.dataset.number}`, { mode: select.value }));
  const slider = /** @type {HTMLInputElement} */ (within(row, ".weight"));
  slider.addEventListener("input", () => within(row, ".weighing").textContent = slider.value);
  slider.addEventListener("change", () => {
    const weights = rows.map((each) => Number(/** @type {HTMLInputElement} */ (within(each, ".weight")).value));
    if (weights.some((weight) => weight > 0)) return wish({ weights, shuffle: false });
    slider.value = "1";
    slider.dispatchEvent(new Event("change"));
  });
}

setInterval(count, 500);
for (;;) {
  if (!document.hidden && sending === 0) await ask("/api/state");
  await pause(LOOK_MS);
}
