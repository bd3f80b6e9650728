/**
 * Numbers as people read them.
 *
 * @module
 */

/** `1 resource`, `12 resources`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** `812 B`, `1.4 MB`; 1 KB is 1000 bytes. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Columns, as wide as what is in them; numbers to the right. */
export function columns(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  return texts.map((row, line) =>
    row.map((text, column) =>
      typeof rows[1]?.[column] === "number" && (line === 0 || typeof rows[line]?.[column] === "number")
        ? text.padStart(widths[column] ?? 0)
        : text.padEnd(widths[column] ?? 0)
    ).join("  ").trimEnd() + "\n"
  ).join("");
}
