/** The torture messages of RFC 4475 and RFC 5118, said to a domain's server and to a phone. */
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fromBytes, type Octets } from "../grammar/octets.ts";
import { elements, header, headerLines } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { answer, DomainStage, type Place, request, type Sent } from "../testing/domain-stage.ts";
import { lonePhone } from "../testing/lone-phone.ts";
import { openDoor } from "../testing/open-door.ts";
import {
  outcomeFor,
  statusesFor,
  TORTURE,
  TORTURE_ADDRESSES,
  TORTURE_DOMAINS,
  type TortureRow,
} from "../testing/torture-table.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { Guard } from "./guard.ts";
import type { Binding, Location } from "./location.ts";

const FOLDER = new URL("../testing/torture/", import.meta.url);
const octetsOf = ({ rfc, name }: Pick<TortureRow, "rfc" | "name">): Octets =>
  fromBytes(readFileSync(new URL(`${rfc}/${name}.dat`, FOLDER)));
const named = (name: string): Octets => octetsOf({ rfc: "rfc4475", name });

const HOST = "198.51.100.7";
const DEVICE = "203.0.113.50:5060";
/** Longer than every timer but those of calls that ring, of which there are none. */
const ALL_TIMERS_MS = 70_000;

/** Everybody has one and the same device; what a REGISTER changes is seen and forgotten. */
class OneDevice implements Location {
  readonly replaced: (readonly Binding[])[] = [];

  bindings(): readonly Binding[] {
    const flow = {
      transport: "UDP",
      local: { host: "192.0.2.1", port: 5060 },
      remote: { host: "203.0.113.50", port: 5060 },
      connection: 0,
    } as const;
    const expiresAt = Number.MAX_SAFE_INTEGER;
    return [{ contact: `sip:device@${DEVICE}`, q: 1000, callId: "x", cseq: 1, expiresAt, flow }];
  }

  replace(_: string, bindings: readonly Binding[]): void {
    this.replaced.push(bindings.filter(({ contact }) => !contact.includes(DEVICE)));
  }

  drop(): void {}
  online = () => true;
}

const OPEN = openDoor(Guard.prototype.check);
const openTheDoor = () => vi.spyOn(Guard.prototype, "check").mockImplementation(OPEN);

function openStage(): { stage: DomainStage; location: OneDevice } {
  const location = new OneDevice();
  const stage = new DomainStage({
    location,
    aliases: TORTURE_DOMAINS,
    accounts: (living) => ({ ...living, has: () => true }),
  });
  for (const local of TORTURE_ADDRESSES) {
    stage.wire.input({ kind: "Listening", transport: "UDP", local });
  }
  return { stage, location };
}

/** Says it, and has the device answer whatever comes there; all that the server sent. */
function converse(stage: DomainStage, from: Place, octets: Octets): Sent[] {
  const sent = stage.say(from, octets);
  const back = sent
    .filter(({ to, message }) => to === DEVICE && message.kind === "Request")
    .flatMap((one) => stage.say(DEVICE, answer(one.octets, 200, "d")));
  return [...sent, ...back];
}

const backTo = (place: Place, sent: readonly Sent[]): Sent[] =>
  sent.filter(({ to }) => (typeof place === "number" ? to === place : `${to}`.startsWith(HOST)));
const finalsIn = (sent: readonly Sent[]): number[] =>
  sent.flatMap(({ message }) =>
    message.kind === "Response" && message.status >= 200 ? [message.status] : [],
  );

let probes = 0;
function probe(stage: DomainStage, place: Place, uri: string): number[] {
  const nth = ++probes;
  const via = `SIP/2.0/UDP ${HOST}:5060;branch=z9hG4bKprobe${nth}`;
  const text = request("OPTIONS", { uri, via, callId: `probe-${nth}` });
  return finalsIn(backTo(place, stage.say(place, text)));
}

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
];

