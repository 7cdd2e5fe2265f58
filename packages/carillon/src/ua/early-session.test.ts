import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { header } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import {
  type AnswerParts,
  answerTo,
  type LonePhone,
  lonePhone,
  read,
} from "../testing/lone-phone.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { requestText } from "../testing/request-text.ts";
import { silentMedia } from "../testing/silent-media.ts";
import { Wire } from "../testing/wire.ts";
import type { Call } from "./call.ts";
import { earlySessionOf, earlySessions, startEarlySession } from "./early-session.ts";
import { Phone } from "./phone.ts";
import type { CallOptions } from "./phone-options.ts";
import { partsOf } from "./phone-parts.ts";

const CONTACT = "Contact: <sip:bob@192.0.2.77:5060>";
const SDP = "Content-Type: application/sdp";
const EARLY = "Content-Disposition: early-session";
const sdp = (port: number) => `v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\nm=audio ${port} RTP/AVP 0\r\n`;
const portIn = (body: string) => /m=audio (\d+)/.exec(body)?.[1];

interface Heard {
  readonly asked: string[];
  readonly media: () => ReturnType<typeof silentMedia>;
}

/** Media of early sessions, at a port of their own, which say what is asked of them. */
function noted(fails = false): Heard {
  const asked: string[] = [];
  const media = () => {
    const own = silentMedia("192.0.2.1", 40_002);
    return {
      ...own,
      answer: async (offer: string) => {
        asked.push(`answer ${portIn(offer)}`);
        if (fails) throw new Error("no sound here");
        return await own.answer(offer);
      },
      accept: async (answer: string) => void asked.push(`accept ${portIn(answer)}`),
      close: () => void asked.push("close"),
    };
  };
  return { asked, media };
}

interface Calling extends LonePhone, Heard {
  readonly call: Call;
  says(status: number, parts: AnswerParts): Promise<void>;
  readonly invite: Request;
}

async function calling(heard = noted(), options: CallOptions = {}): Promise<Calling> {
  const lone = lonePhone();
  await lone.register();
  earlySessions(lone.phone, heard.media);
  lone.sent();
  const call = lone.phone.call("sip:bob@example.com", { audio: true, video: false }, options);
  await lone.wait(0);
  const [invite] = lone.requests("INVITE") as [Request];
  const says: Calling["says"] = (status, parts) => lone.say(answerTo(invite, status, parts));
  return { ...lone, ...heard, call, says, invite };
}

/** A reliable 183 with this body. */
const reliable = (lines: readonly string[], body: string, toTag = "b1"): AnswerParts => ({
  ...{ toTag, body, lines: [CONTACT, "Require: 100rel", "RSeq: 1", ...lines] },
});

/** RFC 3959 §7, figure 3: an answer, and an offer for before it. */
const both = ["--b", SDP, "Content-Disposition: session", "", sdp(30_000)]
  .concat(["--b", SDP, EARLY, "", sdp(30_002), "--b--", ""])
  .join("\r\n");
const MIXED = 'Content-Type: multipart/mixed;boundary="b"';

