/** Keys in INFO, as bodies and in calls. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { answerTo } from "../testing/lone-phone.ts";
import { type OutgoingScript, talking } from "../testing/scripted-call.ts";
import { DTMF, DTMF_RELAY, formatDtmf, parseDtmf } from "./dtmf.ts";
import { keysIn } from "./keys.ts";
import type { DtmfTone, MediaSession } from "./media.ts";

const key = fc.constantFrom(..."0123456789*#ABCD");

describe("keys in bodies", () => {
  test("are read as they were written", () => {
    fc.assert(
      fc.property(key, fc.nat(60_000), (tone, durationMs) => {
        const one = { tone, durationMs };
        expect(parseDtmf(DTMF_RELAY, formatDtmf(DTMF_RELAY, one))).toEqual({
          ok: true,
          value: one,
        });
        const read = parseDtmf(DTMF, formatDtmf(DTMF, one));
        expect(read).toEqual({ ok: true, value: { tone, durationMs: 160 } });
      }),
    );
  });

  test("are read as others write them", () => {
    const toneOf = (body: string, type = DTMF_RELAY) => {
      const read = parseDtmf(type, body);
      return read.ok ? `${read.value.tone} ${read.value.durationMs}` : read.error.status;
    };
    expect(toneOf("Signal= 5\r\nDuration= 250\r\n")).toBe("5 250");
    expect(toneOf("signal=d\nduration=100")).toBe("D 100");
    expect(toneOf("Signal=10\r\n")).toBe("* 160");
    expect(toneOf("Signal=#\r\nDuration=x\r\n")).toBe("# 160");
    expect(toneOf("Duration=99999999\r\nSignal=1\r\nSignal=2\r\n")).toBe("1 60000");
    expect(toneOf("11", DTMF)).toBe("# 160");
    expect(toneOf(" 7\r\n", DTMF)).toBe("7 160");
    for (const body of ["", "Signal=\r\n", "Signal=16\r\n", "Signal=E", "5", "x".repeat(999)]) {
      expect(toneOf(body)).toBe(400);
    }
    expect(toneOf("5", "text/plain")).toBe(415);
    fc.assert(fc.property(fc.string(), (body) => void parseDtmf(DTMF_RELAY, body)));
  });

  test("are those that a telephone has", () => {
    expect(keysIn("12*#aD")).toEqual(["1", "2", "*", "#", "A", "D"]);
    expect(() => keysIn("1E")).toThrow(RangeError);
    expect(() => keysIn("1 2")).toThrow('" "');
  });
});

/** Answers the INFO that is out, and gives back what it said. */
async function answered(it: OutgoingScript, status = 200): Promise<string> {
  const [info] = it.requests("INFO") as [Request];
  await it.say(answerTo(info, status));
  return `${header(info, "Content-Type")}: ${info.body.split("\r\n")[0]}`;
}

