// @ts-check
import { morph } from "../../pages/browser/morph.js";
import { follow } from "../../pages/browser/follow.js";

/** Milliseconds between two looks, however much happens. */
const PAUSE_MS = 1_000;
/** A look takes at most this part of the time, so that a busy server is not kept busy. */
const SHARE = 5;
/** Milliseconds after which the page looks without a reason: times pass. */
const IDLE_MS = 30_000;
/** Where the token is while this tab is open. */
const TOKEN = "xcp-token";

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const state = /** @type {HTMLElement} */ (document.getElementById("live"));

/** @returns {Record<string, string>} */
function headers() {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** @param {string} tone @param {string} word */
function show(tone, word) {
  if (state.textContent === word) return;
  state.className = `pill ${tone}`;
  state.textContent = word;
}

/** Brings what is shown up to date. Returns the status of the answer. */
async function look() {
  const response = await fetch("?fragment=main", { headers: headers(), cache: "no-store" });
  if (!response.ok) return response.status;
  const made = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("main");
  if (made === null) return 500;
  morph(main, made);
  document.title = main.dataset.title ?? document.title;
  return response.status;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
/** When the next look may be; `performance.now()`. */
let free = 0;
let looking = false;
let again = false;

/** Looks soon, and no more often than it should be. */
function soon() {
  if (looking || document.hidden) {
    again = true;
    return;
  }
  waiting ??= setTimeout(lookNow, Math.max(0, free - performance.now()));
}

async function lookNow() {
  waiting = undefined;
  looking = true;
  again = false;
  const start = performance.now();
  try {
    if (await look() === 401) return signOut();
  } catch {
    // The server is not there: the one that follows its events says so.
  } finally {
    looking = false;
  }
  const end = performance.now();
  free = end + Math.max(PAUSE_MS, (end - start) * SHARE);
  if (again) soon();
}

function signOut() {
  sessionStorage.removeItem(TOKEN);
  location.reload();
}

function goLive() {
  setInterval(soon, IDLE_MS);
  document.addEventListener("visibilitychange", () => {
    if (again) soon();
  });
  follow("v1/events", {
    headers,
    hear: soon,
    tell(now) {
      if (now === "refused") return signOut();
      if (now === "reconnecting") return show("warn", "Reconnecting");
      show("good beats", "Live");
      soon();
    },
  });
}

/** @param {HTMLFormElement} form */
async function signIn(form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("token"));
  const wrong = /** @type {HTMLElement} */ (document.getElementById("wrong"));
  const status = sessionStorage.getItem(TOKEN) === null ? 401 : await look().catch(() => 0);
  if (status === 200) return goLive();
  sessionStorage.removeItem(TOKEN);
  form.hidden = false;
  input.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, input.value.trim());
    const status = await look().catch(() => 0);
    if (status === 200) {
      main.focus();
      return goLive();
    }
    sessionStorage.removeItem(TOKEN);
    wrong.textContent = status === 401 ? "That is not the token." : "xcp did not answer. Try again.";
    input.select();
  });
}

const form = main.querySelector("form");
if (form === null) goLive();
else signIn(form);
