// @ts-check

/** Milliseconds without a sign of life after which a connection is given up; the server gives one every 15 s. */
const SILENCE_MS = 40_000;

/**
 * Follows Server-Sent Events until the server refuses the token. Not with `EventSource`: it cannot send a header.
 *
 * @param {string} url
 * @param {object} to
 * @param {() => Record<string, string>} to.headers
 * @param {(kind: string, data: string) => void} to.hear an event
 * @param {(state: "live" | "reconnecting" | "refused") => void} to.tell how it stands; after each `live` some events
 *   may have been missed
 */
export async function follow(url, { headers, hear, tell }) {
  for (let failures = 0;; failures++) {
    const silence = new AbortController();
    let watch = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await fetch(url, { headers: headers(), signal: silence.signal, cache: "no-store" });
      if (response.status === 401) return tell("refused");
      if (response.ok && response.body !== null) {
        tell("live");
        failures = 0;
        const read = eventReader(hear);
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          clearTimeout(watch);
          watch = setTimeout(() => silence.abort(), SILENCE_MS);
          read(piece.value);
        }
      }
    } catch {
      // The network is not there, or was silent: what counts is whether the next attempt succeeds.
    } finally {
      clearTimeout(watch);
    }
    tell("reconnecting");
    await pause(Math.min(15_000, 500 * 2 ** failures));
  }
}

/**
 * Takes the text of a stream piece by piece.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 * @param {(kind: string, data: string) => void} hear
 * @returns {(piece: string) => void}
 */
export function eventReader(hear) {
  let text = "";
  return (piece) => {
    const events = (text + piece).split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const values = new Map(
        event.split("\n").map((line) => {
          const at = line.indexOf(": ");
          return [line.slice(0, at), line.slice(at + 2)];
        }),
      );
      const data = values.get("data");
      if (data !== undefined) hear(values.get("event") ?? "message", data);
    }
  };
}

/**
 * Waits; not as long when somebody looks at the page again, or the network is back.
 *
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
function pause(milliseconds) {
  return new Promise((resolve) => {
    const awake = new AbortController();
    const done = () => {
      clearTimeout(timer);
      awake.abort();
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    globalThis.addEventListener("online", done, { signal: awake.signal });
    document.addEventListener("visibilitychange", done, { signal: awake.signal });
  });
}
