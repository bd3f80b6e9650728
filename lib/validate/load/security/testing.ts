/**
 * Whole bootstraps of a few fields, for the tables of the tests. The same tables are given to Envoy.
 *
 * @module
 */
import type { Api } from "../../../model/api.ts";
import { broken as brokenBy } from "../routes/testing.ts";
import { SECURITY_AREA } from "../security.ts";

/** What the fields of a case belong to. */
export type Place = "listener TLS" | "cluster TLS" | "cluster socket" | "log" | "filter" | "bootstrap";

/** Fields in YAML's flow style, and the rule that they break; without a rule, Envoy takes them. */
export type Case = readonly [place: Place, fields: string, rule?: string];

/**
 * The bootstrap of a case. `<a.b.C>` stands for the `@type` of `envoy.a.b.C`; `$chain`, `$key` and `$raw` for a
 * certificate, its key, and a socket without TLS; `$other` for another key and `$nameless` for a certificate without a
 * name.
 */
export function bootstrap([place, fields]: Case): string {
  return expand(wrap(place, fields));
}

const TLS = "extensions.transport_sockets.tls.v3";
const MANAGER = "<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>";

function wrap(place: Place, fields: string): string {
  switch (place) {
    case "bootstrap":
      return `{${fields}}`;
    case "listener TLS":
      return listener("", `transport_socket: {name: t, typed_config: {<${TLS}.DownstreamTlsContext>, ${fields}}}`);
    case "cluster TLS":
      return wrap("cluster socket", `<${TLS}.UpstreamTlsContext>, ${fields}`);
    case "cluster socket":
      return wrap(
        "bootstrap",
        `static_resources: {clusters: [{name: c, type: STATIC, transport_socket: {name: t, typed_config: {${fields}}}}]}`,
      );
    case "log":
      return listener(`access_log: [{name: l, typed_config: {${fields}}}], `);
    case "filter":
      return listener(
        `access_log: [{name: l, filter: {extension_filter: {name: f, typed_config: {${fields}}}}, ` +
          "typed_config: {<extensions.access_loggers.stream.v3.StdoutAccessLog>}}], ",
      );
  }
}

function listener(manager: string, chain = "name: f"): string {
  const router = "{name: r, typed_config: {<extensions.filters.http.router.v3.Router>}}";
  const filter = `{name: h, typed_config: {${MANAGER}, stat_prefix: s, ${manager}route_config: {name: rc}, ` +
    `http_filters: [${router}]}}`;
  const address = "{socket_address: {address: 127.0.0.1, port_value: 0}}";
  return wrap(
    "bootstrap",
    `static_resources: {clusters: [{name: c, type: STATIC}], ` +
      `listeners: [{name: l, address: ${address}, filter_chains: [{filters: [${filter}], ${chain}}]}]}`,
  );
}

function expand(text: string): string {
  return text
    .replaceAll("$chain", JSON.stringify(CHAIN))
    .replaceAll("$nameless", JSON.stringify(NAMELESS))
    .replaceAll("$key", JSON.stringify(KEY))
    .replaceAll("$other", JSON.stringify(OTHER))
    .replaceAll("$raw", "{name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}")
    .replace(/<([\w.]+)>/g, '"@type": type.googleapis.com/envoy.$1');
}

/** The rules of this area that a case breaks. */
export function broken(api: Api, each: Case): string[] {
  return brokenBy(api, bootstrap(each), SECURITY_AREA.checks);
}

// Of no use outside of these tests: nothing trusts them.
const CHAIN = `-----BEGIN CERTIFICATE-----
MIIBejCCAR+gAwIBAgIUP0gVPrKIA6C8hCfGa1Mee/RlIW4wCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGYS50ZXN0MCAXDTI2MTEyMzAwMDA1MloYDzIxMjYxMDMwMDAw
MDUyWjARMQ8wDQYDVQQDDAZhLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAT02H6ZAjRTottcN/hq+CanpMiTIOPRfC3ti9I7BWk4cdZOhzd7/GPl4wlJTjKe
Y4K2DpQTbCwFwmGbeb2CYeBlo1MwUTAdBgNVHQ4EFgQUx28XGAjYlB9RFHOBMV5O
7m+UXv0wHwYDVR0jBBgwFoAUx28XGAjYlB9RFHOBMV5O7m+UXv0wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAu7kzTs7TnCMdIXeeECvHoxh2DKnQ
0AlLrkn7lK3JcH4CIQCgp/+IoLUO/dthGyo3JMJBBjJIjuLsFFhllT8jyNde3A==
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgADW4+Fjl5LtzSvLu
plUH4iFfAs0qzOdvmTOEx/paBE+hRANCAAT02H6ZAjRTottcN/hq+CanpMiTIOPR
fC3ti9I7BWk4cdZOhzd7/GPl4wlJTjKeY4K2DpQTbCwFwmGbeb2CYeBl
-----END PRIVATE KEY-----
`;

const OTHER = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvHpx3uOplcmlrvyR
okhF7zrwE+Z+Fh137RzmMy21eWuhRANCAATY8t3mFt0NKiz4K7x1mysDOwf3LaDA
jL1Cmw/gs+dbJVuB20+vmYMfdei5jlD0g9j/f8kil26otpFsrJI093Ya
-----END PRIVATE KEY-----
`;

const NAMELESS = `-----BEGIN CERTIFICATE-----
MIIBVjCB/aADAgECAhQXBQBqvMNDwie0Xrd4xGPpLs7uXjAKBggqhkjOPQQDAjAA
MCAXDTI2MTEyMzAwMDA1MloYDzIxMjYxMDMwMDAwMDUyWjAAMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAE9Nh+mQI0U6LbXDf4avgmp6TIkyDj0Xwt7YvSOwVpOHHW
Toc3e/xj5eMJSU4ynmOCtg6UE2wsBcJhm3m9gmHgZaNTMFEwHQYDVR0OBBYEFMdv
FxgI2JQfURRzgTFeTu5vlF79MB8GA1UdIwQYMBaAFMdvFxgI2JQfURRzgTFeTu5v
lF79MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgPcL7mbRFXltj
HC0tDRmBrYFfm6yIYRFFpXKtlNVykgACIQCIV62ugAK31YhLJtBlYBS7vNoYA4gw
vkvS4KPQN31Axw==
-----END CERTIFICATE-----
`;
