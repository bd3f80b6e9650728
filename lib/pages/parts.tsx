/**
 * The parts that pages are put together from.
 *
 * @module
 */
import type { Child } from "hono/jsx";

/** How bad something is, or that nothing is said of it. */
export type Tone = "good" | "warn" | "bad" | "quiet";

/** A state in a word or two. */
export function Pill({ tone, children }: { readonly tone: Tone; readonly children?: Child }) {
  return <span class={`pill ${tone}`}>{children}</span>;
}

/** What is wrong, or what somebody said about it. */
export function Note({ tone, children }: { readonly tone: Tone; readonly children?: Child }) {
  return <li class={`note ${tone}`}>{children}</li>;
}

/** What stands where a list would. */
export function Empty({ children }: { readonly children?: Child }) {
  return (
    <div class="empty">
      <p>{children}</p>
    </div>
  );
}

/** A moment as people say it, with the exact one in its title. Both in milliseconds since the epoch. */
export function Ago({ at, now }: { readonly at: number; readonly now: number }) {
  const exact = new Date(at).toISOString();
  return <time datetime={exact} title={exact}>{agoWords(now - at)}</time>;
}

/** `5 min ago`. Coarse, so that it stays right for a while. */
export function agoWords(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / (24 * 60))} days ago`;
}

/** `1 client`, `2 clients`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A table of few columns; the first cell of a row names it. */
export function Table(
  { heads, rows }: { readonly heads: readonly string[]; readonly rows: readonly (readonly Child[])[] },
) {
  return (
    <table>
      <thead>
        <tr>{heads.map((head) => <th scope="col">{head}</th>)}</tr>
      </thead>
      <tbody>
        {rows.map(([first, ...rest]) => (
          <tr>
            <th scope="row">{first}</th>
            {rest.map((cell) => <td>{cell}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
