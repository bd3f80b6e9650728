/**
 * The commands, in the order in which a newcomer needs them. A command's file is loaded when it is asked for.
 *
 * @module
 */
import type { Entry } from "./command.ts";

export const COMMANDS: readonly Entry[] = [
  {
    name: "playground",
    summary: "see it work: coloured backends, a real Envoy, and a page to change the policy on",
    load: async () => (await import("./playground.ts")).playground,
  },
  {
    name: "serve",
    summary: "serve xDS from files, adapters and stores, and what is written over HTTP",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "validate",
    summary: "check configuration offline: what Envoy would reject, with file, line and column",
    load: async () => (await import("./validate.ts")).validate,
  },
  {
    name: "diff",
    summary: "what would change from one configuration to another: files, snapshots, running servers",
    load: async () => (await import("./diff.ts")).diff,
  },
  {
    name: "snapshot",
    summary: "keep configurations in a store: push, pull, log, show, verify, rollback, prune",
    load: async () => (await import("./snapshot.ts")).snapshot,
  },
  {
    name: "status",
    summary: "who is connected, what each client has, what it rejected and why",
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "get",
    summary: "ask any xDS server and print what it answers, or what changes",
    load: async () => (await import("./get.ts")).get,
  },
  {
    name: "bootstrap",
    summary: "print an Envoy or gRPC bootstrap file that points at xcp",
    load: async () => (await import("./bootstrap.ts")).bootstrap,
  },
  {
    name: "types",
    summary: "write the TypeScript types and an example for adapter authors",
    load: async () => (await import("./types.ts")).types,
  },
  {
    name: "completion",
    summary: "print a script that completes commands and flags in bash, zsh or fish",
    load: async () => (await import("./completion.ts")).completionOn(COMMANDS),
  },
  {
    name: "version",
    summary: "print the version of xcp and of the Envoy API in it",
    load: async () => (await import("./version.ts")).version,
  },
  {
    name: "help",
    summary: "explain a command",
    load: async () => (await import("./help.ts")).helpOn(COMMANDS),
  },
];

/** Commands that no person types: xcp starts itself with them. No help lists them. */
export const HIDDEN: readonly Entry[] = [
  {
    name: "adapter-host",
    summary: "run a TypeScript or JavaScript adapter, spoken to on standard input and output",
    load: async () => (await import("./adapter_host.ts")).adapterHost,
  },
];
