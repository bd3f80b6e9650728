/**
 * Telling xcp that the policy changed, and being told what became of it.
 *
 * @module
 */
import { reason } from "../system_error.ts";
import { GROUP, POLICY_ID } from "./adapter.ts";

/**
 * What became of a policy. `refused-by-xcp`: it is not valid, and no Envoy saw it. `refused-by-envoy`: in Envoy's words.
 * `pending`: Envoy has not answered in time. `failed`: xcp could not be asked.
 */
export interface Outcome {
  readonly kind: "accepted" | "pending" | "refused-by-xcp" | "refused-by-envoy" | "failed";
  /** Who says what; empty when it was accepted. */
  readonly words: readonly string[];
}

/** How long the Envoy is waited for. */
const WAIT_S = 10;
const MOST_WORDS = 5;

/** Announces a change at an admin address, and waits for Envoy. */
export async function announce(admin: string, signal: AbortSignal): Promise<Outcome> {
  try {
    const response = await fetch(`${admin}/v1/groups/${GROUP}/events?wait=${WAIT_S}s`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ids: [POLICY_ID] }),
      signal,
    });
    return readOutcome(response.status, await response.json());
  } catch (error) {
    return { kind: "failed", words: [`Cannot tell xcp of the change: ${reason(error)}`] };
  }
}

interface Answer {
  readonly detail?: string;
  readonly outcome?: string;
  readonly issues?: readonly { readonly path?: string; readonly message?: string }[];
  readonly rejections?: readonly { readonly message?: string }[];
}

/** Reads xcp's answer: an outcome, or a problem with issues or with the words of clients. */
export function readOutcome(status: number, answer: Answer): Outcome {
  if (status === 202) return { kind: "pending", words: ["Envoy has not answered yet"] };
  if (status >= 200 && status < 300) return { kind: "accepted", words: [] };
  const { detail = `xcp answers ${status}`, issues = [], rejections = [] } = answer;
  if (rejections.length > 0) {
    return { kind: "refused-by-envoy", words: some(rejections.map(({ message = detail }) => message)) };
  }
  if (issues.length > 0) {
    return {
      kind: "refused-by-xcp",
      words: some(
        issues.map(({ path = "", message = "" }) =>
          path === "" || message.includes("(at ") ? message : `${path}: ${message}`
        ),
      ),
    };
  }
  return { kind: status === 422 ? "refused-by-xcp" : "failed", words: [detail] };
}

function some(words: readonly string[]): readonly string[] {
  return [...new Set(words)].slice(0, MOST_WORDS);
}