describe("keys in a call", () => {
  test("go out by INFO, one after the other, where media cannot say them", async () => {
    const it = await talking();
    const sent = it.call.sendDtmf("1#");
    const after = it.call.sendDtmf("2");
    await it.wait(0);
    expect(await answered(it)).toBe("application/dtmf-relay: Signal=1");
    expect(await answered(it)).toBe("application/dtmf-relay: Signal=#");
    await sent;
    expect(await answered(it)).toBe("application/dtmf-relay: Signal=2");
    await after;
    expect(it.requests("INFO")).toEqual([]);
  });

  test("go out in the plainer body once the other side refuses the richer one", async () => {
    const it = await talking();
    const sent = it.call.sendDtmf("12");
    await it.wait(0);
    expect(await answered(it, 415)).toBe("application/dtmf-relay: Signal=1");
    expect(await answered(it)).toBe("application/dtmf: 1");
    expect(await answered(it)).toBe("application/dtmf: 2");
    await sent;
  });

  test("that the other side does not take fail with its reason, and the call goes on", async () => {
    const it = await talking();
    const sent = it.call.sendDtmf("12");
    sent.catch(() => {});
    await it.wait(0);
    await answered(it, 405);
    await expect(sent).rejects.toMatchObject({ status: 405 });
    expect(it.requests("INFO")).toEqual([]);
    expect(it.call.state.name).toBe("Established");
    expect(() => it.call.sendDtmf("x")).toThrow(RangeError);
    it.call.hangUp();
    await expect(it.call.sendDtmf("1")).rejects.toMatchObject({ status: 481 });
  });

  test("are for media first, and for INFO where those agreed on no telephone-event", async () => {
    const said: string[] = [];
    let able = true;
    const media: Partial<MediaSession> = {
      sendDtmf: async (tones) => {
        if (!able) throw new Error("no telephone-event");
        said.push(tones);
      },
    };
    const it = await talking(undefined, media);
    await it.call.sendDtmf("12");
    expect(said).toEqual(["12"]);
    able = false;
    const sent = it.call.sendDtmf("3");
    await it.wait(0);
    expect(await answered(it)).toBe("application/dtmf-relay: Signal=3");
    await sent;
  });

  test("come in by INFO and by media, in one stream that ends with the call", async () => {
    const it = await talking();
    const { media } = it.call;
    const heard: DtmfTone[] = [];
    const all = (async () => {
      for await (const tone of it.call.dtmf()) heard.push(tone);
    })();
    const lines = ["Content-Type: application/dtmf-relay"];
    await it.theirs("INFO", { seq: 2, lines, body: "Signal=5\r\nDuration=250\r\n" });
    media?.ondtmf?.({ tone: "*", durationMs: 90 });
    await it.theirs("INFO", {
      ...{ seq: 3, branch: "z9hG4bK-i3", lines: ["Content-Type: application/dtmf"], body: "#" },
    });
    expect(it.responses().map(({ status }) => status)).toEqual([200, 200]);
    it.call.hangUp();
    await all;
    expect(heard).toEqual([
      { tone: "5", durationMs: 250 },
      { tone: "*", durationMs: 90 },
      { tone: "#", durationMs: 160 },
    ]);
  });

  test("that are none are refused, and say what is taken", async () => {
    const it = await talking();
    const tell = async (n: number, type: string, body: string) => {
      const lines = [`Content-Type: ${type}`];
      await it.theirs("INFO", { seq: n, branch: `z9hG4bK-i${n}`, lines, body });
      return it.responses()[0];
    };
    expect((await tell(2, "application/dtmf-relay", "Signal=x"))?.status).toBe(400);
    const refused = await tell(3, "text/plain", "hello");
    expect(refused?.status).toBe(415);
    expect(refused && header(refused, "Accept")).toBe("application/dtmf-relay, application/dtmf");
    const [packaged, body] = [["Info-Package: x", "Content-Type: text/plain"], "hello"];
    await it.theirs("INFO", { seq: 4, branch: "z9hG4bK-i4", lines: packaged, body });
    //= RFC 6086 §4.2.2
    //# If a UA receives an INFO request associated with an Info Package that the UA has not
    //# indicated willingness to receive, the UA MUST send a 469 (Bad Info Package) response (see
    //# Section 11.6), which contains a Recv-Info header field with Info Packages for which the UA
    //# is willing to receive INFO requests.
    expect(it.responses().map(({ status }) => status)).toEqual([469]);
  });

  test("pass the domain's server both ways", async () => {
    const home = house();
    const [alice, bob] = [await home.signedIn("alice"), await home.signedIn("bob", "ws")];
    const { from, to } = await home.talk(alice, bob);
    const [theirs, ours] = [to.dtmf(), from.dtmf()];
    await home.network.until(Promise.all([from.sendDtmf("12"), to.sendDtmf("#")]));
    const tones = [await theirs.next(), await theirs.next(), await ours.next()];
    expect(tones.map(({ value }) => value.tone)).toEqual(["1", "2", "#"]);
  });
});
