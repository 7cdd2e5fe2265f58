import { expect, test } from "vitest";
import { DomainStage, request } from "../testing/domain-stage.ts";
import type { Flow } from "../transport/flow.ts";
import { Bans } from "./bans.ts";
import { isMadeUp, REFLECTORS } from "./reflectors.ts";
import { Shield } from "./shield.ts";

const local = { host: "192.0.2.1", port: 5060 };
const from = (host: string, port: number, connection = 0): Flow => ({
  ...{ transport: connection === 0 ? "UDP" : "TCP", local, remote: { host, port }, connection },
});

test("what seems to come from a service that answers everything is made up, or from us", () => {
  for (const port of [0, 7, 19, 53, 123, 161]) {
    expect(isMadeUp(from("203.0.113.9", port)), `${port}`).toBe(true);
    expect(isMadeUp(from("203.0.113.9", port, 3)), "a connection is nobody's else").toBe(false);
  }
  expect(isMadeUp(from(local.host, local.port))).toBe(true);
  const honest = [from(local.host, 5061), from("203.0.113.9", 5060)];
  // A NAT has these to give.
  const mapped = [1900, 5353, 11_211].map((port) => from("203.0.113.9", port));
  expect([...honest, ...mapped].filter(isMadeUp)).toEqual([]);
});

test("nothing of it is heard, and nobody is banned for it", () => {
  const bans = new Bans();
  const shield = new Shield({ bans });
  const heard = [19, 20].map((port) => shield.hears(from("203.0.113.9", port), 0));
  expect(heard).toEqual([false, true]);
  expect(shield.census().refused).toBe(1);
});

test("a Via that leads to one is not answered; with rport the answer goes back, and is", () => {
  const ask = (via: string, branch: string) =>
    new DomainStage().say(
      "203.0.113.9:5060",
      request("OPTIONS", { via: `${via};branch=${branch}` }),
    );
  const nobodys = ["255.255.255.255", "239.1.2.3", "0.0.0.0", "[ff02::1]"];
  for (const host of nobodys) {
    for (const more of ["", ";rport"]) {
      expect(ask(`SIP/2.0/UDP ${host}${more}`, "z9hG4bK-n"), host).toEqual([]);
    }
  }
  for (const port of REFLECTORS) {
    // Port 0 is none, and is refused as such.
    if (port === 0) continue;
    expect(ask(`SIP/2.0/UDP 203.0.113.9:${port}`, "z9hG4bK-a"), `${port}`).toEqual([]);
    const [answer] = ask(`SIP/2.0/UDP 203.0.113.9:${port};rport`, "z9hG4bK-b");
    expect(answer?.to, `${port}`).toBe("203.0.113.9:5060");
  }
});
