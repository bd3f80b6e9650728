/**
 * Virtual hosts, clusters and routes that a client asks for when a request needs them (rule 19).
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/vhds
 * @module
 */
import {
  ack,
  ask,
  change,
  nack,
  nothing,
  ORDER_TIMEOUT,
  reconnect,
  type Row,
  sends,
  subscribe,
  unsubscribe,
  wake,
} from "../script.ts";

const host = (content: number, ...domains: readonly string[]) => ({ content, domains });
const HOSTS = { "r/web": host(1, "a.com", "b.com"), "r/other": host(1, "c.com") };

export const ON_DEMAND: readonly Row[] = [
  {
    rule: 19,
    name: "the first, empty request for virtual hosts is answered with nothing, and is no wildcard",
    issue: "go-control-plane #1092",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS"), sends("VHDS", []), ack(), nothing(), change({ VHDS: { "r/web": host(2, "a.com") } }), nothing()],
    ],
  },
  {
    rule: 19,
    name: "the second host of a client is answered as the first was",
    issue: "go-control-plane #1296",
    mode: "delta",
    snapshot: { VHDS: HOSTS, CDS: { a: 1, c: 1 } },
    script: [
      ...[ask("VHDS"), sends("VHDS", []), ack(), subscribe("VHDS", ["r/a.com"]), sends("VHDS", ["r/web=r/a.com"])],
      ...[ack(), subscribe("CDS", ["a"]), sends("CDS", ["a"]), ack()],
      ...[subscribe("VHDS", ["r/c.com"]), sends("VHDS", ["r/other=r/c.com"]), ack()],
      ...[subscribe("CDS", ["c"]), sends("CDS", ["c"]), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "a virtual host is found by its own name",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [ask("VHDS", ["r/web"]), sends("VHDS", ["r/web"]), ack(), nothing()],
  },
  {
    rule: 19,
    name: "two hosts of one resource are one resource with two aliases",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/b.com", "r/a.com"]), sends("VHDS", ["r/web=r/b.com=r/a.com"]), ack()],
      ...[change({ VHDS: { "r/web": host(2, "a.com", "b.com") } }), sends("VHDS", ["r/web=r/b.com=r/a.com"]), ack()],
    ],
  },
  {
    rule: 19,
    name: "what was found is followed: it is sent when it changes and removed when it goes",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com"]), sends("VHDS", ["r/web=r/a.com"]), ack()],
      ...[change({ VHDS: { "r/other": host(2, "c.com") } }), nothing()],
      ...[change({ VHDS: { "r/web": host(2, "a.com") } }), sends("VHDS", ["r/web=r/a.com"]), ack()],
      ...[change({ VHDS: { "r/web": undefined } }), sends("VHDS", [], { removed: ["r/web"] }), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name:
      "a host that nobody knows is answered without a body and with the name as an alias, and sent once it is there",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/x.com"]), sends("VHDS", ["r/x.com~=r/x.com"]), ack(), nothing()],
      ...[change({ VHDS: { "r/new": host(1, "x.com") } }), sends("VHDS", ["r/new=r/x.com"]), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "known and unknown hosts come in one answer",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com", "r/x.com"]), sends("VHDS", ["r/web=r/a.com", "r/x.com~=r/x.com"]), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "a host that is asked for again is answered again",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com"]), sends("VHDS", ["r/web=r/a.com"]), ack()],
      ...[subscribe("VHDS", ["r/a.com"]), sends("VHDS", ["r/web=r/a.com"]), ack()],
      ...[subscribe("VHDS", ["r/x.com"]), sends("VHDS", ["r/x.com~=r/x.com"]), ack()],
      ...[subscribe("VHDS", ["r/x.com"]), sends("VHDS", ["r/x.com~=r/x.com"]), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "names are split from the right: a route configuration may have slashes",
    mode: "delta",
    snapshot: { VHDS: { "a/b/web": host(1, "a.com"), "a/web": host(2, "a.com") } },
    script: [
      ...[ask("VHDS", ["a/b/a.com"]), sends("VHDS", ["a/b/web=a/b/a.com"]), ack()],
      ...[subscribe("VHDS", ["a/a.com"]), sends("VHDS", ["a/web=a/a.com"]), ack()],
      ...[subscribe("VHDS", ["b/a.com"]), sends("VHDS", ["b/a.com~=b/a.com"]), ack()],
    ],
  },
  {
    rule: 19,
    name: "a domain with a wildcard is one route configuration's, whatever its slashes",
    mode: "delta",
    snapshot: { VHDS: { "a/b/web": host(1, "*.com"), "q/web": host(2, "*.com"), "r/web": host(3, "*.com") } },
    script: [
      ...[ask("VHDS", ["a/b/x.com"]), sends("VHDS", ["a/b/web=a/b/x.com"]), ack()],
      ...[subscribe("VHDS", ["r/x.com"]), sends("VHDS", ["r/web=r/x.com"]), ack()],
    ],
  },
  {
    rule: 19,
    name: "the wildcard of virtual hosts covers nothing",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["*", "r/a.com"]), sends("VHDS", ["r/web=r/a.com"]), ack(), unsubscribe("VHDS", ["r/a.com"])],
      ...[nothing(), change({ VHDS: { "r/web": host(2, "a.com"), "r/other": host(2, "c.com") } }), nothing()],
    ],
  },
  {
    rule: [18, 19],
    name: "a host that is created behind an unanswered response is sent after the deadline",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[
        ask("VHDS", ["r/x.com"]),
        sends("VHDS", ["r/x.com~=r/x.com"]),
        change({ VHDS: { "r/new": host(1, "x.com") } }),
      ],
      ...[nothing(), wake(ORDER_TIMEOUT), sends("VHDS", ["r/new=r/x.com"]), ack(), nothing()],
    ],
  },
  {
    rule: [11, 19],
    name: "a rollback of a rejected virtual host is sent",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com"]), sends("VHDS", ["r/web=r/a.com"]), ack()],
      ...[
        change({ VHDS: { "r/web": host(2, "a.com", "b.com") } }),
        sends("VHDS", ["r/web=r/a.com"]),
        nack(),
        nothing(),
      ],
      ...[change({ VHDS: HOSTS }), sends("VHDS", ["r/web=r/a.com"]), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "a host that falls back to a domain that was there before is sent from there",
    mode: "delta",
    snapshot: { VHDS: { "r/all": host(1, "*"), "r/exact": host(1, "x.com") } },
    script: [
      ...[
        ask("VHDS", ["r/x.com"]),
        sends("VHDS", ["r/exact=r/x.com"]),
        ack(),
        change({ VHDS: { "r/exact": undefined } }),
      ],
      ...[sends("VHDS", ["r/all=r/x.com"], { removed: ["r/exact"] }), ack(), nothing()],
    ],
  },
  {
    rule: [17, 19],
    name: "routes that the client has already wait for a word of their hosts too",
    mode: "delta",
    snapshot: { RDS: { r: { content: 1, vhds: true }, q: { content: 1, vhds: true } }, VHDS: HOSTS },
    script: [
      ...[ask("RDS", ["r"]), sends("RDS", ["r"]), ack(), ask("VHDS"), sends("VHDS", [], { removed: ["r/"] })],
      ...[ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "the host of one route configuration is none of another's",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [ask("VHDS", ["q/a.com"]), sends("VHDS", ["q/a.com~=q/a.com"]), ack(), nothing()],
  },
  {
    rule: 19,
    name: "domains with a wildcard answer, the longest and the exact ones first",
    mode: "delta",
    snapshot: {
      VHDS: {
        "r/all": host(1, "*"),
        "r/end": host(1, "*.com"),
        "r/longer": host(1, "*.a.com"),
        "r/begin": host(1, "www.*"),
        "r/exact": host(1, "x.a.com"),
      },
    },
    script: [
      ...[ask("VHDS", ["r/x.a.com"]), sends("VHDS", ["r/exact=r/x.a.com"]), ack()],
      ...[subscribe("VHDS", ["r/y.a.com"]), sends("VHDS", ["r/longer=r/y.a.com"]), ack()],
      ...[subscribe("VHDS", ["r/b.com"]), sends("VHDS", ["r/end=r/b.com"]), ack()],
      ...[subscribe("VHDS", ["r/www.b.org"]), sends("VHDS", ["r/begin=r/www.b.org"]), ack()],
      ...[subscribe("VHDS", ["r/www.b.com"]), sends("VHDS", ["r/end=r/www.b.com"]), ack()],
      ...[subscribe("VHDS", ["r/b.org:8080"]), sends("VHDS", ["r/all=r/b.org:8080"]), ack()],
    ],
  },
  {
    rule: 19,
    name: "hosts are compared without case, and without a port that no domain has",
    mode: "delta",
    snapshot: { VHDS: { "r/web": host(1, "A.com"), "r/port": host(1, "b.com:81") } },
    script: [
      ...[ask("VHDS", ["r/a.COM:80"]), sends("VHDS", ["r/web=r/a.COM:80"]), ack()],
      ...[subscribe("VHDS", ["r/b.com:81"]), sends("VHDS", ["r/port=r/b.com:81"]), ack()],
      ...[subscribe("VHDS", ["r/b.com:82"]), sends("VHDS", ["r/b.com:82~=r/b.com:82"]), ack()],
    ],
  },
  {
    rule: 19,
    name: "a host that another resource answers to now is sent from there",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/c.com"]), sends("VHDS", ["r/other=r/c.com"]), ack()],
      change({ VHDS: { "r/other": undefined, "r/next": host(1, "c.com") } }),
      ...[sends("VHDS", ["r/next=r/c.com"], { removed: ["r/other"] }), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "a host that is given up is not followed any more",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com", "r/c.com"]), sends("VHDS", ["r/web=r/a.com", "r/other=r/c.com"]), ack()],
      ...[unsubscribe("VHDS", ["r/c.com"]), nothing(), change({ VHDS: { "r/other": host(2, "c.com") } }), nothing()],
      ...[change({ VHDS: { "r/web": host(2, "a.com") } }), sends("VHDS", ["r/web=r/a.com"]), ack()],
    ],
  },
  {
    rule: 19,
    name: "one of two hosts of a resource that is given up leaves the other",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com", "r/b.com"]), sends("VHDS", ["r/web=r/a.com=r/b.com"]), ack()],
      ...[unsubscribe("VHDS", ["r/b.com"]), nothing(), change({ VHDS: { "r/web": host(2, "a.com", "b.com") } })],
      ...[sends("VHDS", ["r/web=r/a.com"]), ack(), unsubscribe("VHDS", ["r/b.com"]), nothing()],
    ],
  },
  {
    rule: 19,
    name: "the resource of two hosts, of which one is given up, is removed when it goes",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com", "r/b.com"]), sends("VHDS", ["r/web=r/a.com=r/b.com"]), ack()],
      ...[unsubscribe("VHDS", ["r/b.com"]), nothing(), change({ VHDS: { "r/web": undefined } })],
      ...[sends("VHDS", [], { removed: ["r/web"] }), ack(), nothing()],
    ],
  },
  {
    rule: [6, 19],
    name: "a rejected virtual host is not sent again on its own, and a question is answered",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com"]), sends("VHDS", ["r/web=r/a.com"]), nack(), nothing()],
      ...[subscribe("VHDS", ["r/c.com"]), sends("VHDS", ["r/other=r/c.com"]), ack(), nothing()],
      ...[change({ VHDS: { "r/web": host(2, "a.com") } }), sends("VHDS", ["r/web=r/a.com"]), ack(), nothing()],
    ],
  },
  {
    rule: [11, 19],
    name: "after a reconnect what the client has is not sent, what changed is, and what is gone is removed",
    mode: "delta",
    snapshot: { VHDS: { ...HOSTS, "r/third": host(1, "d.com") } },
    script: [
      ask("VHDS", ["r/a.com", "r/c.com", "r/d.com"]),
      ...[sends("VHDS", ["r/web=r/a.com", "r/other=r/c.com", "r/third=r/d.com"]), ack(), reconnect()],
      change({ VHDS: { "r/other": host(2, "c.com"), "r/third": undefined } }),
      // Envoy asks for everything then, which here means nothing.
      ...[ask("VHDS", ["*"]), sends("VHDS", ["r/other"], { removed: ["r/third"] }), ack(), nothing()],
    ],
  },
  {
    rule: [11, 19],
    name: "after a reconnect with nothing new the empty answer comes all the same",
    mode: "delta",
    snapshot: { VHDS: HOSTS },
    script: [
      ...[ask("VHDS", ["r/a.com"]), sends("VHDS", ["r/web=r/a.com"]), ack(), reconnect()],
      ...[ask("VHDS", ["r/a.com"]), sends("VHDS", []), ack(), nothing()],
      ...[change({ VHDS: { "r/web": host(2, "a.com") } }), sends("VHDS", ["r/web=r/a.com"]), ack()],
    ],
  },
  {
    rule: [17, 19],
    name: "routes whose hosts come on demand wait for a word of them: their namespace is said to be empty",
    mode: "delta",
    snapshot: { RDS: { r: { content: 1, vhds: true } }, VHDS: HOSTS },
    script: [
      ...[ask("RDS", ["r"]), sends("RDS", ["r"]), ask("VHDS"), sends("VHDS", [], { removed: ["r/"], missing: [] })],
      ...[ack("VHDS"), ack("RDS"), nothing(), change({ RDS: { r: { content: 2, vhds: true } } })],
      ...[sends("RDS", ["r"]), sends("VHDS", [], { removed: ["r/"] }), ack("VHDS"), ack("RDS"), nothing()],
      ...[change({ RDS: { r: 3 } }), sends("RDS", ["r"]), ack(), nothing()],
    ],
  },
  {
    rule: 19,
    name: "a cluster on demand that is not there is answered at once, and sent when it is created",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, EDS: { b: 1 } },
    script: [
      ...[ask("CDS", ["a"]), sends("CDS", ["a"]), ack(), subscribe("CDS", ["b"])],
      ...[sends("CDS", [], { removed: ["b"] }), ack(), nothing(), change({ CDS: { b: 1 } }), sends("CDS", ["b"])],
      ...[subscribe("EDS", ["b"]), sends("EDS", ["b"]), ack("EDS"), ack("CDS"), nothing()],
    ],
  },
  {
    rule: 19,
    name: "a cluster on demand does not wait for routes that are unanswered",
    mode: "delta",
    snapshot: { CDS: { a: 1 }, RDS: { r: 1 } },
    script: [
      ...[ask("RDS", ["r"]), sends("RDS", ["r"]), ask("CDS", ["a"]), sends("CDS", ["a"]), subscribe("CDS", ["x"])],
      ...[nothing(), ack("CDS"), sends("CDS", [], { removed: ["x"] }), ack("CDS"), ack("RDS"), nothing()],
    ],
  },
  {
    rule: 19,
    name: "routes of a scope are answered whenever they are asked for",
    mode: "both",
    snapshot: { CDS: { a: 1 }, LDS: { l: 1 }, SRDS: { s: 1, t: 2 }, RDS: { q: 1, r: 1 } },
    script: [
      ...[ask("CDS"), sends("CDS", ["a"]), ack(), ask("LDS"), sends("LDS", ["l"]), ack()],
      ...[ask("SRDS"), sends("SRDS", ["s", "t"]), ask("RDS", ["q"]), sends("RDS", ["q"]), ack("SRDS"), ack("RDS")],
      ...[wake(ORDER_TIMEOUT), ask("RDS", ["q", "r"]), sends("RDS", ["r"]), ack(), nothing()],
    ],
  },
];