describe.each(houses)("a server $what", ({ open, probed }) => {
  beforeEach(() => {
    if (open) openTheDoor();
  });
  afterEach(() => vi.restoreAllMocks());

  describe.each(ways)("over $way", ({ webSocket }) => {
    test.each(TORTURE)("$rfc $name: $why", (row) => {
      const stage = open ? openStage().stage : new DomainStage();
      const place = webSocket ? stage.connect(`${HOST}:40000`) : `${HOST}:5060`;
      const uri = open ? "sip:example.com" : "sip:house.example";
      expect(probe(stage, place, uri)).toEqual(probed);
      stage.wait(ALL_TIMERS_MS);
      const before = stage.wire.endpoint.census();

      const sent = converse(stage, place, octetsOf(row));
      const finals = finalsIn(backTo(place, sent));
      const expected = statusesFor(row, { open, webSocket });
      expect(finals).toHaveLength(expected.length > 0 ? 1 : 0);
      if (expected.length > 0) expect(expected).toContain(finals[0]);
      const wasForwarded = sent.filter(({ to }) => to === DEVICE).length;
      const isForwarded = open && outcomeFor(row, webSocket).is === "Forwarded";
      expect(wasForwarded).toBe(isForwarded ? 1 : 0);
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
  const octets = octetsOf(row);
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
    const [last] = backTo(PLACE, converse(openStage().stage, PLACE, octets)).slice(-1);
    if (!last) throw new Error("no answer");
    return last;
  };
  const atDevice = (octets: Octets): Sent => {
    const sent = openStage().stage.say(PLACE, octets);
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
    const { stage, location } = openStage();
    const sent = stage.say(PLACE, named(name));
    expect(location.replaced.flat().map(({ contact }) => contact)).toEqual(contacts);
    const listed = sent[0] ? elements(sent[0].message, "Contact") : undefined;
    for (const contact of contacts) {
      expect(listed?.ok && listed.value.some((one) => one.startsWith(`<${contact}>;`))).toBe(true);
    }
    expect(sent, "and the second message of dblreq is none").toHaveLength(1);
  });

  test.each(["esc02", "regbadct", "unksm2", "regaut01", "scalar02"])("%s does not", (name) => {
    const { stage, location } = openStage();
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
    const { stage } = openStage();
    const [heard] = stage.say(PLACE, request("INVITE", TO_USER)).filter(({ to }) => to === DEVICE);
    const said = answer(heard?.octets ?? "", 200, "d").replace(/^.*\r\n/, `${line}\r\n`);
    const [back] = stage.say(DEVICE, said);
    // RFC 3261 §16.7 step 5: a 100 is not forwarded.
    expect(back?.octets.split("\r\n", 1)[0]).toBe(name === "noreason" ? undefined : line);
    const last = stage.say(DEVICE, answer(heard?.octets ?? "", 200, "d"));
    expect(last).toHaveLength(1);
  });

  test("badbranch: two requests that differ are two, though their branch says nothing", () => {
    const { stage } = openStage();
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
    const bare = named("regaut01").replace(/Authorization:.*\r\n/, "");
    const challenges = [named("regaut01"), bare].map((octets) => {
      const { message } = answerTo(octets);
      return headerLines(message, "WWW-Authenticate").map((one) => one.split(" ")[0]);
    });
    expect(challenges[0]).toContain("Digest");
    expect(challenges[0]).toEqual(challenges[1]);
  });

  test("RFC 5118 §4.5: received is written without brackets", () => {
    const octets = octetsOf({ rfc: "rfc5118", name: "via-received-param-with-delim" });
    const via = header(answerTo(octets).message, "Via");
    expect(via).not.toContain("received=[");
    expect(via).toContain(`received=${HOST}`);
  });

  test("RFC 5118 §4.10: the Request-URI goes on without the extra colon", () => {
    const octets = octetsOf({ rfc: "rfc5118", name: "ipv6-bug-abnf-3-colons" });
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
