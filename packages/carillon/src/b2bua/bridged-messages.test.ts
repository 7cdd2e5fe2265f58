// What a bridge writes on either side, message by message, for messages that are given to it.
import { expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { Policy } from "../roles/policy.ts";
import {
  DomainStage,
  type RequestLines,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";
import { PlainEngine } from "../testing/plain-engine.ts";
import { type Bridging, bridging } from "./bridging.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.5:5060";
const HOST = "IN IP4 203.0.113.4";
const OFFER = `v=0\r\no=- 7 7 ${HOST}\r\ns=-\r\nc=${HOST}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n`;
const ANSWER = OFFER.replaceAll("203.0.113.4", "203.0.113.5");
const SDP = "Content-Type: application/sdp";

interface Stage {
  readonly domain: DomainStage;
  readonly engine: PlainEngine;
  readonly bridge: Bridging;
}

function stage(policy: Policy = {}): Stage {
  const engine = new PlainEngine();
  const bridge = bridging({ engine, mode: () => "always" });
  const domain = new DomainStage({ services: [bridge], bridge, policy: () => policy });
  domain.register("bob", BOB);
  return { domain, engine, bridge };
}

const invite = ({ domain }: Stage, parts: Partial<RequestLines> = {}): string => {
  const { lines = [], body = OFFER, ...others } = parts;
  const own = [
    `Proxy-Authorization: ${domain.token("alice")}`,
    "Contact: <sip:alice@203.0.113.4:5060>",
    ...(body === "" ? [] : [SDP]),
  ];
  return request("INVITE", { body, ...others, lines: [...own, ...lines] });
};

/** The one of this title, towards that place. */
function sent(all: readonly Sent[], title: string, to: string): Sent {
  const one = all.find((message) => titleOf(message) === title && message.to === to);
  if (!one) throw new Error(`no ${title} to ${to}: ${titles(all)}`);
  return one;
}

const titles = (all: readonly Sent[]): string[] => all.map((one) => `${titleOf(one)} > ${one.to}`);

/** What a device answers this with. */
function answered(
  { message }: Sent,
  status: number | string,
  lines: readonly string[] = [],
  body = "",
): string {
  const kept = ["Via", "From", "Call-ID", "CSeq", "Record-Route"] as const;
  const all = kept.flatMap((name) => headerLines(message, name).map((one) => `${name}: ${one}`));
  const to = header(message, "To") ?? "";
  const tagged = to.includes("tag=") ? to : `${to};tag=bobs`;
  const more = [...(body === "" ? [] : [SDP]), "Contact: <sip:bob@203.0.113.5:5060>"];
  const words = `${status}`.includes(" ") ? status : `${status} Said`;
  const head = [`SIP/2.0 ${words}`, ...all, `To: ${tagged}`, ...more, ...lines];
  return `${head.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** What somebody sends in the dialog that this message has shown them. */
function within(
  method: string,
  { message }: Sent,
  seq: number,
  parts: Partial<RequestLines> = {},
): string {
  const { lines = [], body = "" } = parts;
  const isAnswer = message.kind === "Response";
  const [from, to] = isAnswer ? (["From", "To"] as const) : (["To", "From"] as const);
  const tagged = (text: string) => (text.includes("tag=") ? text : `${text};tag=bobs`);
  return request(method, {
    ...{ seq, body, branch: `z9hG4bK-${method}-${seq}-${from}` },
    uri: /<(.*)>/.exec(header(message, "Contact") ?? "")?.[1] ?? "",
    from: tagged(header(message, from) ?? ""),
    to: tagged(header(message, to) ?? ""),
    callId: header(message, "Call-ID") ?? "",
    via: `SIP/2.0/UDP ${isAnswer ? ALICE : BOB};branch=z9hG4bK-${method}-${seq}-${from}`,
    lines: [...(body === "" ? [] : [SDP]), ...lines],
  });
}

/** Both talk: the INVITE that bob got, and the 200 that alice got. */
function talking(at: Stage, parts: Partial<RequestLines> = {}) {
  const { domain } = at;
  const there = sent(domain.say(ALICE, invite(at, parts)), "INVITE", BOB);
  const all = domain.say(BOB, answered(there, 200, ["Allow: INVITE, BYE, UPDATE, INFO"], ANSWER));
  const ok = sent(all, "200 INVITE", ALICE);
  sent(all, "ACK", BOB);
  domain.say(ALICE, within("ACK", ok, 1));
  return { there, ok };
}

/** Nothing goes on any more but transactions that end by themselves. */
function expectOver({ domain, engine, bridge }: Stage): void {
  domain.wait(70_000);
  expect(bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
  expect(engine.open).toBe(0);
}

test("RFC 7332 §5: the device's INVITE has the caller's names, and is a hop further", () => {
  const at = stage();
  const there = sent(at.domain.say(ALICE, invite(at)), "INVITE", BOB);
  const { message } = there;
  expect((message as Request).uri).toBe("sip:bob@203.0.113.5:5060");
  expect(header(message, "From")).toBe("<sip:alice@house.example>;tag=a");
  expect(header(message, "Call-ID")).toBe("call-1");
  expect(header(message, "CSeq")).toBe("1 INVITE");
  expect(header(message, "Max-Forwards")).toBe("69");
  expect(header(message, "Contact")).toBe("<sip:alice@192.0.2.1:5060>");
  expect(headerLines(message, "Via")).toHaveLength(1);
  expect(headerLines(message, "Record-Route")).toEqual([]);
  expect(header(message, "Proxy-Authorization")).toBeUndefined();
  expect((message as Request).body).toContain("c=IN IP4 192.0.2.1");
});

test("headers that people and phones mean for each other go over, and no others", () => {
  const at = stage();
  const lines = [
    ...["Subject: dinner", "Alert-Info: <urn:alert:source:internal>", "Answer-Mode: Auto"],
    ...["Call-Info: <https://alice.example/me.png>;purpose=icon", "X-Room: 12", "Priority: urgent"],
    ...["P-Preferred-Identity: <sip:boss@house.example>", "Allow: INVITE, REFER", "User-Agent: a"],
    ...["Carillon-Bridge: forged"],
  ];
  const { message } = sent(at.domain.say(ALICE, invite(at, { lines })), "INVITE", BOB);
  for (const line of lines.slice(0, 6)) {
    const [name = "", value] = line.split(": ");
    expect(header(message, name.toLowerCase() === "x-room" ? "x-room" : name)).toBe(value);
  }
  expect(header(message, "P-Preferred-Identity")).toBeUndefined();
  // What the agent can do, and not what alice's phone can.
  expect(header(message, "Allow")).toMatch(/^INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK/);
  expect(header(message, "User-Agent")).toBe("Carillon/test");
  expect(header(message, "carillon-bridge")).toBeUndefined();
});

test("both sides call the dialog by the same Call-ID and tags", () => {
  const at = stage();
  const { ok } = talking(at);
  expect(header(ok.message, "To")).toBe("<sip:bob@house.example>;tag=bobs");
  expect(header(ok.message, "Contact")).toBe("<sip:bob@192.0.2.1:5060>");
  expect(ok.octets).toContain("c=IN IP4 192.0.2.1");
  const over = at.domain.say(ALICE, within("BYE", ok, 2));
  at.domain.say(BOB, answered(sent(over, "BYE", BOB), 200));
  expectOver(at);
});

test("RFC 3326 §2: why somebody hangs up is told to the other side", () => {
  const at = stage();
  const { there, ok } = talking(at);
  const reason = 'Q.850;cause=16;text="Terminated"';
  const over = at.domain.say(BOB, within("BYE", there, 7, { lines: [`Reason: ${reason}`] }));
  sent(over, "200 BYE", BOB);
  const bye = sent(over, "BYE", ALICE);
  expect(headerLines(bye.message, "Reason")).toEqual([reason]);
  expect((bye.message as Request).uri).toBe("sip:alice@203.0.113.4:5060");
  expect(header(bye.message, "To")).toBe(header(ok.message, "From"));
  at.domain.say(ALICE, answered(bye, 200));
  expectOver(at);
});

test("a refusal reaches the caller with its status, words and headers", () => {
  const at = stage();
  const there = sent(at.domain.say(ALICE, invite(at)), "INVITE", BOB);
  const lines = [
    ...["Retry-After: 120", 'Reason: Q.850;cause=17;text="User busy"', "Server: secret/1"],
    'Warning: 399 phone "in a meeting"',
  ];
  const refused = at.domain.say(BOB, answered(there, "486 In a meeting", lines));
  sent(refused, "ACK", BOB);
  const { message, octets } = sent(refused, "486 INVITE", ALICE);
  expect(octets).toMatch(/^SIP\/2\.0 486 In a meeting\r\n/);
  expect(header(message, "Retry-After")).toBe("120");
  expect(header(message, "Reason")).toBe('Q.850;cause=17;text="User busy"');
  expect(header(message, "Warning")).toBe('399 phone "in a meeting"');
  expect(header(message, "Server")).toBe("Carillon/test");
  expectOver(at);
});

test("RFC 3261 §9.1: a CANCEL goes over with its reason; a 200 that crosses it is ended", () => {
  const at = stage();
  const text = invite(at);
  const there = sent(at.domain.say(ALICE, text), "INVITE", BOB);
  expect(titles(at.domain.say(BOB, answered(there, 180)))).toEqual([`180 INVITE > ${ALICE}`]);
  const [head = ""] = text.split("Content-Length");
  const cancel = `${head}Content-Length: 0\r\n\r\n`
    .replace(/^INVITE/, "CANCEL")
    .replace("1 INVITE", "1 CANCEL")
    .replace(SDP, 'Reason: SIP;cause=200;text="Call completed elsewhere"');
  const all = at.domain.say(ALICE, cancel);
  sent(all, "200 CANCEL", ALICE);
  sent(all, "487 INVITE", ALICE);
  const { message } = sent(all, "CANCEL", BOB);
  expect(header(message, "Reason")).toBe('SIP;cause=200;text="Call completed elsewhere"');
  const late = at.domain.say(BOB, answered(there, 200, [], ANSWER));
  const bye = sent(late, "BYE", BOB);
  sent(late, "ACK", BOB);
  at.domain.say(BOB, answered(bye, 200));
  expectOver(at);
});

test("RFC 3261 §13.3.1.4: a 200 whose ACK is lost is said again, and acknowledged again", () => {
  const at = stage();
  const there = sent(at.domain.say(ALICE, invite(at)), "INVITE", BOB);
  const ok = answered(there, 200, [], ANSWER);
  const first = sent(at.domain.say(BOB, ok), "200 INVITE", ALICE);
  expect(titles(at.domain.say(BOB, ok))).toEqual([`ACK > ${BOB}`]);
  expect(titles(at.domain.wait(1600))).toEqual([
    ...[`200 INVITE > ${ALICE}`, `200 INVITE > ${ALICE}`],
  ]);
  at.domain.say(ALICE, within("ACK", first, 1));
  expect(at.domain.wait(20_000)).toEqual([]);
  expect(at.bridge.census().calls).toBe(1);
});

test("RFC 3262 §3: what is reliable on one side is so on the other, each with its PRACK", () => {
  const at = stage();
  const lines = ["Supported: 100rel", "Allow: PRACK"];
  const there = sent(at.domain.say(ALICE, invite(at, { lines })), "INVITE", BOB);
  expect(header(there.message, "Supported")).toContain("100rel");
  const early = answered(there, 183, ["Require: 100rel", "RSeq: 5"], ANSWER);
  const all = at.domain.say(BOB, early);
  const prack = sent(all, "PRACK", BOB);
  expect(header(prack.message, "RAck")).toBe("5 1 INVITE");
  at.domain.say(BOB, answered(prack, 200));
  const session = sent(all, "183 INVITE", ALICE);
  expect(header(session.message, "Require")).toBe("100rel");
  expect(session.octets).toContain("m=audio");
  const rack = `RAck: ${header(session.message, "RSeq")} 1 INVITE`;
  const confirmed = at.domain.say(ALICE, within("PRACK", session, 2, { lines: [rack] }));
  sent(confirmed, "200 PRACK", ALICE);
  const ok = sent(at.domain.say(BOB, answered(there, 200)), "200 INVITE", ALICE);
  // The answer has been given, and is not given twice.
  expect(ok.octets).not.toContain("m=audio");
  at.domain.say(ALICE, within("ACK", ok, 1));
  const over = at.domain.say(ALICE, within("BYE", ok, 3));
  at.domain.say(BOB, answered(sent(over, "BYE", BOB), 200));
  expectOver(at);
});

test("RFC 3264 §4: who offers nothing is offered what the device has, and answers that", () => {
  const at = stage();
  const there = sent(at.domain.say(ALICE, invite(at, { body: "" })), "INVITE", BOB);
  expect((there.message as Request).body).toBe("");
  const answer = at.domain.say(BOB, answered(there, 200, [], ANSWER));
  // Its ACK waits for alice's answer.
  expect(titles(answer)).toEqual([`200 INVITE > ${ALICE}`]);
  const ok = sent(answer, "200 INVITE", ALICE);
  expect(ok.octets).toContain("c=IN IP4 192.0.2.1");
  const acknowledged = at.domain.say(ALICE, within("ACK", ok, 1, { body: OFFER }));
  expect((sent(acknowledged, "ACK", BOB).message as Request).body).toContain("m=audio");
  expect(at.engine.asked).toEqual(["offer device>caller", "answer caller>device"]);
  const over = at.domain.say(ALICE, within("BYE", ok, 2));
  at.domain.say(BOB, answered(sent(over, "BYE", BOB), 200));
  expectOver(at);
});

test("RFC 3262 §5: what the device offers early is answered with the caller's PRACK", () => {
  const at = stage();
  const lines = ["Supported: 100rel"];
  const there = sent(at.domain.say(ALICE, invite(at, { body: "", lines })), "INVITE", BOB);
  const early = answered(there, 183, ["Require: 100rel", "RSeq: 9"], ANSWER);
  const [session] = at.domain.say(BOB, early);
  if (!session) throw new Error("nothing");
  expect(titleOf(session)).toBe("183 INVITE");
  const rack = `RAck: ${header(session.message, "RSeq")} 1 INVITE`;
  const all = at.domain.say(ALICE, within("PRACK", session, 2, { lines: [rack], body: OFFER }));
  sent(all, "200 PRACK", ALICE);
  const prack = sent(all, "PRACK", BOB);
  expect((prack.message as Request).body).toContain("m=audio");
  at.domain.say(BOB, answered(prack, 200));
  const ok = sent(at.domain.say(BOB, answered(there, 200)), "200 INVITE", ALICE);
  at.domain.say(ALICE, within("ACK", ok, 1));
  const over = at.domain.say(ALICE, within("BYE", ok, 3));
  at.domain.say(BOB, answered(sent(over, "BYE", BOB), 200));
  expectOver(at);
});

test("who cannot answer early is not made to: the device is not told that it may offer so", () => {
  const at = stage();
  const there = sent(at.domain.say(ALICE, invite(at, { body: "" })), "INVITE", BOB);
  expect(header(there.message, "Supported") ?? "").not.toContain("100rel");
});

test("RFC 3261 §14.2: a re-INVITE without an offer gets one, and nobody else is asked", () => {
  const at = stage();
  const { ok } = talking(at);
  at.engine.asked.length = 0;
  const again = at.domain.say(ALICE, within("INVITE", ok, 2));
  expect(titles(again)).toEqual([`200 INVITE > ${ALICE}`]);
  const next = sent(again, "200 INVITE", ALICE);
  expect(next.octets).toContain("m=audio");
  at.domain.say(ALICE, within("ACK", next, 2, { body: OFFER }));
  expect(at.engine.asked).toEqual(["reoffer caller", "accept caller"]);
});

test("RFC 4028 §7.4: a refresh of one side's session is that side's own", () => {
  const at = stage();
  const { ok } = talking(at);
  at.engine.asked.length = 0;
  const again = at.domain.say(ALICE, within("INVITE", ok, 2, { body: OFFER }));
  expect(titles(again)).toEqual([`200 INVITE > ${ALICE}`]);
  expect(at.engine.asked).toEqual([]);
});

test("a route has a call begin anew, and neither side learns of the other's network", () => {
  const at = stage({ route: () => ({ kind: "Bridge", hide: true }) });
  const lines = ["Subject: dinner", "Call-Info: <https://10.0.0.7/me.png>;purpose=icon"];
  const { there, ok } = talking(at, { callId: "secret@10.0.0.7", lines });
  for (const secret of ["10.0.0.7", "203.0.113.4", "tag=a"]) {
    expect(there.octets).not.toContain(secret);
  }
  expect(header(there.message, "Subject")).toBe("dinner");
  for (const secret of ["203.0.113.5", "tag=bobs"]) expect(ok.octets).not.toContain(secret);
  const over = at.domain.say(ALICE, within("BYE", ok, 2));
  const bye = sent(over, "BYE", BOB);
  expect(header(bye.message, "Call-ID")).toBe(header(there.message, "Call-ID"));
  at.domain.say(BOB, answered(bye, 200));
  expectOver(at);
});

test("a call that has gone as far as it may goes no further", () => {
  const at = stage();
  const stopped = at.domain.say(ALICE, invite(at, { maxForwards: "0" }));
  expect(titles(stopped)).toEqual([`483 INVITE > ${ALICE}`]);
});

test("who has the tags of a bridged call and is elsewhere can neither end nor change it", () => {
  const at = stage();
  const { ok, there } = talking(at);
  const stranger = "198.51.100.66:5060";
  expect(titles(at.domain.say(stranger, within("BYE", ok, 5)))).toEqual([`407 BYE > ${stranger}`]);
  const other = at.domain.say(stranger, within("BYE", there, 5));
  expect(titles(other)).toEqual([`407 BYE > ${stranger}`]);
  expect(at.bridge.census().calls).toBe(1);
});

test("RFC 3261 §12.2.1.1: a request of one side has a number of the other side's own", () => {
  const at = stage();
  const { ok, there } = talking(at);
  const info = within("INFO", ok, 41, { lines: ["X-Sequence: none"] });
  const over = sent(at.domain.say(ALICE, info), "INFO", BOB);
  expect(header(over.message, "CSeq")).toBe("2 INFO");
  expect(header(over.message, "x-sequence")).toBe("none");
  const back = at.domain.say(BOB, answered(over, "481 Who?"));
  expect(sent(back, "481 INFO", ALICE).octets).toMatch(/^SIP\/2\.0 481 Who\?/);
  const text = within("MESSAGE", there, 3, { lines: ["Subject: hi"] });
  expect(header(sent(at.domain.say(BOB, text), "MESSAGE", ALICE).message, "CSeq")).toBe(
    "1 MESSAGE",
  );
});

test("where the topology is hidden, nothing later in the call tells of it either", () => {
  const at = stage({ route: () => ({ kind: "Bridge", hide: true }) });
  const { domain } = at;
  const there = sent(domain.say(ALICE, invite(at, { callId: "secret@10.0.0.7" })), "INVITE", BOB);
  const able = ["Allow: INVITE, BYE, UPDATE, INFO, REFER, NOTIFY"];
  const all = domain.say(BOB, answered(there, 200, able, ANSWER));
  const ok = sent(all, "200 INVITE", ALICE);
  domain.say(ALICE, within("ACK", ok, 1));
  const lines = [
    "Contact: <sip:alice@203.0.113.4:5060>",
    "User-Agent: Secret/1.0",
    "Session-ID: secret",
    "History-Info: <sip:alice@10.0.0.7>;index=1",
    "Refer-To: <sip:carol@house.example>",
  ];
  const ownIds = [
    header(ok.message, "Call-ID") ?? "",
    "10.0.0.7",
    "203.0.113.4",
    "tag=a",
    "Secret",
  ];
  for (const [nth, method] of ["INFO", "MESSAGE", "REFER", "PUZZLE", "UPDATE"].entries()) {
    const parts = { lines, ...(method === "UPDATE" && { body: OFFER.replace("7 7", "7 8") }) };
    const passed = domain.say(ALICE, within(method, ok, nth + 2, parts));
    const one = passed.find(({ to, message }) => to === BOB && message.kind === "Request");
    expect(one, method).toBeDefined();
    for (const secret of ownIds) expect(one?.octets, method).not.toContain(secret);
    const body = method === "UPDATE" ? ANSWER : "";
    const told = ["Server: Hidden/2.0", 'Warning: 399 203.0.113.5 "secret"'];
    const back = one ? domain.say(BOB, answered(one, 200, told, body)) : [];
    const answers = back.filter(({ to }) => to === ALICE);
    for (const answer of answers) {
      for (const secret of ["203.0.113.5", "tag=bobs", "Hidden", "399"]) {
        expect(answer.octets, method).not.toContain(secret);
      }
    }
  }
});
