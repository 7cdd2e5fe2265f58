/**
 * Two interfaces that are one wire, in the namespace that is ours alone: ICE of other programs
 * leaves loopback out.
 */
import { execFileSync } from "node:child_process";

const NAMES = ["carillon-a", "carillon-b"] as const;

export class VethPair {
  /** Of one end; the other has the next. From RFC 5737's addresses for documents. */
  static readonly address = "192.0.2.1";

  static make(): VethPair {
    ip("link", "add", NAMES[0], "type", "veth", "peer", "name", NAMES[1]);
    for (const [nth, name] of NAMES.entries()) {
      ip("addr", "add", `192.0.2.${nth + 1}/24`, "dev", name);
      ip("link", "set", name, "up");
    }
    return new VethPair();
  }

  remove(): void {
    ip("link", "del", NAMES[0]);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}
