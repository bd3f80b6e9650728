/**
 * `sd_notify`: tells systemd what the service is doing. systemd listens on a Unix datagram socket, which `node:dgram`
 * does not have, so under Bun the C library is called; under other runtimes nothing is said.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 * @module
 */
import process from "node:process";

/** Sends lines of `NAME=value` to systemd. Never throws: a service that cannot tell goes on. */
export type Notify = (...lines: string[]) => void;

/** The part of `bun:ffi` that is used. */
interface ForeignFunctions {
  dlopen(library: string, functions: Record<string, { args: string[]; returns: string }>): {
    readonly symbols: {
      socket(domain: number, type: number, protocol: number): number;
      sendto(fd: number, data: number, size: bigint, flags: number, address: number, addressSize: number): bigint;
      close(fd: number): number;
      clock_gettime(clock: number, time: number): number;
    };
  };
  ptr(bytes: Uint8Array): number;
}

const FUNCTIONS = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: "i64" },
  close: { args: ["i32"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
};
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL = 0x4000;
const CLOCK_MONOTONIC = 1;

/** The message of a reload that begins: systemd wants to know when, by its own clock. */
export const RELOADING = "RELOADING=1";

/** A notifier for `$NOTIFY_SOCKET`; one that says nothing when systemd did not start the process. */
export function createNotify(socketPath: string | undefined): Notify {
  const ffi = socketPath === undefined || process.platform !== "linux" ? undefined : foreignFunctions();
  if (socketPath === undefined || ffi === undefined) return () => {};
  const symbols = libc(ffi);
  if (symbols === undefined) return () => {};
  const address = socketAddress(socketPath);
  const monotonic = () => {
    const time = new Uint8Array(16);
    symbols.clock_gettime(CLOCK_MONOTONIC, ffi.ptr(time));
    const view = new DataView(time.buffer);
    return view.getBigInt64(0, true) * 1_000_000n + view.getBigInt64(8, true) / 1_000n;
  };
  return (...lines) => {
    if (lines.includes(RELOADING)) lines.push(`MONOTONIC_USEC=${monotonic()}`);
    const message = new TextEncoder().encode(lines.join("\n"));
    const fd = symbols.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) return;
    symbols.sendto(fd, ffi.ptr(message), BigInt(message.length), MSG_NOSIGNAL, ffi.ptr(address), address.length);
    symbols.close(fd);
  };
}

/** `struct sockaddr_un`. A leading `@` stands for the zero byte of an abstract name. */
export function socketAddress(path: string): Uint8Array {
  const name = new TextEncoder().encode(path);
  if (name[0] === 0x40) name[0] = 0;
  return Uint8Array.of(AF_UNIX, 0, ...name);
}

/** The C library of this system, by the names that glibc and musl give it; undefined when there is neither. */
function libc(ffi: ForeignFunctions) {
  for (const name of ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"]) {
    try {
      return ffi.dlopen(name, FUNCTIONS).symbols;
    } catch {
      // The next one.
    }
  }
  return undefined;
}

function foreignFunctions(): ForeignFunctions | undefined {
  const find: ((name: string) => unknown) | undefined = process.getBuiltinModule?.bind(process);
  return find?.("bun:ffi") as ForeignFunctions | undefined;
}
