import { assertEquals } from "@std/assert";
import { cidrFault, cidrKey, ipFault, ipKey, parseIp } from "./address.ts";

// Each was tried with Envoy 1.40.0.
const GOOD = [
  ..."127.0.0.1 0.0.0.0 255.255.255.255 :: ::1 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::ffff:1.2.3.4 1:2:3:4:5:6:1.2.3.4"
    .split(" "),
  ..."fe80::1%lo fe80::1%1 fe80::1%01 ::1%7 2001:db8::1%3 ff02::1%lo ::1.2.3.4%1 ABCD::1".split(" "),
];

const BAD = [
  ..."0127.0.0.1 01.2.3.4 127.1 1.2.3 1.2.3.4.5 256.0.0.1 0x7f.0.0.1 2130706433 localhost [::1] 1.2.3.4%1 ١.1.1.1"
    .split(" "),
  ..."1::2::3 1::2:3:4:5:6:7:8 ::1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7: :1:: ::: : 12345:: 00000::1".split(
    " ",
  ),
  ..."::0x1 ::G ::1.2.3.04 ::1.2 ::ffff:300.1.1.1 1:2:3:4:5:6:7:1.2.3.4 1.2.3.4::".split(" "),
  ..."fe80::1% fe80::1%4294967296 fe80::1%-1 fe80::1%+1 fe80::1%25%lo ::1%lo 2001:db8::1%lo".split(" "),
  "",
  " 1.2.3.4",
  "1.2.3.4 ",
  "fe80::1% 1",
  "1.2.3.4/8",
  "1.2.3.4:80",
];

Deno.test("an address is what inet_pton takes, and an IPv6 address with a scope", () => {
  assertEquals(GOOD.filter((text) => ipFault(text) !== undefined), []);
  assertEquals(BAD.filter((text) => ipFault(text) === undefined), []);
});

Deno.test("a fault names the text, and what is too much of it", () => {
  assertEquals(ipFault("localhost"), `"localhost" is not an IP address`);
  assertEquals(ipFault("[::1]"), `"[::1]" is not an IP address: an IPv6 address stands without brackets`);
  assertEquals(ipFault("1.2.3.4:80"), `"1.2.3.4:80" is not an IP address: the port belongs in port_value`);
  assertEquals(cidrFault("10.0.0.0"), undefined);
  assertEquals(cidrFault("::/0"), `"::/0" is not an IP address: the length of the prefix belongs in prefix_len`);
  assertEquals(cidrFault("10.0.0/8"), `"10.0.0/8" is not an IP address`);
});

Deno.test("an address has one key, however it is written", () => {
  const key = (text: string) => {
    const ip = parseIp(text);
    return ip === undefined ? undefined : ipKey(ip);
  };
  assertEquals(key("0:0:0:0:0:0:0:1"), "::1");
  assertEquals(key("0::"), "::");
  assertEquals(key("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
  assertEquals(key("1::1.2.3.4"), "1::102:304");
  assertEquals(key("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
  assertEquals(key("FE80::1%01"), "fe80::1%1");
  assertEquals(key("fe80::1%0"), "fe80::1");
  assertEquals(key("127.0.0.1"), "127.0.0.1");
  assertEquals(key("x"), undefined);
});

Deno.test("a range has one key for all addresses in it, and more bits than there are mean all", () => {
  assertEquals(cidrKey("10.2.3.4", 8), "10.0.0.0/8");
  assertEquals(cidrKey("10.2.255.4", 20), "10.2.240.0/20");
  assertEquals(cidrKey("10.2.3.4", 0), "0.0.0.0/0");
  assertEquals(cidrKey("10.2.3.4", 33), "10.2.3.4/32");
  assertEquals(cidrKey("2001:db8:ffff::1", 33), "2001:db8:8000::/33");
  assertEquals(cidrKey("fe80::1%1", 64), "fe80::/64");
  assertEquals(cidrKey("fe80::1%1", 128), "fe80::1%1/128");
  assertEquals(cidrKey("10.2.3", 8), undefined);
});
