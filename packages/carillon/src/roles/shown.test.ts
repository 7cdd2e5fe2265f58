import { describe, expect, it } from "vitest";
import { header } from "../message/headers.ts";
import { DomainStage, request } from "../testing/domain-stage.ts";
import type { Flow } from "../transport/flow.ts";

/** The server is 192.0.2.1, and its NAT is 203.0.113.80; whoever is 192.0.2.x is inside, too. */
const advertise = ({ local, remote }: Flow) =>
  remote.host.startsWith("192.0.2.") ? undefined : { ...local, host: "203.0.113.80" };

const OUTSIDE = "198.51.100.9:5060";
const INSIDE = "192.0.2.9:5060";

const behindNat = () => new DomainStage({ advertise, isAlias: (host) => host === "203.0.113.80" });

const invite = (stage: DomainStage, lines: readonly string[] = []) =>
  request("INVITE", {
    uri: "sip:bob@house.example",
    from: "<sip:alice@house.example>;tag=a",
    to: "<sip:bob@house.example>",
    callId: "call",
    branch: "z9hG4bK-invite",
    lines: [
      `Proxy-Authorization: ${stage.token("alice")}`,
      "Contact: <sip:alice@198.51.100.9>",
      ...lines,
    ],
  });

describe("a server behind a NAT", () => {
  it("RFC 3261 §16.6: names the NAT's address outside, and its own inside", () => {
    const stage = behindNat();
    stage.register("bob", INSIDE);
    const copy = stage.say(OUTSIDE, invite(stage)).find(({ to }) => to === INSIDE);
    expect(copy!.octets).toMatch(/^Via: SIP\/2\.0\/UDP 192\.0\.2\.1:5060;branch=/m);
    const routes = [...copy!.octets.matchAll(/^Record-Route: .*@(.*);lr>/gm)];
    expect(routes.map(([, where]) => where)).toEqual(["192.0.2.1:5060", "203.0.113.80:5060"]);
  });

  it("names the NAT's address in the Via of what goes outside, and knows it again", () => {
    const stage = behindNat();
    stage.register("bob", OUTSIDE);
    const copy = stage.say(INSIDE, invite(stage)).find(({ to }) => to === OUTSIDE);
    expect(copy!.octets).toMatch(/^Via: SIP\/2\.0\/UDP 203\.0\.113\.80:5060;branch=/m);
    const ringing = copy!.octets
      .replace(/^INVITE [^\r]*/, "SIP/2.0 180 Ringing")
      .replace(/^(To: .*)$/m, "$1;tag=b");
    expect(stage.say(OUTSIDE, ringing).map(({ to }) => to)).toEqual([INSIDE]);
  });

  it("takes what names it by that address for its own", () => {
    const stage = behindNat();
    stage.register("bob", INSIDE);
    const lines = ["Route: <sip:203.0.113.80;lr>"];
    const copy = stage.say(OUTSIDE, invite(stage, lines)).find(({ to }) => to === INSIDE);
    expect(copy && header(copy.message, "Route")).toBeUndefined();
  });
});
