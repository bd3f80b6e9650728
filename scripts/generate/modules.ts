/**
 * The Go modules that the Envoy API comes from: the ones that follow Envoy's releases.
 *
 * @module
 */

/** A Go module at one version, with the hash that its content must have (the `h1:` form of `go.sum`). */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  readonly sum: string;
}

/** The module whose version is the version of Envoy. */
export const ENVOY_MODULE = "github.com/envoyproxy/go-control-plane/envoy";

/** The other versions are those of `go.mod` in {@link ENVOY_MODULE}; raise them together. */
export const MODULES: readonly GoModule[] = [
  {
    path: ENVOY_MODULE,
    version: "v1.40.0",
    sum: "h1:G4dcl8KE/HVPnZ25BBdvGZWi8JjyeBfQSvm95U5P1Qc=",
  },
  {
    path: "cel.dev/expr",
    version: "v0.25.2",
    sum: "h1:K6j46C81hXtZQfuX60cVWQFBJahKSE2gfRbNuvr5bFs=",
  },
  {
    path: "github.com/cncf/xds/go",
    version: "v0.0.0-20260202195803-dba9d589def2",
    sum: "h1:aBangftG7EVZoUb69Os8IaYg++6uMOdKK83QtkkvJik=",
  },
  {
    path: "github.com/envoyproxy/protoc-gen-validate",
    version: "v1.3.3",
    sum: "h1:MVQghNeW+LZcmXe7SY1V36Z+WFMDjpqGAGacLe2T0ds=",
  },
  {
    path: "github.com/prometheus/client_model",
    version: "v0.6.3",
    sum: "h1:O0jaTVAYNxTHYInEPFJt5I3+sN8zqBtVMPTB1qyxiEo=",
  },
  {
    path: "go.opentelemetry.io/proto/otlp",
    version: "v1.11.0",
    sum: "h1:5rrYs0Ykyj50sdU/JU0x8etU+LubXWb+gED6TbEdMIk=",
  },
  {
    path: "google.golang.org/genproto/googleapis/api",
    version: "v0.0.0-20260720211330-0afa2a65878a",
    sum: "h1:97PfJ4tCxY5C7NzzgGqQEMZmXbISdvSArNNEOoUGKBg=",
  },
  {
    path: "google.golang.org/genproto/googleapis/rpc",
    version: "v0.0.0-20260720211330-0afa2a65878a",
    sum: "h1:qI/YMH1ep2qQtqcp00gMQyoU7mjvbhg88GJKCvfoLj0=",
  },
  {
    path: "google.golang.org/grpc",
    version: "v1.84.0",
    sum: "h1:soMyaPJ8pAak5PIQ0DGBUir0XRo2fRoMqhNWMLlLxO0=",
  },
  {
    path: "google.golang.org/protobuf",
    version: "v1.36.12",
    sum: "h1:pJOKDDOyeXErUroCihFAd5LQuwXBSpVnKGrj5o/fwxc=",
  },
];

/** {@link ENVOY_MODULE} of earlier releases, the oldest first: what they have not is newer than they are. */
export const EARLIER: readonly GoModule[] = [
  {
    path: ENVOY_MODULE,
    version: "v1.36.0",
    sum: "h1:yg/JjO5E7ubRyKX3m07GF3reDNEnfOboJ0QySbH736g=",
  },
  {
    path: ENVOY_MODULE,
    version: "v1.37.0",
    sum: "h1:u3riX6BoYRfF4Dr7dwSOroNfdSbEPe9Yyl09/B6wBrQ=",
  },
  {
    path: ENVOY_MODULE,
    version: "v1.38.0",
    sum: "h1:ovzP8o7gc/gkR+Pse/7TbW81fKy0p0JL8H+HxGohZKc=",
  },
  {
    path: ENVOY_MODULE,
    version: "v1.39.0",
    sum: "h1:1uwRDYPYG8BIBU9Mj1sUAebNmlM6beu/ZKKweSLDxk8=",
  },
];

/**
 * Downloads modules into Go's own cache and returns their folders, in the order given. Go checks each against the
 * public checksum database, this function against {@link GoModule.sum}.
 */
export async function downloadModules(modules: readonly GoModule[]): Promise<string[]> {
  const names = modules.map((module) => `${module.path}@${module.version}`);
  const go = await new Deno.Command("go", { args: ["mod", "download", "-json", ...names] }).output();
  // A stream of indented JSON objects, one after another; each ends with a brace in the first column.
  const answers = new TextDecoder().decode(go.stdout).split(/(?<=^\})\n/m).filter((text) => text !== "");
  const folders = new Map<string, string>();
  for (const text of answers) {
    const { Path, Dir, Sum, Error: problem } = JSON.parse(text);
    if (problem !== undefined) throw new Error(`Cannot download "${Path}": ${problem}`);
    const wanted = modules.find((module) => module.path === Path)?.sum;
    if (Sum !== wanted) throw new Error(`Cannot use module "${Path}": its hash is ${Sum}, not ${wanted}`);
    folders.set(Path, Dir);
  }
  return modules.map(({ path }) => {
    const folder = folders.get(path);
    if (folder === undefined) {
      throw new Error(`Cannot download "${path}": ${new TextDecoder().decode(go.stderr).trim()}`);
    }
    return folder;
  });
}
