/** People of the house who mean harm: what they send is wrong in places, but it is signed. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { answer, DomainStage, type Place, request, titleOf } from "../testing/domain-stage.ts";
import { MessageGenerator } from "../testing/message-generator.ts";
import { seeded } from "../testing/random.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.9:5062";
const NASTY = [
  "\0",
  "\r",
  "\n",
  "\r\n",
  "\r\n ",
  '"',
  "\\",
  "<",
  ">",
  ",",
  ";",
  ":",
  "@",
  "%",
  " ",
].concat(["\xff", "\xe9", "*", "!", "?", "=", "tag=", "sip:", "bearer ", "x".repeat(3000)]);

/** The text with up to three places changed, left out or filled with something nasty. */
function damaged(g: MessageGenerator, text: Octets): Octets {
  let out = text;
  for (let n = g.number(4); n > 0; n--) {
    const at = g.number(out.length);
    const length = g.one([0, 0, 1, 1, 5, 40]);
    out = out.slice(0, at) + g.one(["", ...NASTY]) + out.slice(at + length);
  }
  return out;
}

const HEADERS = [
  'Reason: SIP;text="\\\0"',
  'Proxy-Require: "\\\0"',
  "Require: \xe9",
  "Max-Forwards: 1",
  "Route: <sip:house.example;lr>",
  "Record-Route: <sip:a;lr>",
  "Contact: <sip:alice@203.0.113.4?Route=x>",
  "Contact: *",
  "Expires: 0",
  "P-Asserted-Identity: <sip:boss@house.example>",
];

function anything(g: MessageGenerator, stage: DomainStage, nth: number, heard: Octets): Octets {
  const token = stage.token("alice");
  const lines = [`Proxy-Authorization: ${token}`, `Authorization: ${token}`];
  if (g.chance(0.5)) lines.push(g.one(HEADERS));
  const route = /Record-Route: (.*)\r/.exec(heard)?.[1];
  if (route && g.chance(0.4)) lines.push(`Route: ${route}`);
  const method = g.one([
    "INVITE",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "REGISTER",
    "MESSAGE",
    "OPTIONS",
  ]);
  const to = g.chance(0.4) ? "<sip:bob@house.example>;tag=b" : "<sip:bob@house.example>";
  const own = "<sip:alice@house.example>";
  return damaged(
    g,
    request(method, {
      branch: `z9hG4bK${method === "CANCEL" || g.chance(0.1) ? nth - 1 : nth}`,
      to: method === "REGISTER" ? own : to,
      uri: g.one(["sip:bob@house.example", "sip:house.example", "sip:bob@203.0.113.9:5062"]),
      lines: g.shuffled(lines),
      body: g.octets(20),
    }),
  );
}

test("nothing that they send makes the server throw, or say what cannot be read", () => {
  const runs = fc.integer({ min: 0 });
  fc.assert(
    fc.property(runs, (seed) => {
      const g = new MessageGenerator(seeded(seed));
      const stage = new DomainStage({ seed });
      const page = stage.connect();
      for (const device of [BOB, page]) stage.register("bob", device);
      let heard: Octets = "";
      for (let nth = 1; nth <= 20; nth++) {
        const from: Place = g.one([ALICE, BOB, page]);
        const sent = stage.say(from, anything(g, stage, nth, heard));
        const invite = sent.find((one) => titleOf(one) === "INVITE");
        if (invite) heard = invite.octets;
        if (heard !== "") {
          const said = answer(heard, g.one([100, 180, 200, 302, 401, 487, 603]), "b");
          stage.say(g.one([BOB, page]), damaged(g, said));
        }
        if (g.chance(0.1)) stage.wait(g.one([100, 600, 33_000]));
      }
      stage.close(page);
      stage.wait(400_000);
      expect(stage.wire.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
    }),
    { numRuns: 150 },
  );
}, 60_000);
