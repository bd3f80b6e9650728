/**
 * Scripts for the browser: modules in files of their own, which are joined into one text without a build.
 *
 * @module
 */

/**
 * The text of one script out of the texts of modules, those that are imported first. `import` and `export` at the
 * beginning of a line fall away, so all share one scope: no name may be given twice.
 */
export function browserScript(...modules: readonly string[]): string {
  return modules.map((module) =>
    module.replaceAll(/^import\b[^;]*;\n/gm, "").replaceAll(/^export (?=(?:async )?function |const |class )/gm, "")
  ).join("\n");
}
