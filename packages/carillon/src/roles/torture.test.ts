/** The torture messages of RFC 4475 and RFC 5118, said to a domain's server and to a phone. */
import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { elements, header, headerLines } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { answer, DomainStage, request, type Sent } from "../testing/domain-stage.ts";
import { lonePhone } from "../testing/lone-phone.ts";
import { openDoor } from "../testing/open-door.ts";
import {
  backTo,
  converse,
  finalsIn,
  openTortureStage,
  probe,
  TORTURE_DEVICE,
  TORTURER,
  tortureOctets,
} from "../testing/torture-stage.ts";
import { finalsFor, forwardedFor, TORTURE } from "../testing/torture-table.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { Guard } from "./guard.ts";

const FOLDER = new URL("../testing/torture/", import.meta.url);
const named = (name: string): Octets => tortureOctets({ rfc: "rfc4475", name });

const HOST = TORTURER;
const DEVICE = TORTURE_DEVICE;
/** Longer than every timer but those of calls that ring, of which there are none. */
const ALL_TIMERS_MS = 70_000;

const OPEN = openDoor(Guard.prototype.check);
const openTheDoor = () => vi.spyOn(Guard.prototype, "check").mockImplementation(OPEN);

test("RFC 4475: all 49 messages are in the table, and of RFC 5118 twelve", () => {
  const files = readdirSync(new URL("rfc4475", FOLDER)).filter((file) => file.endsWith(".dat"));
  const inTable = (rfc: string) => TORTURE.filter((row) => row.rfc === rfc).map(({ name }) => name);
  expect(inTable("rfc4475").sort()).toEqual(files.map((file) => file.slice(0, -4)).sort());
  expect(inTable("rfc4475")).toHaveLength(49);
  expect(new Set(inTable("rfc5118")).size).toBe(12);
});

const houses = [
  { what: "open, with the torture domains served", open: true, probed: [200] },
  { what: "as it comes", open: false, probed: [407] },
];
const ways = [
  { way: "UDP", webSocket: false },
  { way: "WebSocket", webSocket: true },
] as const;

describe.each(houses)("a server $what", ({ open, probed }) => {
  beforeEach(() => {
    if (open) openTheDoor();
  });
  afterEach(() => vi.restoreAllMocks());

  describe.each(ways)("over $way", ({ way, webSocket }) => {
    test.each(TORTURE)("$rfc $name: $why", (row) => {
      const stage = open ? openTortureStage().stage : new DomainStage();
      const place = webSocket ? stage.connect(`${HOST}:40000`) : `${HOST}:5060`;
      const uri = open ? "sip:example.com" : "sip:house.example";
      expect(probe(stage, place, uri)).toEqual(probed);
      stage.wait(ALL_TIMERS_MS);
      const before = stage.wire.endpoint.census();

      const sent = converse(stage, place, tortureOctets(row));
      const finals = finalsIn(backTo(place, sent));
      const expected = finalsFor(row, { open, way });
      expect(finals).toHaveLength(expected.length);
      for (const [i, statuses] of expected.entries()) expect(statuses).toContain(finals[i]);
      const wasForwarded = sent.filter(({ to }) => to === DEVICE).length;
      expect(wasForwarded).toBe(forwardedFor(row, { open, way }));
      const back = backTo(place, sent);
      const elsewhere = sent.filter((one) => one.to !== DEVICE && !back.includes(one));
      expect(elsewhere, "nothing goes to anybody else").toEqual([]);

      expect(probe(stage, place, uri)).toEqual(probed);
      stage.wait(ALL_TIMERS_MS);
      expect(stage.wire.endpoint.census()).toEqual(before);
    });
  });
});

test.each(TORTURE)("a phone is told $rfc $name", async (row) => {
  const octets = tortureOctets(row);
  const message = parseMessage(octets);
  const uri = parseSipUri(message.ok && message.value.kind === "Request" ? message.value.uri : "");
  const user = (uri.ok && uri.value.user) || "user";
  const { phone, wire, say, sent, register, wait } = lonePhone({ aor: `sip:${user}@example.com` });
  const calls = phone.calls();
  await register();
  await wait(ALL_TIMERS_MS);
  const before = wire.endpoint.census();
  sent();
  await say(octets);
  const answers = responsesIn(sent()).filter((status) => status > 100);
  expect(answers[0] ?? "Dropped").toBe(row.phone);

  await say(request("OPTIONS", { uri: `sip:${user}@example.com` }));
  expect(responsesIn(sent())).toEqual([200]);
  if (row.phone === 180) (await calls.next()).value?.decline();
  await wait(ALL_TIMERS_MS);
  expect(wire.endpoint.census()).toEqual(before);
});

