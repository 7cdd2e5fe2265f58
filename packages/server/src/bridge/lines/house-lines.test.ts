// The lines of a house, spoken to in octets, with an engine that only says what it was asked.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mintToken, portableCrypto } from "carillon/auth";
import type {
  Described,
  MediaAnswer,
  MediaEngine,
  MediaEvent,
  MediaResult,
  Side,
} from "carillon/b2bua";
import { createEndpoint } from "carillon/endpoint";
import { header, parseMessage } from "carillon/message";
import { domain, MemoryLocation, Pending } from "carillon/roles";
import { requestText, testAccounts, Wire } from "carillon/testing";
import { afterAll, expect, test } from "vitest";
import { type HouseLinesOptions, houseLines } from "./house-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "de"));
for (const name of ["closed.wav", "closed.opus", "de/closed.wav", "lunch-break.ogg", "x.txt"]) {
  writeFileSync(join(folder, name), "");
}

const OFFER = [
  ...["v=0", "o=- 7 7 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0"],
  ...["m=audio 9 RTP/AVP 0", ""],
].join("\r\n");
const OURS = "v=0\r\no=- 9 9 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";

/** Says in a line what it was asked. */
class Engine implements MediaEngine {
  readonly asked: string[] = [];
  readonly sides: Side[] = [];
  /** Answers are kept back. */
  pending: Pending<MediaResult<Described>> | undefined;
  refuses: string | undefined;
  onevent: ((event: MediaEvent) => void) | undefined;

  refusal() {
    return { ok: false, error: { status: 488, why: this.refuses ?? "", warning: 305 } } as const;
  }

  #answer(what: string, side: Side): MediaAnswer<Described> {
    this.asked.push(what);
    this.sides.push(side);
    if (this.pending) return this.pending;
    return this.refuses ? this.refusal() : { ok: true, value: { sdp: OURS, sides: {} } };
  }

  terminate = (_: string, side: Side) => this.#answer("terminate", side);
  originate = (_: string, side: Side) => this.#answer("originate", side);
  reoffer = (_: string, side: Side) => this.#answer("reoffer", side);
  accept = (_: string, side: Side) => this.#answer("accept", side);
  offer = (_: string, side: Side) => this.#answer("offer", side);
  answer = (_: string, side: Side) => this.#answer("answer", side);
  withdraw = () => void this.asked.push("withdraw");
  play: MediaEngine["play"] = (_, __, what) => void this.asked.push(`play ${JSON.stringify(what)}`);
  stop = () => void this.asked.push("stop");
  echo: MediaEngine["echo"] = (_, __, ms) => void this.asked.push(`echo ${ms}`);
  record = () => {};
  stopRecording = () => {};
  dtmf = () => {};
  statistics = () => undefined;
  end = () => void this.asked.push("end");
}

class Stage {
  readonly engine = new Engine();
  readonly others: string[] = [];
  readonly lines;
  readonly wire: Wire;
  readonly #crypto = portableCrypto((count) => new Uint8Array(count).fill(3));
  readonly #key = new Uint8Array(32).fill(7);
  #seq = 0;

