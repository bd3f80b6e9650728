/**
 * The clients of the status page.
 *
 * @module
 */
import type { ClientStatus, SubscriptionStatus } from "../../hub/status.ts";
import { typeByUrl } from "../../model/types.ts";
import { Ago, counted, Empty, Note, Pill, Table, type Tone } from "../../pages/parts.tsx";

/** More rows than this are for `xcp status` and the API. */
const MOST_CLIENTS = 200;
const MOST_SUBSCRIPTIONS = 40;

export function Clients({ clients, now }: { readonly clients: readonly ClientStatus[]; readonly now: number }) {
  return (
    <section aria-labelledby="clients">
      <h2 id="clients">
        Clients <span class="count">{clients.length.toLocaleString("en")}</span>
      </h2>
      {clients.length === 0
        ? (
          <Empty>
            Nobody is connected. <code>xcp bootstrap</code> prints what an Envoy needs to come here.
          </Empty>
        )
        : (
          <ul class="rows">
            {inOrder(clients).slice(0, MOST_CLIENTS).map((client) => <Client client={client} now={now} />)}
          </ul>
        )}
      {clients.length > MOST_CLIENTS && (
        <p class="quiet">
          And {counted(clients.length - MOST_CLIENTS, "more client")}, of which none is worse off: see{" "}
          <code>xcp status</code> or <code>/v1/clients</code>.
        </p>
      )}
    </section>
  );
}

/** Whether a client rejects something of what it was sent. */
export function rejects(client: ClientStatus): boolean {
  return client.subscriptions.some(({ rejected }) => rejected !== undefined);
}

function waits(client: ClientStatus): boolean {
  return client.subscriptions.some(({ pending }) => pending);
}

/** First those who need somebody, so that they are among those who are shown. */
function inOrder(clients: readonly ClientStatus[]): readonly ClientStatus[] {
  const bad = clients.filter(rejects);
  const rest = clients.filter((client) => !rejects(client));
  return [...bad, ...rest.filter(waits), ...rest.filter((client) => !waits(client))];
}

function Client({ client, now }: { readonly client: ClientStatus; readonly now: number }) {
  const { stream, node, group, mode, service, address, identities, connected, subscriptions } = client;
  return (
    <li data-key={stream}>
      <div class="head">
        <h3>{node?.id || "unnamed"}</h3>
        <State client={client} />
      </div>
      <ul class="facts">
        {group !== undefined && (
          <li>
            group <b>{group}</b>
          </li>
        )}
        {node !== undefined && node.userAgent !== "" && <li>{node.userAgent}</li>}
        {node !== undefined && node.locality !== "" && <li>{node.locality}</li>}
        <li>
          connected <Ago at={connected} now={now} />
        </li>
      </ul>
      <Rejections subscriptions={subscriptions} now={now} />
      <details>
        <summary>{subscriptions.length === 0 ? "Subscribed to nothing so far" : typesLine(subscriptions)}</summary>
        {subscriptions.length > 0 && (
          <Table
            heads={["Type", "Has", "State"]}
            rows={subscriptions.slice(0, MOST_SUBSCRIPTIONS).map(row)}
          />
        )}
        <ul class="facts">
          <li>stream {stream}</li>
          <li>{mode}{service === undefined ? "" : `, ${typeName(service)} alone`}</li>
          <li>{address}</li>
          {identities.map((identity) => <li>{identity}</li>)}
        </ul>
      </details>
    </li>
  );
}

function State({ client }: { readonly client: ClientStatus }) {
  if (rejects(client)) return <Pill tone="bad">rejects</Pill>;
  if (waits(client)) return <Pill tone="warn">pending</Pill>;
  return client.subscriptions.some(({ acknowledged }) => acknowledged !== undefined)
    ? <Pill tone="good">up to date</Pill>
    : <Pill tone="quiet">has nothing</Pill>;
}

function Rejections({ subscriptions, now }: {
  readonly subscriptions: readonly SubscriptionStatus[];
  readonly now: number;
}) {
  const notes = subscriptions.flatMap(({ type, acknowledged, rejected }) =>
    rejected === undefined ? [] : [
      <Note tone="bad">
        Rejected {typeName(type)} <code>{rejected.version}</code> <Ago at={rejected.at} now={now} />,{" "}
        {acknowledged === undefined ? "has none" : (
          <>
            keeps <code>{acknowledged}</code>
          </>
        )}:
        <blockquote>{rejected.message}</blockquote>
      </Note>,
    ]
  );
  return notes.length === 0 ? null : <ul class="notes">{notes.slice(0, MOST_SUBSCRIPTIONS)}</ul>;
}

function row({ type, wildcard, names, sent, acknowledged, rejected, pending }: SubscriptionStatus) {
  const [tone, word]: [Tone, string] = rejected !== undefined
    ? ["bad", "rejected"]
    : pending
    ? ["warn", "pending"]
    : acknowledged !== undefined
    ? ["good", "acknowledged"]
    : ["quiet", sent === undefined ? "nothing sent" : "sent"];
  const asks = [...(wildcard ? ["all"] : []), ...(names > 0 ? [counted(names, "name")] : [])].join(" and ");
  return [
    <>
      {typeName(type)} <span class="quiet">{asks}</span>
    </>,
    <code>{acknowledged ?? "–"}</code>,
    <Pill tone={tone}>{word}</Pill>,
  ];
}

/** `Subscribed to listeners, routes and 3 more`. */
function typesLine(subscriptions: readonly SubscriptionStatus[]): string {
  const shown = subscriptions.slice(0, 8).map(({ type }) => typeName(type));
  const more = subscriptions.length - shown.length;
  return `Subscribed to ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function typeName(url: string): string {
  return typeByUrl(url)?.plural ?? url.split("/").at(-1) ?? url;
}