test.each([
  ["invut", "Accept", "application/sdp"],
  ["sdp01", "Warning", "application/sdp"],
  ["intmeth", "Allow", "INVITE"],
])("a phone says with %s what it would have taken: %s", async (name, field, value) => {
  const uri = /^\S+ sip:([^@]+)/.exec(named(name))?.[1]?.replace(/:&.*/, "");
  const { say, sent, register } = lonePhone({ aor: `sip:${uri}@example.com` });
  await register();
  sent();
  await say(named(name));
  const message = parseMessage(sent()[0] ?? "");
  expect(message.ok && header(message.value, field)).toContain(value);
});

const responsesIn = (texts: readonly Octets[]): number[] =>
  texts.flatMap((text) => {
    const message = parseMessage(text);
    return message.ok && message.value.kind === "Response" ? [message.value.status] : [];
  });

describe("what was accepted is used", () => {
  beforeEach(() => {
    openTheDoor();
  });
  afterEach(() => vi.restoreAllMocks());
  const PLACE = `${HOST}:5060`;
  const answerTo = (octets: Octets): Sent => {
    const [last] = backTo(PLACE, converse(openTortureStage().stage, PLACE, octets)).slice(-1);
    if (!last) throw new Error("no answer");
    return last;
  };
  const atDevice = (octets: Octets): Sent => {
    const sent = openTortureStage().stage.say(PLACE, octets);
    const found = sent.find(({ to }) => to === DEVICE);
    if (!found) throw new Error("nothing came to the device");
    return found;
  };
  const bodyOf = (octets: Octets) => octets.slice(octets.indexOf("\r\n\r\n") + 4);

  test("wsinv, as the start of a dialog, goes on with every oddity in it", () => {
    const start = named("wsinv").replace(";   tag    = 1918181833n", "");
    const { octets, message } = atDevice(start);
    expect(octets).toContain("NewFangledHeader:   newfangled value\r\n continued newfangled value");
    expect(octets).toContain("UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n");
    expect(octets).toContain("MaX-fOrWaRdS: 67\r\n");
    expect(header(message, "Route"), "it was for us").toBeUndefined();
    expect(headerLines(message, "Via")).toHaveLength(3);
    expect(bodyOf(octets)).toBe(bodyOf(start));
  });

  test("intmeth goes on as it came, and a phone says what it knows instead", () => {
    const { message, octets } = atDevice(named("intmeth"));
    expect(message).toMatchObject({ method: "!interesting-Method0123456789_*+`.%indeed'~" });
    const to = named("intmeth").match(/^To: .*$/m)?.[0] ?? "missing";
    expect(octets).toContain(to);
  });

  test.each([
    ["escnull", ["sip:%00@host5.example.com", "sip:%00%00@host5.example.com"]],
    ["dblreq", ["sip:j.user@host.example.com"]],
    ["cparam01", ["sip:+19725552222@gw1.example.net"]],
    ["cparam02", ["sip:+19725552222@gw1.example.net;unknownparam"]],
    ["regescrt", ["sip:user@example.com?Route=%3Csip:sip.example.com%3E"]],
  ])("%s registers what it says", (name, contacts) => {
    const { stage, location } = openTortureStage();
    const sent = stage.say(PLACE, named(name));
    expect(location.replaced.flat().map(({ contact }) => contact)).toEqual(contacts);
    const listed = sent[0] ? elements(sent[0].message, "Contact") : undefined;
    for (const contact of contacts) {
      expect(listed?.ok && listed.value.some((one) => one.startsWith(`<${contact}>;`))).toBe(true);
    }
    expect(sent, "and the second message of dblreq is none").toHaveLength(1);
  });

  test.each(["esc02", "regbadct", "unksm2", "regaut01", "scalar02"])("%s does not", (name) => {
    const { stage, location } = openTortureStage();
    stage.say(PLACE, named(name));
    expect(location.replaced).toEqual([]);
  });

  test("escruri: what stands in the Request-URI does not become a header, nor go on", () => {
    const { message, octets } = atDevice(named("escruri"));
    expect(message).toMatchObject({ uri: `sip:device@${DEVICE}` });
    expect(header(message, "Route")).toBeUndefined();
    expect(octets).not.toContain("Route=");
  });

  test("longreq, mpart01, baddate: nothing of the body or of what is not ours is lost", () => {
    for (const name of ["longreq", "mpart01", "baddate"]) {
      expect(bodyOf(atDevice(named(name)).octets)).toBe(bodyOf(named(name)));
    }
    expect(headerLines(atDevice(named("longreq")).message, "Via")).toHaveLength(35);
    expect(header(atDevice(named("mpart01")).message, "Route")).toBeUndefined();
    const { message } = atDevice(named("baddate"));
    expect(header(message, "Date")).toBe("Fri, 01 Jan 2010 16:00:00 EST");
  });

  test.each(["unreason", "noreason"])("%s as an answer goes back as it was said", (name) => {
    const [line = ""] = named(name).split("\r\n", 1);
    const { stage } = openTortureStage();
    const [heard] = stage.say(PLACE, request("INVITE", TO_USER)).filter(({ to }) => to === DEVICE);
    const said = answer(heard?.octets ?? "", 200, "d").replace(/^.*\r\n/, `${line}\r\n`);
    const [back] = stage.say(DEVICE, said);
    // RFC 3261 §16.7 step 5: a 100 is not forwarded.
    expect(back?.octets.split("\r\n", 1)[0]).toBe(name === "noreason" ? undefined : line);
    const last = stage.say(DEVICE, answer(heard?.octets ?? "", 200, "d"));
    expect(last).toHaveLength(1);
  });

  test("badbranch: two requests that differ are two, though their branch says nothing", () => {
    const { stage } = openTortureStage();
    const one = named("badbranch");
    const devices = [one, one, one.replace("CSeq: 8", "CSeq: 9")].map(
      (octets) => stage.say(PLACE, octets).filter(({ to }) => to === DEVICE).length,
    );
    expect(devices, "the second is a retransmission").toEqual([1, 0, 1]);
  });

  test("bext01 and a refusal in general say what was wrong", () => {
    const tags = "noProxiesSupportThis, norDoAnyProxiesSupportThis";
    expect(header(answerTo(named("bext01")).message, "Unsupported")).toBe(tags);
    expect(header(answerTo(named("unksm2")).message, "CSeq")).toBe("234902 REGISTER");
    expect(header(answerTo(named("badvers")).message, "Via")).toContain(`received=${HOST}`);
    expect(header(answerTo(named("badinv01")).message, "Via")).toContain("192.0.2.15");
  });

  test("regaut01 is answered as the same request without credentials is", () => {
    vi.restoreAllMocks();
    // As long as it was, since a shorter request over UDP is offered less.
    const bare = named("regaut01").replace("Authorization:", "Organization: ");
    const challenges = [named("regaut01"), bare].map((octets) => {
      const { message } = answerTo(octets);
      return headerLines(message, "WWW-Authenticate").map((one) => one.split(" ")[0]);
    });
    expect(challenges[0]).toContain("Digest");
    expect(challenges[0]).toEqual(challenges[1]);
  });

  test("RFC 5118 §4.5: received is written without brackets", () => {
    const octets = tortureOctets({ rfc: "rfc5118", name: "via-received-param-with-delim" });
    const via = header(answerTo(octets).message, "Via");
    expect(via).not.toContain("received=[");
    expect(via).toContain(`received=${HOST}`);
  });

  test("RFC 5118 §4.10: the Request-URI goes on without the extra colon", () => {
    const octets = tortureOctets({ rfc: "rfc5118", name: "ipv6-bug-abnf-3-colons" });
    const { message } = atDevice(octets);
    expect(message.kind === "Request" && message.uri).not.toContain(":::");
    //= RFC 3261 §16.6
    //# Fields not detailed in the processing described below MUST NOT be removed.
    expect(header(message, "To")).toBe("sip:user@[2001:db8:::192.0.2.1]");
  });
});

const TO_USER = {
  uri: "sip:user@example.com",
  via: `SIP/2.0/UDP ${HOST}:5060;branch=z9hG4bKcall`,
  from: "<sip:caller@example.com>;tag=c",
  to: "<sip:user@example.com>",
};
