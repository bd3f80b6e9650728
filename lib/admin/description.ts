/**
 * `GET /openapi.json`: the API, described from the schemas that check its requests.
 *
 * @module
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import type { Hono } from "hono";
import { generateSpecs, loadVendor } from "hono-openapi";
import type * as v from "valibot";

/** OpenAPI 3.1. `title` is what serves it: `xcp 0.1.0`. */
export async function describe(app: Hono, title: string): Promise<string> {
  // Handed over, so that it does not look for a converter in the folder that xcp runs in.
  loadVendor("valibot", {
    toJSONSchema: (schema, options) => toJsonSchema(schema as v.GenericSchema, options),
  });
  const [name = "", version = ""] = title.split(" ");
  return JSON.stringify(
    await generateSpecs(app, {
      documentation: {
        openapi: "3.1.0",
        info: { title: name, version, description: "Health, state and configuration of an xDS control plane" },
        components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
        // The token is asked for beyond loopback.
        security: [{}, { token: [] }],
      },
      excludeStaticFile: false,
      defaultValidationErrorResponse: false,
    }),
  );
}
