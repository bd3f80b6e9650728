/** What the tests use of `@std/assert` 1. */

type ErrorClass<E> = abstract new (...args: never[]) => E;

export function assert(condition: unknown, message?: string): asserts condition;
export function assertEquals<T>(actual: T, expected: T, message?: string): void;
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
export function assertStringIncludes(actual: string, expected: string, message?: string): void;
export function assertMatch(actual: string, expected: RegExp, message?: string): void;
export function assertThrows(run: () => unknown, message?: string): unknown;
export function assertThrows<E extends Error>(run: () => unknown, type: ErrorClass<E>, includes?: string): E;
export function assertRejects(run: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
export function assertRejects<E extends Error>(
  run: () => PromiseLike<unknown>,
  type: ErrorClass<E>,
  includes?: string,
): Promise<E>;
