/**
 * The groups of the status page.
 *
 * @module
 */
import type { GroupStatus } from "../../hub/status.ts";
import type { Issue } from "../../model/issue.ts";
import { typeByUrl } from "../../model/types.ts";
import { Ago, counted, Empty, Note, Pill, type Tone } from "../../pages/parts.tsx";

/** More rows than this are for the API. */
const MOST_GROUPS = 200;
const MOST_ISSUES = 20;

const TONES: Readonly<Record<Issue["severity"], Tone>> = { error: "bad", warning: "warn", info: "quiet" };

/** `rejecting`: how many clients reject something, by group. */
export function Groups({ groups, rejecting, now }: {
  readonly groups: readonly GroupStatus[];
  readonly rejecting: ReadonlyMap<string, number>;
  readonly now: number;
}) {
  return (
    <section aria-labelledby="groups">
      <h2 id="groups">
        Groups <span class="count">{groups.length.toLocaleString("en")}</span>
      </h2>
      {groups.length === 0 ? <Empty>No group yet: the sources have said nothing so far.</Empty> : (
        <ul class="rows">
          {groups.slice(0, MOST_GROUPS).map((group) => (
            <Group group={group} rejecting={rejecting.get(group.name) ?? 0} now={now} />
          ))}
        </ul>
      )}
      {groups.length > MOST_GROUPS && (
        <p class="quiet">
          And {counted(groups.length - MOST_GROUPS, "more group")}: see <code>/v1/groups</code>.
        </p>
      )}
    </section>
  );
}

function Group({ group, rejecting, now }: {
  readonly group: GroupStatus;
  readonly rejecting: number;
  readonly now: number;
}) {
  const { name, revision, since, source, clients, issues } = group;
  const counts = Object.entries(group.counts).filter(([, count]) => count > 0);
  return (
    <li data-key={name}>
      <div class="head">
        <h3>{name}</h3>
        <State group={group} />
      </div>
      <ul class="facts">
        {revision !== undefined && counts.length === 0 && <li>nothing to serve</li>}
        {counts.map(([type, count]) => <Count type={type} count={count} />)}
      </ul>
      <ul class="facts">
        <li>
          {counted(clients, "client")}
          {rejecting > 0 && (
            <>
              , <span class="bad">{rejecting.toLocaleString("en")} rejecting</span>
            </>
          )}
        </li>
        {source.length > 0 && <li>from {source.join(", ")}</li>}
        {since !== undefined && (
          <li>
            {group.restored ? "stored" : "taken"} <Ago at={since} now={now} />
          </li>
        )}
        {revision !== undefined && (
          <li class="narrow-off">
            revision <code>{revision}</code>
          </li>
        )}
      </ul>
      <Issues issues={issues} />
    </li>
  );
}

function State({ group: { revision, stale, restored } }: { readonly group: GroupStatus }) {
  // That nothing was said of a group is no trouble, as long as nothing wrong was said.
  if (revision === undefined) return stale ? <Pill tone="bad">nothing to serve</Pill> : <Pill tone="quiet">empty</Pill>;
  // What was restored is stale too, and older.
  if (restored) return <Pill tone="bad">restored</Pill>;
  return stale ? <Pill tone="bad">stale</Pill> : <Pill tone="good">current</Pill>;
}

function Count({ type, count }: { readonly type: string; readonly count: number }) {
  const { short, plural } = typeByUrl(type) ?? { short: type, plural: type };
  return (
    <li>
      <b>{count.toLocaleString("en")}</b> {count === 1 ? short : plural}
    </li>
  );
}

function Issues({ issues }: { readonly issues: readonly Issue[] }) {
  if (issues.length === 0) return null;
  return (
    <ul class="notes">
      {issues.slice(0, MOST_ISSUES).map(({ at, severity, message, rule }) => (
        <Note tone={TONES[severity]}>
          {message}
          <span class="place">
            {severity} <code>[{rule}]</code>
            {at !== undefined && (
              <>
                {" "}
                at <code>{`${at.file}:${at.line}:${at.column}`}</code>
              </>
            )}
          </span>
        </Note>
      ))}
      {issues.length > MOST_ISSUES && <li class="quiet">And {counted(issues.length - MOST_ISSUES, "more issue")}.</li>}
    </ul>
  );
}