describe("who calls and takes sessions for before the answer", () => {
  test("RFC 3959 §6 says so, and §7 answers one beside the answer to the call", async () => {
    const { says, invite, call, requests, say, asked } = await calling();
    //= RFC 3959 §6
    //# A UA adding the early-session option tag to a message indicates that it understands the
    //# early-session disposition type.
    expect(header(invite, "Supported")).toContain("early-session");
    await says(183, reliable([MIXED], both));
    const [prack] = requests("PRACK") as [Request];
    //= RFC 3959 §4
    //# User agents MUST use early-session bodies to establish early media sessions in the same way
    //# as they use session bodies to establish regular sessions, as described in RFCs 3261 [2] and
    //# 3264 [3].
    expect(header(prack, "Content-Disposition")).toBe("early-session");
    expect(header(prack, "Content-Type")).toBe("application/sdp");
    expect(portIn(prack.body)).toBe("40002");
    expect(asked).toEqual(["answer 30002"]);
    expect(call.state).toEqual({ name: "Ringing", earlyMedia: true });
    expect(earlySessionOf(call)).toBeDefined();
    await say(answerTo(prack, 200));
    await says(200, { toTag: "b1", lines: [CONTACT] });
    await call.answered;
    //= RFC 3959 §4
    //# An early media session established using early-session bodies MUST be terminated when its
    //# corresponding early dialog is terminated or it transitions to a regular dialog.
    expect(asked).toEqual(["answer 30002", "close"]);
    expect(earlySessionOf(call)).toBeUndefined();
  });

  test("RFC 3959 §4 that comes alone leaves the call's own session to the 200", async () => {
    const { says, call, requests, asked } = await calling();
    await says(183, reliable([SDP, EARLY], sdp(30_002)));
    expect(requests("PRACK").map(({ body }) => portIn(body))).toEqual(["40002"]);
    await says(200, { toTag: "b1", lines: [CONTACT, SDP], body: sdp(30_000) });
    await call.answered;
    expect(call.state.name).toBe("Established");
    expect(asked.at(-1)).toBe("close");
  });

  test("RFC 3960 §4 hears one at a time, and refuses others by all of their streams", async () => {
    const { says, requests, asked } = await calling();
    await says(183, reliable([SDP, EARLY], sdp(30_002)));
    requests("PRACK");
    await says(183, reliable([SDP, EARLY], sdp(30_004), "c1"));
    const [prack] = requests("PRACK") as [Request];
    //= RFC 3959 §4
    //# If a User Agent (UA) needs to refuse an early-session offer, it MUST do so by refusing all
    //# the media streams in it.
    expect(portIn(prack.body)).toBe("0");
    expect(header(prack, "Content-Disposition")).toBe("early-session");
    expect(asked).toEqual(["answer 30002"]);
  });

  test("refuses what its media cannot, and the call goes on", async () => {
    const { says, requests, call, asked } = await calling(noted(true));
    await says(183, reliable([SDP, EARLY], sdp(30_002)));
    expect(requests("PRACK").map(({ body }) => portIn(body))).toEqual(["0"]);
    expect(call.state).toEqual({ name: "Ringing" });
    expect(asked).toEqual(["answer 30002", "close"]);
    await says(200, { toTag: "b1", lines: [CONTACT, SDP], body: sdp(30_000) });
    await call.answered;
  });

  test("RFC 3959 §4 answers both where the offer for the call comes with it", async () => {
    const { says, requests } = await calling(noted(), { lateOffer: true });
    await says(183, reliable([MIXED], both));
    const [prack] = requests("PRACK") as [Request];
    const [, boundary] = /boundary=(\S+)/.exec(header(prack, "Content-Type") ?? "") ?? [];
    const [, first = "", second = "", ...end] = prack.body.split(`--${boundary}`);
    expect([portIn(first), first.includes("Content-Disposition: session")]).toEqual([
      "40000",
      true,
    ]);
    expect([portIn(second), second.includes(EARLY)]).toEqual(["40002", true]);
    expect(end).toEqual(["--\r\n"]);
  });

  test("hears nothing more of one once it is over, or taken back", async () => {
    const { says, call, asked } = await calling();
    await says(183, reliable([SDP, EARLY], sdp(30_002)));
    call.hangUp();
    await call.ended;
    await Promise.resolve();
    expect(asked).toEqual(["answer 30002", "close"]);
  });
});

interface Called extends LonePhone, Heard {
  readonly call: Call;
  responses(): readonly Response[];
  /** A PRACK of the first reliable response. */
  prack(response: Response, lines?: readonly string[], body?: string): Promise<void>;
}

async function called(supported: string, body = sdp(30_000)): Promise<Called> {
  const heard = noted();
  const lone = lonePhone();
  await lone.register();
  earlySessions(lone.phone, heard.media);
  lone.sent();
  const calls = lone.phone.calls();
  const lines = [CONTACT, `Supported: ${supported}`, ...(body === "" ? [] : [SDP])];
  await lone.say(requestText("INVITE", { lines, body }));
  const { value: call } = await calls.next();
  const responses = () =>
    lone
      .sent()
      .map(read)
      .filter((one): one is Response => one.kind === "Response");
  responses();
  const prack: Called["prack"] = (response, more = [], text = "") =>
    lone.say(
      requestText("PRACK", {
        to: header(response, "To") ?? "",
        seq: 2,
        lines: [CONTACT, `RAck: ${header(response, "RSeq")} 1 INVITE`, ...more],
        body: text,
      }),
    );
  return { ...lone, ...heard, call, responses, prack };
}

