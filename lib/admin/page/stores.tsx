/**
 * The stores of the status page.
 *
 * @module
 */
import { Ago, Note, Pill } from "../../pages/parts.tsx";
import type { StoreStatus } from "../stores.ts";

/** What a store is to the server, in words. */
const ROLES: Readonly<Record<StoreStatus["role"], string>> = {
  store: "keeps what clients accepted",
  source: "is followed",
  copy: "the local copy",
};

/** Nothing for a server without a store. */
export function Stores({ stores, now }: { readonly stores: readonly StoreStatus[]; readonly now: number }) {
  if (stores.length === 0) return null;
  return (
    <section aria-labelledby="stores">
      <h2 id="stores">
        Stores <span class="count">{stores.length}</span>
      </h2>
      <ul class="rows">{stores.map((store) => <Store store={store} now={now} />)}</ul>
    </section>
  );
}

function Store({ store: { url, role, failure, succeeded, snapshot }, now }: {
  readonly store: StoreStatus;
  readonly now: number;
}) {
  const state = failure !== undefined
    ? <Pill tone="bad">failing</Pill>
    : succeeded === undefined
    ? <Pill tone="quiet">not used yet</Pill>
    : <Pill tone="good">working</Pill>;
  return (
    <li data-key={`${role} ${url}`}>
      <div class="head">
        <h3>{url}</h3>
        {state}
      </div>
      <ul class="facts">
        <li>{ROLES[role]}</li>
        {snapshot !== undefined && (
          <li>
            snapshot <b>{snapshot}</b>
          </li>
        )}
        {succeeded !== undefined && (
          <li>
            last used with success <Ago at={succeeded} now={now} />
          </li>
        )}
      </ul>
      {failure !== undefined && (
        <ul class="notes">
          <Note tone="bad">{failure}</Note>
        </ul>
      )}
    </li>
  );
}
