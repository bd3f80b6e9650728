import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a/{b}"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "a"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a*b"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/**/*"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a}/{a}"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=*}/**"}}}, route: {cluster: c, prefix_rewrite: /}',
    "conflicting-fields",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=*}/**"}}}, route: {cluster: c, path_rewrite_policy: {name: w, typed_config: {<extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig>, path_template_rewrite: "/{a}/x"}}}',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=*}/**"}}}, route: {cluster: c, path_rewrite_policy: {name: w, typed_config: {<extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig>, path_template_rewrite: "/{bc}/x"}}}',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=*}/**"}}}, route: {cluster: c, path_rewrite_policy: {name: w, typed_config: {<extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig>, path_template_rewrite: "{a}/x"}}}',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=*}/**"}}}, route: {cluster: c, path_rewrite_policy: {name: w, typed_config: {<extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig>, path_template_rewrite: "/a//x"}}}',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=*}/**"}}}, route: {cluster: c, path_rewrite_policy: {name: w, typed_config: {<extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig>, path_template_rewrite: "/{a"}}}',
    "bad-template",
  ],
  [
    "route",
    '$match, route: {cluster: c, path_rewrite_policy: {name: w, typed_config: {<extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig>, path_template_rewrite: "/x"}}}',
    "conflicting-fields",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{ab=x/*/y}/{cd}.m3u8"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a//b"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a/"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a*b/c"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/*b/c"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a}/{b}/{c}/{d}/{e}/{f}"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{abcdefghijklmnopq}"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{1a}"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=}"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=b/}"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/{a=**}/{b}"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a?b"}}}, $direct',
    "bad-template",
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a%20b"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a*"}}}, $direct',
  ],
  [
    "route",
    'match: {path_match_policy: {name: x, typed_config: {<extensions.path.match.uri_template.v3.UriTemplateMatchConfig>, path_template: "/a=b:c@d!$&\'()+,;"}}}, $direct',
  ],
];

Deno.test("path templates are read as Envoy reads them", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});