describe("who is called and offers one", () => {
  test("RFC 3959 §7 does so in a 183, and hears the answer in the PRACK", async () => {
    const { call, responses, prack, asked } = await called("100rel, early-session");
    const started = startEarlySession(call);
    await Promise.resolve();
    await Promise.resolve();
    const [progress] = responses() as [Response];
    expect([progress.status, header(progress, "Content-Disposition")]).toEqual([
      ...[183, "early-session"],
    ]);
    expect(portIn(progress.body)).toBe("40002");
    await prack(progress, [SDP, EARLY], sdp(50_002));
    expect(await started).toBe(true);
    expect(asked).toEqual(["accept 50002"]);
    expect(responses().map(({ status }) => status)).toEqual([200]);
    call.answer().catch(() => {});
    for (let i = 0; i < 20; i++) await Promise.resolve();
    const [accepted] = responses() as [Response];
    //= RFC 3959 §4
    //# Particularly, early-session bodies MUST follow the offer/answer model and MAY appear in the
    //# same messages as session bodies do with the exceptions of 2xx responses for an INVITE and
    //# ACKs.
    expect([accepted.status, header(accepted, "Content-Disposition")]).toEqual([200, undefined]);
    expect(portIn(accepted.body)).toBe("40000");
    expect(asked).toEqual(["accept 50002", "close"]);
  });

  test("RFC 3959 §4 is refused by all of its streams, or by saying nothing", async () => {
    for (const body of [sdp(0), ""]) {
      const { call, responses, prack, asked } = await called("100rel, early-session");
      const started = startEarlySession(call);
      await Promise.resolve();
      await Promise.resolve();
      const [progress] = responses() as [Response];
      await prack(progress, body === "" ? [] : [SDP, EARLY], body);
      expect(await started).toBe(false);
      expect(asked).toEqual(["close"]);
      expect(earlySessionOf(call)).toBeUndefined();
    }
  });

  test("RFC 3959 §6 does not, to whose phone knows nothing of it, or made no offer", async () => {
    for (const [supported, body] of [
      ["100rel", undefined],
      ["early-session", undefined],
      ["100rel, early-session", ""],
    ] as const) {
      const { call, responses, asked } = await called(supported, body);
      expect(await startEarlySession(call)).toBe(false);
      expect(responses()).toEqual([]);
      expect(asked).toEqual(["close"]);
    }
  });

  test("hears no, where the call is over before anybody has said anything to it", async () => {
    const { call, asked } = await called("100rel, early-session");
    const started = startEarlySession(call);
    await Promise.resolve();
    call.decline();
    expect(await started).toBe(false);
    expect(asked).toEqual(["close"]);
  });

  test("is told of a call that cannot have one", async () => {
    const { call, phone } = await called("100rel, early-session");
    call.decline();
    await expect(startEarlySession(call)).rejects.toThrow("comes in");
    const own = phone.call("sip:bob@example.com");
    await expect(startEarlySession(own)).rejects.toThrow("comes in");
    const plain = lonePhone();
    await plain.register();
    await expect(startEarlySession(plain.phone.call("sip:b@example.com"))).rejects.toThrow(
      "no early sessions",
    );
  });

  test("brings reliable responses along: what it offers has to arrive", () => {
    const phone = new Phone(
      { aor: "sip:alice@example.com" },
      {
        crypto: portableCrypto(seededBytes(seeded(1))),
        media: () => silentMedia(),
        servers: () => [],
        run: (endpoint) => {
          const wire = new Wire(endpoint);
          return { call: (run) => void wire.call(run), now: () => wire.now, close() {} };
        },
      },
    );
    const { abilities } = partsOf(phone).agent;
    expect([abilities.extensions, abilities.reliable]).toEqual([[], undefined]);
    earlySessions(phone);
    earlySessions(phone);
    expect(abilities.extensions.toSorted()).toEqual(["100rel", "early-session"]);
    expect(abilities.reliable).toBeDefined();
  });
});
