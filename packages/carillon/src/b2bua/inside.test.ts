// Calls that end at the server itself, spoken to in octets.
import { expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { SILENT } from "../ua/session.ts";
import { type InsideCall, inside } from "./inside.ts";

const ALICE = "203.0.113.4:5060";
const OFFER = "v=0\r\no=- 7 7 IN IP4 203.0.113.4\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
const ANSWER = "v=0\r\no=- 9 9 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";

function stage() {
  const calls: InsideCall[] = [];
  const told: string[] = [];
  const service = inside({
    takes: ({ user }) => user === "echo",
    called: (session) => {
      calls.push(session);
      session.user = {
        ...SILENT,
        established: () => void told.push("established"),
        offered: (offer, reply) => reply(offer.includes("inactive") ? undefined : ANSWER),
        ended: ({ code }) => void told.push(code),
      };
      session.ring();
    },
  });
  const domain = new DomainStage({ services: [service] });
  return { domain, service, calls, told };
}

const invite = (domain: DomainStage, more: Parameters<typeof request>[1] = {}): string =>
  request("INVITE", {
    ...{ uri: "sip:echo@house.example", to: "<sip:echo@house.example>", body: OFFER },
    ...more,
    lines: [
      `Proxy-Authorization: ${domain.token("alice")}`,
      "Contact: <sip:alice@203.0.113.4:5060>",
      "Content-Type: application/sdp",
    ],
  });

const titles = (sent: readonly Sent[]): string[] => sent.map(titleOf);
const at = (sent: readonly Sent[], nth: number): Sent => {
  const one = sent[nth];
  if (!one) throw new Error(`nothing was sent as number ${nth}`);
  return one;
};

/** What alice sends in the dialog that this response made; no credentials in it. */
const next = (method: string, from: Sent, seq: number, body = ""): string =>
  request(method, {
    ...{ seq, body, branch: `z9hG4bK-next-${method}-${seq}` },
    uri: /<(.*)>/.exec(header(from.message, "Contact") ?? "")?.[1] ?? "",
    to: header(from.message, "To") ?? "",
    lines: [
      "Contact: <sip:alice@203.0.113.4:5060>",
      ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    ],
  });

test("a call for a reserved name is one of the agent inside, on the sockets of the domain", () => {
  const { domain, service, calls, told } = stage();
  const ringing = domain.say(ALICE, invite(domain));
  expect(titles(ringing)).toEqual(["180 INVITE"]);
  const before = domain.wire.outputs.length;
  domain.wire.call(() => calls[0]?.accept(ANSWER));
  const ok = at(domain.sentSince(before), 0);
  expect(titleOf(ok)).toBe("200 INVITE");
  expect(header(ok.message, "Contact")).toBe("<sip:echo@192.0.2.1:5060>");
  expect(ok.octets).toContain(ANSWER);
  expect(domain.say(ALICE, next("ACK", ok, 1))).toEqual([]);
  expect(told).toEqual(["established"]);
  // Its 2xx is not sent again, and nobody is asked for credentials in the dialog.
  expect(domain.wait(2000)).toEqual([]);
  expect(titles(domain.say(ALICE, next("INVITE", ok, 2, OFFER)))).toEqual(["200 INVITE"]);
  expect(domain.say(ALICE, next("ACK", ok, 2))).toEqual([]);
  expect(titles(domain.say(ALICE, next("BYE", ok, 3)))).toEqual(["200 BYE"]);
  expect(told).toEqual(["established", "SIP_HUNG_UP"]);
  expect(service.count).toBe(0);
});

test("who knows the tags of a call there, and is elsewhere, has to show who they are", () => {
  const { domain, service, calls, told } = stage();
  domain.say(ALICE, invite(domain));
  const before = domain.wire.outputs.length;
  domain.wire.call(() => calls[0]?.accept(ANSWER));
  const ok = at(domain.sentSince(before), 0);
  domain.say(ALICE, next("ACK", ok, 1));
  expect(titles(domain.say("198.51.100.66:5060", next("BYE", ok, 2)))).toEqual(["407 BYE"]);
  expect(service.count).toBe(1);
  const shown = next("BYE", ok, 3).replace(
    "Contact:",
    `Proxy-Authorization: ${domain.token("alice")}\r\nContact:`,
  );
  expect(titles(domain.say("198.51.100.66:5060", shown))).toEqual(["200 BYE"]);
  expect(told).toEqual(["established", "SIP_HUNG_UP"]);
  const other = shown.replace(/tag=n1[0-9a-f]+/, "tag=unknown").replace("z9hG4bK-", "z9hG4bK-o-");
  expect(titles(domain.say(ALICE, other))).toEqual(["481 BYE"]);
});

test("RFC 3261 §9.2: a call that is taken back is over, and the agent hears of it", () => {
  const { domain, service, told } = stage();
  domain.say(ALICE, invite(domain));
  const cancel = invite(domain).replace(/^INVITE| INVITE\r/gm, (one) =>
    one.replace("INVITE", "CANCEL"),
  );
  expect(titles(domain.say(ALICE, cancel))).toEqual(["200 CANCEL", "487 INVITE"]);
  expect(told).toEqual(["SIP_CANCELLED"]);
  expect(service.count).toBe(0);
});

test("RFC 3261 §8.2.2.2: the same INVITE by another way is 482 as long as its call goes on", () => {
  const { domain } = stage();
  domain.say(ALICE, invite(domain));
  const merged = domain.say(ALICE, invite(domain, { branch: "z9hG4bK-other-way" }));
  expect(titles(merged)).toEqual(["482 INVITE"]);
});

test("the agent hangs up over the flow that the call came on", () => {
  const { domain, service, calls } = stage();
  const page = domain.connect();
  const text = invite(domain)
    .replace("SIP/2.0/UDP 192.0.2.9:5060", "SIP/2.0/TCP a.invalid")
    .replace("sip:alice@203.0.113.4:5060", "sip:alice@a.invalid;transport=ws");
  domain.say(page, text);
  const before = domain.wire.outputs.length;
  domain.wire.call(() => calls[0]?.accept(ANSWER));
  const ok = at(domain.sentSince(before), 0);
  domain.say(page, next("ACK", ok, 1).replace("UDP 192.0.2.9:5060", "TCP a.invalid"));
  const then = domain.wire.outputs.length;
  domain.wire.call(() => calls[0]?.hangUp());
  const bye = at(domain.sentSince(then), 0);
  expect([titleOf(bye), bye.to]).toEqual(["BYE", page]);
  domain.say(page, answer(bye.octets, 200, ""));
  expect(service.count).toBe(0);
});

test("OPTIONS says what the agent can do, and other names go the domain's way", () => {
  const { domain } = stage();
  const lines = [`Proxy-Authorization: ${domain.token("alice")}`];
  const asked = request("OPTIONS", { uri: "sip:echo@house.example", lines });
  const [told] = domain.say(ALICE, asked);
  expect(told?.octets).toMatch(/^SIP\/2\.0 200 .*\r\n(.*\r\n)*Allow: INVITE, ACK, CANCEL, BYE/);
  const other = request("INVITE", { branch: "z9hG4bK-b", lines });
  expect(titles(domain.say(ALICE, other))).toEqual(["480 INVITE"]);
});
