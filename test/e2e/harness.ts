/**
 * What an end-to-end test needs: the compiled xcp, a real Envoy, backends, load, files, and waiting for a condition.
 * Everything that is started is held with `await using`, so it ends with the test, passed or not.
 *
 * @module
 */
export { findEnvoy } from "../tools/envoy.ts";
export * from "./harness/adapter.ts";
export { type Answer, ask, type AskOptions, eventuallyAnswers } from "./harness/ask.ts";
export { type Backend, type BackendOptions, startBackend } from "./harness/backend.ts";
export { type Child, type ChildOptions, runToEnd, spawn } from "./harness/child.ts";
export { type Envoy, type EnvoyOptions, startEnvoy } from "./harness/envoy.ts";
export { eventually, type EventuallyOptions } from "./harness/eventually.ts";
export { type Folder, replaceFile, temporaryFolder } from "./harness/files.ts";
export { type Failure, type Load, type LoadOptions, type Report, startLoad } from "./harness/load.ts";
export { freePort, isFree } from "./harness/ports.ts";
export { ADS, cluster, documents, endpoints, listener, type ListenerOptions, route, secret } from "./harness/site.ts";
export { acceptedIn, fileStore, type LogEntry, s3Environment, snapshot, snapshotLog } from "./harness/snapshot.ts";
export { startSwitch, type Switch } from "./harness/switch.ts";
export * from "./harness/world.ts";
export { runXcp, startXcp, type Xcp, xcpBinary, type XcpOptions } from "./harness/xcp.ts";