  constructor(options: Partial<HouseLinesOptions> = {}) {
    this.engine.onevent = ({ kind }) => void this.others.push(kind);
    this.lines = houseLines({ engine: this.engine, announcements: folder, ...options });
    const role = domain({
      ...{ domain: "house.example", aliases: ["192.0.2.1"], realm: "house.example" },
      accounts: {
        ...testAccounts(this.#crypto, "house.example", { alice: "a", bob: "b", tone: "t" }),
        has: (user) => ["alice", "bob"].includes(user),
        session: () => true,
      },
      location: new MemoryLocation(),
      ...{ crypto: this.#crypto, key: this.#key, tokenKey: this.#key, node: "n1" },
      services: [this.lines],
    });
    this.wire = new Wire(
      createEndpoint({ role, crypto: this.#crypto, key: this.#key, node: "n1", product: "" }),
    );
  }

  /** A call; what is said to it at once. */
  call(uri: string, { body = OFFER, who = "alice" as string | null, id = uri } = {}) {
    const claims = { account: who ?? "nobody", session: "s", expiresAt: this.wire.now + 3_600_000 };
    const token = mintToken(this.#crypto, this.#key, claims);
    const text = requestText("INVITE", {
      branch: `z9hG4bK-call-${this.#seq}`,
      ...{ uri, body, callId: `${id}-${++this.#seq}` },
      to: `<${uri}>`,
      from: `<sip:${who ?? "alice"}@house.example>;tag=b1`,
      lines: [
        ...(who === null ? [] : [`Proxy-Authorization: Bearer ${token}`]),
        "Contact: <sip:alice@192.0.2.9:5060>",
        ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      ],
    } as Parameters<typeof requestText>[1]);
    return { text, sent: this.wire.datagram(text) };
  }

  /** The same, answered and acknowledged. */
  answered(uri: string, options: Parameters<Stage["call"]>[1] = {}) {
    const { sent, text } = this.call(uri, options);
    const ok = sent.at(-1) ?? "";
    expect(ok).toMatch(/^SIP\/2\.0 200 /);
    const within = (method: string, seq: number, body = "") =>
      this.wire.datagram(
        requestText(method, {
          ...{ seq, body, branch: `z9hG4bK${method}${seq}${this.#seq}` },
          uri: "sip:192.0.2.1:5060",
          callId: field(text, "Call-ID"),
          from: field(text, "From"),
          to: field(ok, "To"),
          lines: [
            "Contact: <sip:alice@192.0.2.9:5060>",
            ...(body === "" ? [] : ["Content-Type: application/sdp"]),
          ],
        } as Parameters<typeof requestText>[1]),
      );
    within("ACK", 1, options.body === "" ? OFFER : "");
    return { ok, within };
  }

  event(event: MediaEvent): readonly string[] {
    return this.wire.call(() => this.engine.onevent?.(event));
  }
}

const field = (text: string, name: string): string => {
  const parsed = parseMessage(text);
  return (parsed.ok && header(parsed.value, name)) || "";
};
const titles = (sent: readonly string[]) => sent.map((text) => text.split("\r\n")[0]);

test("echo says what it is, and then what it hears; by name and by number", () => {
  for (const uri of ["sip:echo@house.example", "sip:*43@house.example", "sip:ECHO@house.example"]) {
    const stage = new Stage();
    const { ok } = stage.answered(uri);
    expect(ok).toContain(OURS);
    expect(stage.engine.asked[0]).toBe("terminate");
    expect(stage.engine.asked[1]).toMatch(/^play .*echo\.opus/);
    stage.event({ kind: "Played", call: "line-1", tag: "caller" });
    expect(stage.engine.asked.slice(2)).toEqual(["echo 1000"]);
    expect(stage.others).toEqual(["Played"]);
  }
});

test("echo with a delay in its URI does nothing else", () => {
  const stage = new Stage();
  stage.answered("sip:echo@house.example;delay=0");
  stage.answered("sip:echo@house.example;delay=99999");
  expect(stage.engine.asked).toEqual(["terminate", "echo 0", "terminate", "echo 5000"]);
});

test("a tone, which keys change; a clock", () => {
  const stage = new Stage();
  stage.answered("sip:*44@house.example");
  const dtmf = { kind: "Dtmf", call: "line-1", tag: "caller", durationMs: 100 } as const;
  for (const tone of ["2", "9"]) stage.event({ ...dtmf, tone, isInBand: false, isUnsaid: false });
  stage.answered("sip:clock@house.example");
  expect(stage.engine.asked).toEqual([
    ...["terminate", 'play {"kind":"Tone","hz":440}', 'play {"kind":"Tone","hz":1000}', "stop"],
    ...["terminate", 'play {"kind":"Clock"}'],
  ]);
});

test("RFC 4240 §3: an announcement is played as its URI asks, and then it hangs up", () => {
  const stage = new Stage();
  stage.answered("sip:annc@house.example;play=closed;repeat=3;delay=500;duration=9000;x=y");
  const path = join(folder, "closed.opus");
  const files = { kind: "Files", paths: [path], repeat: 3, delayMs: 500, durationMs: 9000 };
  expect(stage.engine.asked).toEqual(["terminate", `play ${JSON.stringify(files)}`]);
  const sent = stage.event({ kind: "Played", call: "line-1", tag: "caller" });
  expect(titles(sent)).toEqual(["BYE sip:alice@192.0.2.9:5060 SIP/2.0"]);
  expect(stage.engine.asked.at(-1)).toBe("end");
  expect(stage.event({ kind: "Played", call: "line-1", tag: "caller" })).toEqual([]);
});

test.each([
  ["play=closed;locale=de_AT", "de/closed.wav"],
  ["play=closed;locale=fr", "closed.opus"],
  ["play=/provisioned/Lunch-Break", "lunch-break.ogg"],
  ["play=busy;repeat=forever", "prompts/en/busy.opus"],
])("RFC 4240 §3: %s is %s", (params, file) => {
  const stage = new Stage();
  stage.answered(`sip:annc@house.example;${params}`);
  const played = JSON.parse(stage.engine.asked[1]?.slice(5) ?? "{}");
  expect(played.paths[0].endsWith(file)).toBe(true);
  expect(played.repeat).toBe(params.includes("forever") ? 100 : 1);
});

test.each([
  //= RFC 4240 §3
  //# If the media server supports announcements, but it cannot find the referenced URI, it MUST
  //# respond with the 404 response code and SHOULD send the reason phrase "Announcement content not
  //# found".
  ["play=nothing", "404 Announcement content not found"],
  ["play=x", "404 Announcement content not found"],
  ["play=../../etc/passwd", "404 Announcement content not found"],
  ["play=%2e%2e/closed", "404 Announcement content not found"],
  ["play=/etc/passwd", "404 Announcement content not found"],
  ["play=/provisioned/../closed", "404 Announcement content not found"],
  ["play=http://evil.example/x.wav", "404 Announcement content not found"],
  ["play=file:///etc/passwd", "404 Announcement content not found"],
  //= RFC 4240 §3
  //# If the media server receives an INVITE for the announcement service without a "play="
  //# parameter, it MUST respond with the response code 400 and SHOULD send the reason phrase
  //# "Mandatory play parameter missing".
  ["repeat=2", "400 Mandatory play parameter missing"],
  ["play=closed;repeat=often", "400 Bad repeat parameter"],
  ["play=closed;delay=1s", "400 Bad delay parameter"],
  ["play=closed;duration=-1", "400 Bad duration parameter"],
])("RFC 4240 §3: %s gets %s", (params, expected) => {
  const stage = new Stage();
  const { sent } = stage.call(`sip:annc@house.example;${params}`);
  expect(titles(sent)).toEqual([`SIP/2.0 ${expected}`]);
  expect(stage.engine.asked).toEqual([]);
});

test("RFC 4240 §3: an early announcement is heard before an answer that never comes", () => {
  const stage = new Stage();
  const { sent } = stage.call("sip:annc@house.example;play=closed;early=yes");
  expect(titles(sent)).toEqual(["SIP/2.0 183 Session Progress"]);
  expect(sent[0]).toContain(OURS);
  expect(stage.engine.asked[1]).toMatch(/^play/);
  const after = stage.event({ kind: "Played", call: "line-1", tag: "caller" });
  expect(titles(after)).toEqual(["SIP/2.0 480 Temporarily Unavailable"]);
  expect(stage.lines.count).toBe(0);
});

test("nobody calls a line whom the house does not know", () => {
  const stage = new Stage();
  const { sent } = stage.call("sip:echo@house.example", { who: null });
  expect(titles(sent)).toEqual(["SIP/2.0 407 Proxy Authentication Required"]);
  expect(stage.engine.asked).toEqual([]);
});

test("a late offer: ours is in the 2xx, and the ACK has theirs", () => {
  const stage = new Stage();
  stage.answered("sip:clock@house.example", { body: "" });
  expect(stage.engine.asked).toEqual(["originate", "accept", 'play {"kind":"Clock"}']);
});

test("hold and other changes are the engine's to answer; what it cannot is refused", () => {
  const stage = new Stage();
  const { within } = stage.answered("sip:clock@house.example");
  expect(titles(within("INVITE", 2, OFFER))).toEqual(["SIP/2.0 200 OK"]);
  within("ACK", 2);
  stage.engine.refuses = "no format in common";
  expect(titles(within("INVITE", 3, OFFER))[0]).toMatch(/^SIP\/2\.0 488 /);
  stage.engine.refuses = undefined;
  expect(titles(within("INVITE", 4))).toEqual(["SIP/2.0 200 OK"]);
  within("ACK", 4, OFFER);
  expect(stage.engine.asked.filter((what) => !what.startsWith("play"))).toEqual([
    ...["terminate", "terminate", "terminate", "originate", "accept"],
  ]);
  expect(titles(within("BYE", 5))).toEqual(["SIP/2.0 200 OK"]);
  expect([stage.engine.asked.at(-1), stage.lines.count]).toEqual(["end", 0]);
});

test("what the engine refuses is refused with its words, and nothing is kept", () => {
  const stage = new Stage();
  stage.engine.refuses = "no format in common: they have G729 only";
  const { sent } = stage.call("sip:echo@house.example");
  expect(titles(sent)[0]).toMatch(/^SIP\/2\.0 488 /);
  expect(sent[0]).toContain(
    'Warning: 305 house.example "no format in common: they have G729 only"',
  );
  expect([stage.engine.asked.at(-1), stage.lines.count]).toEqual(["end", 0]);
});

test("an engine that takes its time, and a caller who does not wait", () => {
  const stage = new Stage();
  stage.engine.pending = new Pending();
  const { text } = stage.call("sip:echo@house.example");
  const cancel = text.replace(/^INVITE| INVITE\r/gm, (one) => one.replace("INVITE", "CANCEL"));
  expect(titles(stage.wire.datagram(cancel)).at(-1)).toBe("SIP/2.0 487 Request Terminated");
  const late = stage.wire.call(() => stage.engine.pending?.resolve(stage.engine.refusal()));
  expect([late, stage.engine.asked]).toEqual([[], ["terminate", "end"]]);
});

test("each account has so many, all have so many, and none lasts for ever", () => {
  const stage = new Stage({ callsEach: 2, calls: 3, minutes: 5 });
  for (const _ of [1, 2]) stage.answered("sip:clock@house.example");
  expect(titles(stage.call("sip:clock@house.example").sent)[0]).toMatch(/ 486 You have as many/);
  stage.answered("sip:clock@house.example", { who: "bob" });
  const { sent } = stage.call("sip:clock@house.example", { who: "bob" });
  expect(titles(sent)[0]).toMatch(/ 503 All lines are taken/);
  const byes = titles(stage.wire.wait(5 * 60_000)).filter((title) => title?.startsWith("BYE"));
  expect(byes.length).toBeGreaterThanOrEqual(3);
  stage.answered("sip:clock@house.example");
});

test("media that are lost are offered anew, and the line begins again", () => {
  const stage = new Stage();
  stage.answered("sip:clock@house.example");
  const sent = stage.event({ kind: "Lost", calls: ["line-1", "other"], why: "killed" });
  const invite = sent[0] ?? "";
  expect([titles(sent)[0], stage.engine.asked.at(-1)]).toEqual([
    ...["INVITE sip:alice@192.0.2.9:5060 SIP/2.0", "reoffer"],
  ]);
  const copied = ["Via", "From", "To", "Call-ID", "CSeq"].map(
    (name) => `${name}: ${field(invite, name)}`,
  );
  const lines = ["SIP/2.0 200 OK", ...copied, "Contact: <sip:alice@192.0.2.9:5060>"];
  const end = ["Content-Type: application/sdp", `Content-Length: ${OFFER.length}`, "", OFFER];
  stage.wire.datagram([...lines, ...end].join("\r\n"));
  expect(stage.engine.asked.slice(-2)).toEqual(["accept", 'play {"kind":"Clock"}']);
});

test("a caller who is not there any more is hung up on", () => {
  const stage = new Stage();
  stage.answered("sip:clock@house.example");
  const gone = { kind: "Silent", call: "line-1", tag: "caller", sinceMs: 30_000 } as const;
  expect(titles(stage.event(gone))[0]).toMatch(/^BYE/);
});

test("whoever describes an address that they do not send from is answered where they are", () => {
  const stage = new Stage();
  stage.answered("sip:clock@house.example");
  const hidden = OFFER.replaceAll("192.0.2.9", "10.0.0.7");
  stage.answered("sip:clock@house.example", { body: hidden });
  expect(stage.engine.sides.map(({ isBehindNat }) => isBehindNat)).toEqual([false, true]);
  expect(stage.engine.sides[0]).toMatchObject({ address: "192.0.2.1", transport: "any" });
});

test("other numbers, if the operator wants them", () => {
  const stage = new Stage({ numbers: { echo: ["9196"], clock: [] } });
  stage.answered("sip:9196@house.example");
  for (const uri of ["sip:*43@house.example", "sip:*60@house.example"]) {
    expect(titles(stage.call(uri).sent)[0]).toMatch(/ 404 /);
  }
});
