/**
 * Floating-point numbers as text, in all the forms that Envoy takes (those of absl's `SimpleAtod`).
 *
 * @module
 */

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEX = /^([+-]?)0[xX](?=\.?[0-9a-fA-F])([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([+-]?[0-9]+))?$/;
const NAMED = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** The number, or undefined for what is none: `1.5`, `.5`, `1e4`, `0x1.8p1`, `Infinity`, `nan`. */
export function parseFloatText(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const hex = HEX.exec(text);
  if (hex !== null) {
    const [, sign, whole = "", fraction = "", exponent = "0"] = hex;
    const size = parseInt(whole + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
    return sign === "-" ? -size : size;
  }
  const named = NAMED.exec(text);
  if (named === null) return undefined;
  const [, sign, infinite] = named;
  return infinite === undefined ? NaN : sign === "-" ? -Infinity : Infinity;
}
