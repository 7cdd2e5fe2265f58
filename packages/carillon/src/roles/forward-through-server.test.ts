/** What a server as a whole lets through: from the caller's datagram to the callee's, and back. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { DomainStage, type Place, type Sent } from "../testing/domain-stage.ts";
import { type GeneratedLine, MessageGenerator, textOf } from "../testing/message-generator.ts";
import { seeded } from "../testing/random.ts";

/** Together over three thousand messages, on a machine that may have other work. */
const LONG = { timeout: 60_000 };
const CALLER = "203.0.113.4:33000";
const CALLEE = "203.0.113.9:5062";

/** A stage on which bob's phone is registered, over UDP or a WebSocket. */
function staged(way: "udp" | "ws"): { stage: DomainStage; bob: Place } {
  const stage = new DomainStage();
  const bob = way === "udp" ? CALLEE : stage.connect();
  stage.register("bob", bob);
  return { stage, bob };
}

function requestFrom(g: MessageGenerator, stage: DomainStage, nth: number): Octets {
  const method = g.one(["INVITE", "MESSAGE", "OPTIONS", "NEWMETHOD"]);
  const top = `SIP/2.0/UDP 10.9.8.7;rport;branch=z9hG4bK${nth}`;
  const below = Array.from({ length: g.number(3) }, () => {
    const { front, params } = g.via();
    return `${front}${params.join("")}`;
  });
  const hops = g.chance(0.7) ? [g.line("Max-Forwards", [String(1 + g.number(255))])] : [];
  const breadth = g.chance(0.5) ? [g.line("Max-Breadth", [g.one(["1", "07", "60", "61"])])] : [];
  const recorded = Array.from({ length: g.number(3) }, (_, i) => `<sip:r${i}.example;lr>`);
  return textOf(
    g.message(`${method} sip:bob@house.example SIP/2.0`, [
      [g.line("Via", [top]), ...g.lines("Via", below)],
      g.lines("Record-Route", recorded),
      hops,
      breadth,
      [g.line("From", [g.address("sip:alice@house.example", `a${nth}`)])],
      [g.line("To", [g.address("sip:bob@house.example", "")])],
      [g.line("Call-ID", [`${g.token()}@x`])],
      [g.line("CSeq", [`1${g.gap()}${method}`])],
      [g.line("Proxy-Authorization", [stage.token("alice")])],
      g.chance(0.3) ? [g.line("Authorization", [stage.token("alice")])] : [],
      g.chance(0.3) ? [g.line("Route", ["<sip:house.example;lr>", "<sip:192.0.2.1:5060;lr>"])] : [],
    ]),
  );
}

/** Header lines with the lines they are folded into, then the body. */
function taken(octets: Octets): { start: Octets; lines: Octets[]; body: Octets } {
  const end = octets.indexOf("\r\n\r\n");
  const [start = "", ...lines] = octets.slice(0, end).split(/\r\n(?![ \t])/);
  return { start, lines, body: octets.slice(end + 4) };
}

const named = (line: Octets, name: string, compact = name) =>
  new RegExp(`^(?:${name}|${compact})[ \\t]*:`, "i").test(line);

/** The lines without those that the server wrote; throws where it wrote them in a wrong place. */
function withoutOurs(lines: readonly Octets[], transport: string): Octets[] {
  const ours = (line: Octets) =>
    line.startsWith(`Via: SIP/2.0/${transport} 192.0.2.1:5060;branch=z9hG4bKn1`) ||
    line.startsWith("Record-Route: <sip:n1!");
  const first = (name: string, compact?: string) => lines.find((one) => named(one, name, compact));
  if (!ours(first("Via", "v") ?? "")) throw new Error("our Via is not the first");
  const recorded = first("Record-Route");
  if (lines.some((one) => one.startsWith("Record-Route: <sip:n1!")) && !ours(recorded ?? "")) {
    throw new Error("our Record-Route is not the first");
  }
  return lines.filter((one) => !ours(one));
}

/**
 * What may change in the lines of a request, by RFC 3261 §16.6, §18.2.1, RFC 3581 §4 and RFC 5393
 * §5.3.3. There is one device, which gets all of the Max-Breadth.
 */
