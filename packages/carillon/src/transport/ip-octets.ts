/** IP addresses as octets: four, or sixteen. */
import type { Octets } from "../grammar/octets.ts";
import { isIpv4, isIpv6 } from "../uri/host.ts";

/** Undefined for what is no IP address. A zone is left out, and so are brackets. */
export function ipOctets(host: string): Octets | undefined {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const plain = bare.split("%", 1)[0] ?? "";
  if (isIpv4(plain)) return fourOctets(plain);
  return isIpv6(plain) ? sixteenOctets(plain) : undefined;
}

/** As people write them, an IPv6 address without its short forms. */
export function formatIp(octets: Octets): string {
  if (octets.length === 4) return Array.from(octets, (one) => one.charCodeAt(0)).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => {
    const group = octets.charCodeAt(2 * i) * 256 + octets.charCodeAt(2 * i + 1);
    return group.toString(16);
  });
  return groups.join(":");
}

const fourOctets = (host: string): Octets =>
  String.fromCharCode(...host.split(".").map((part) => Number(part)));

function sixteenOctets(host: string): Octets {
  const [before = "", after] = host.split("::");
  const [front, back] = [groupsIn(before), groupsIn(after ?? "")];
  return front + "\0".repeat(16 - front.length - back.length) + back;
}

/** The last may be an IPv4 address. */
const groupsIn = (text: string): Octets =>
  text
    .split(":")
    .filter((group) => group !== "")
    .map((group) => {
      if (group.includes(".")) return fourOctets(group);
      const value = Number.parseInt(group, 16);
      return String.fromCharCode(value >>> 8, value & 255);
    })
    .join("");
