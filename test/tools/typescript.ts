/**
 * TypeScript as an editor has it: files that exist in memory only, beside the libraries of the compiler.
 *
 * @module
 */
import ts from "typescript";

/** The folder that the files are in. */
const FOLDER = "/author";

export interface Compiled {
  /** `name.ts:3: message` for each error, in the order of the files. */
  readonly errors: readonly string[];
  /** How much work it was, which is the same on every machine. */
  readonly instantiations: number;
}

/**
 * Compiles files by their names with the settings of a `tsconfig.json`, without writing anything.
 *
 * @param files Text by name. `tsconfig.json` is one of them.
 * @param more Settings beside those of the file.
 */
export function compile(files: Readonly<Record<string, string>>, more: ts.CompilerOptions = {}): Compiled {
  const texts = new Map(Object.entries(files).map(([name, text]) => [`${FOLDER}/${name}`, text]));
  const { config } = ts.parseConfigFileTextToJson("tsconfig.json", texts.get(`${FOLDER}/tsconfig.json`) ?? "");
  const { options, errors } = ts.convertCompilerOptionsFromJson(config.compilerOptions, FOLDER);
  const host = ts.createCompilerHost({ ...options, ...more });
  const { getSourceFile, readFile, fileExists, directoryExists } = host;
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.directoryExists = (path) => path === FOLDER || directoryExists?.(path) === true;
  host.getSourceFile = (path, target, ...rest) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target);
  };
  host.getCurrentDirectory = () => FOLDER;
  const roots = [...texts.keys()].filter((path) => path.endsWith(".ts"));
  const program = ts.createProgram(roots, { ...options, ...more }, host);
  const found = [...errors, ...ts.getPreEmitDiagnostics(program)];
  return { errors: found.map(lineOf), instantiations: program.getInstantiationCount() };
}

function lineOf({ file, start = 0, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (file === undefined) return message;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${file.fileName.slice(FOLDER.length + 1)}:${line + 1}: ${message}`;
}