function passedOn(lines: readonly Octets[]): Octets[] {
  const top = lines.findIndex((one) => named(one, "Via", "v"));
  const added = [
    ["Max-Forwards", "70"],
    ["Max-Breadth", "60"],
  ].flatMap(([name = "", value]) =>
    lines.some((one) => named(one, name)) ? [] : [`${name}: ${value}`],
  );
  return lines.flatMap((line, i) => {
    if (named(line, "(?:Proxy-)?Authorization") || named(line, "Route")) return [];
    if (named(line, "Max-Forwards"))
      return [line.replace(/\d+/, (hops) => String(Math.min(70, Number(hops)) - 1))];
    if (named(line, "Max-Breadth"))
      return [line.replace(/\d+/, (breadth) => String(Math.min(60, Number(breadth))))];
    if (i !== top) return [line];
    const stamped = line.replace(
      /;rport;branch=(\w+)/,
      ";rport=33000;branch=$1;received=203.0.113.4",
    );
    return [...added, stamped];
  });
}

describe.each(["udp", "ws"] as const)("a server with a callee over %s", (way) => {
  test("RFC 3261 §16.6: what the callee hears is what the caller said", LONG, () => {
    const { stage, bob } = staged(way);
    let nth = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (seed) => {
        const g = new MessageGenerator(seeded(seed));
        const said = requestFrom(g, stage, nth++);
        const heard = stage.say(CALLER, said).filter(({ to }) => to === bob);
        expect(heard).toHaveLength(1);
        const [before, after] = [taken(said), taken(heard[0]?.octets ?? "")];
        const contact = way === "udp" ? CALLEE : "page1.invalid;transport=ws";
        expect(after.start).toBe(before.start.replace(/ .* /, ` sip:bob@${contact} `));
        expect(withoutOurs(after.lines, way.toUpperCase())).toEqual(passedOn(before.lines));
        expect(before.body.startsWith(after.body)).toBe(true);
        const length = before.lines.find((one) => named(one, "Content-Length", "l"));
        const counted = length === undefined ? before.body.length : Number(/\d+/.exec(length)?.[0]);
        expect(after.body).toHaveLength(counted);
      }),
      { numRuns: 800 },
    );
  });

  test("RFC 3261 §16.7: what the caller hears is what the callee said", LONG, () => {
    const { stage, bob } = staged(way);
    let nth = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (seed) => {
        const g = new MessageGenerator(seeded(seed));
        const heard = stage.say(CALLER, requestFrom(g, stage, nth++)).find(({ to }) => to === bob);
        const said = responseTo(g, heard, way);
        const back = stage.say(bob, said).filter(({ to }) => to === CALLER);
        expect(back).toHaveLength(1);
        const [before, after] = [taken(said), taken(back[0]?.octets ?? "")];
        expect(after.start).toBe(before.start);
        const top = before.lines.findIndex((one) => named(one, "Via", "v"));
        const rest = before.lines.flatMap((line, i) => (i === top ? withoutFirst(line) : [line]));
        expect(after.lines).toEqual(rest);
        expect(before.body.startsWith(after.body)).toBe(true);
      }),
      { numRuns: 800 },
    );
  });
});

/** The Via values of a request as they reached us, spelled anew, and everything else invented. */
function responseTo(g: MessageGenerator, heard: Sent | undefined, way: "udp" | "ws"): Octets {
  const { lines } = taken(heard?.octets ?? "");
  const values = (name: string, compact?: string) =>
    lines.filter((one) => named(one, name, compact)).map((one) => one.replace(/^[^:]*:\s*/, ""));
  const vias = values("Via", "v").map((one) => one.trimEnd());
  const copied = (name: string, compact?: string): GeneratedLine[] =>
    values(name, compact).map((one) => g.line(name, [one.trimEnd()]));
  // RFC 4320 §4.1: nothing provisional is said to what is no INVITE.
  const status = g.one(heard?.octets.startsWith("INVITE ") ? [180, 200, 486] : [200, 486]);
  const message = g.message(`SIP/2.0 ${status} ${g.one(["OK", "", "Na sowas"])}`, [
    g.lines("Via", vias),
    copied("From", "f"),
    [g.line("To", [g.address("sip:bob@house.example", "b")])],
    copied("Call-ID", "i"),
    copied("CSeq"),
    copied("Record-Route"),
  ]);
  // RFC 7118 §5: what stands behind the body has no place on a WebSocket.
  return textOf(way === "ws" ? { ...message, behind: "" } : message);
}

/** Our Via is written without any comma or quote in it. */
function withoutFirst(line: Octets): Octets[] {
  const [, head = "", rest] = /^([^:]*:\s*)[^,]*(?:,\s*([\s\S]*))?$/.exec(line) ?? [];
  return rest === undefined ? [] : [`${head}${rest}`];
}
