import { assertEquals } from "@std/assert";
import { loadApi } from "./api.ts";
import { fileOfSymbol, withImports } from "./symbols.ts";

const api = loadApi();
const CDS = "envoy/service/cluster/v3/cds.proto";

Deno.test("a symbol is found in the file that defines it, whatever it is", () => {
  const found = (symbol: string) => fileOfSymbol(api, symbol);
  assertEquals(found("envoy.service.cluster.v3.ClusterDiscoveryService"), CDS);
  assertEquals(found("envoy.service.cluster.v3.ClusterDiscoveryService.FetchClusters"), CDS);
  const cluster = "envoy/config/cluster/v3/cluster.proto";
  assertEquals(found("envoy.config.cluster.v3.Cluster"), cluster);
  assertEquals(found("envoy.config.cluster.v3.Cluster.CommonLbConfig"), cluster);
  assertEquals(found("envoy.config.cluster.v3.Cluster.eds_cluster_config"), cluster);
  assertEquals(found("envoy.config.cluster.v3.Cluster.DiscoveryType"), cluster);
  assertEquals(found("envoy.config.cluster.v3.Cluster.cluster_discovery_type"), cluster);
  assertEquals(found("validate.rules"), "validate/validate.proto");
  assertEquals(found("grpc.health.v1.Health"), "grpc/health/v1/health.proto");
  assertEquals(found("grpc.reflection.v1alpha.ServerReflection"), "grpc/reflection/v1alpha/reflection.proto");
});

Deno.test("a name that nothing has is in no file", () => {
  for (const symbol of ["", ".", "Cluster", "envoy", "envoy.config.cluster.v3.Cluster.nothing", "toString"]) {
    assertEquals(fileOfSymbol(api, symbol), undefined, symbol);
  }
});

Deno.test("a file comes with its imports, each once and before what needs it", () => {
  const files = withImports(api, CDS);
  assertEquals(files.at(-1), CDS);
  assertEquals(new Set(files).size, files.length);
  files.forEach((file, at) => {
    for (const imported of api.imports(file)) {
      const before = files.indexOf(imported);
      assertEquals(before >= 0 && before < at, true, `${file} imports ${imported}`);
    }
  });
  const known = new Set(files.slice(0, -1));
  assertEquals(withImports(api, CDS, known), [CDS]);
  assertEquals(withImports(api, CDS, new Set(files)), []);
  assertEquals(withImports(api, "no/such.proto"), []);
});
