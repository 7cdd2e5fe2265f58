import { fromText } from "carillon/message";
import { udpWay, type VoiceMedia, type VoiceOptions, type VoiceWay, voice } from "carillon/node";
import { pcmu, tone } from "carillon/rtp";
import { candidate, originOf, parseSdp, readAttributes } from "carillon/sdp";
import { afterEach, describe, expect, test } from "vitest";
import { dtlsWay } from "../dtls/dtls-way.ts";
import { toneShare } from "../sound/tone-share.ts";
import { type NodeMediaOptions, type NodeVoice, nodeMedia } from "./node-media.ts";
import { isKeyed, isOpportunistic } from "./opportunistic-description.ts";
import { opportunisticWay } from "./opportunistic-way.ts";

const VOICE = { audio: true, video: false };
const ADDRESS = "127.0.0.1";
const RATE = 8000;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A side that says a tone, and keeps the last half second of what it hears. */
function sounding(hertz: number) {
  const heard: number[] = [];
  const sink = {
    sampleRate: RATE,
    write: (pcm: Int16Array) => {
      heard.push(...pcm);
      heard.splice(0, Math.max(0, heard.length - RATE / 2));
    },
  };
  const source = () => tone({ frequencies: [hertz], sampleRate: RATE });
  const share = (other: number) =>
    heard.length < RATE / 2 ? 0 : toneShare(Int16Array.from(heard), RATE, other);
  return { source, sink: () => sink, share };
}

function side(hertz: number, options: Partial<NodeMediaOptions> = {}) {
  const { source, sink, share } = sounding(hertz);
  const made: NodeVoice = nodeMedia({ address: ADDRESS, source, sink, ...options })(VOICE);
  open.push(made);
  return { media: made, share };
}

/** A phone that knows of no encryption at all. */
function plainSide(hertz: number, options: Partial<VoiceOptions> = {}) {
  const { source, sink, share } = sounding(hertz);
  const made: VoiceMedia = voice({ address: ADDRESS, source, sink, ...options })(VOICE);
  open.push(made);
  return { media: made, share };
}

async function until(what: () => unknown): Promise<void> {
  for (let nth = 0; nth < 400; nth++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it never came: ${what}`);
}

type Side = ReturnType<typeof side> | ReturnType<typeof plainSide>;

async function exchange(from: Side, to: Side): Promise<readonly [offer: string, answer: string]> {
  const offer = await from.media.offer();
  const answer = await to.media.answer(offer);
  await from.media.accept(answer);
  return [offer, answer];
}

const [HERS, HIS] = [400, 1000];
const hearEachOther = (hers: Side, his: Side) =>
  until(() => hers.share(HIS) > 0.9 && his.share(HERS) > 0.9);

describe("RFC 8643: what is offered both ways", () => {
  test("is plain RTP with what DTLS over ICE needs, its address a candidate", async () => {
    const offer = await side(HERS, { security: "auto" }).media.offer();
    //= RFC 8643 §3.1
    //# To indicate support for OSRTP in an SDP offer, the offerer uses the RTP/AVP profile
    //# [RFC3551] or the RTP/AVPF profile [RFC4585] but includes SRTP keying attributes.
    expect(offer).toMatch(/^m=audio \d+ RTP\/AVP /m);
    expect(offer).toMatch(/^a=fingerprint:sha-256 /m);
    expect([isOpportunistic(offer), isKeyed(offer)]).toEqual([true, true]);
    expect(offer, "without which pages with max-bundle refuse it").toMatch(/^a=group:BUNDLE /m);
    expect(offer).not.toMatch(/^a=rtcp-mux-only/m);
    const parsed = parseSdp(fromText(offer));
    const section = parsed.ok ? parsed.value.media[0] : undefined;
    const candidates = readAttributes(section?.lines ?? [], candidate);
    //= RFC 8839 §4.2.5
    //# The agents will proceed with the ICE procedures defined in [RFC8445] and this specification
    //# if, for each data stream in the SDP it received, the default destination for each component
    //# of that data stream appears in a "candidate" attribute.
    const [plain, ...others] = candidates.filter(({ port }) => port === section?.port);
    expect(plain).toMatchObject({ address: ADDRESS, priority: 1 });
    expect(others).toEqual([]);
    expect(candidates.length).toBeGreaterThan(1);
  });

  test("is encrypted where the other side can, and stays one session", async () => {
    const [anne, ben] = [side(HERS, { security: "auto" }), side(HIS)];
    const [offer, answer] = await exchange(anne, ben);
    //= RFC 8643 §3.2
    //# To accept OSRTP, an answerer receiving an offer indicating support for OSRTP generates an
    //# SDP answer containing SRTP keying attributes that match one of the keying methods in the
    //# offer.
    expect(answer).toMatch(/^m=audio \d+ RTP\/AVP /m);
    expect(isKeyed(answer)).toBe(true);
    await hearEachOther(anne, ben);
    expect([anne.media.isEncrypted, ben.media.isEncrypted]).toEqual([true, true]);
    await anne.media.want({ ...VOICE, held: true });
    const [second] = await exchange(anne, ben);
    //= RFC 8643 §4
    //# For cases where it is known that the other party supports SRTP or SRTP needs to be used,
    //# OSRTP MUST NOT be used. Instead, a secure profile of RTP is used in the offer.
    expect(second).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF /m);
    expect(second).toMatch(/^a=sendonly/m);
    const [first, later] = [offer, second].map((text) => {
      const parsed = parseSdp(fromText(text));
      return parsed.ok ? originOf(parsed.value) : undefined;
    });
    expect(later).toEqual({ ...first, sessionVersion: "2" });
    await anne.media.want({ ...VOICE, held: false });
    await exchange(ben, anne);
    await hearEachOther(anne, ben);
  });

  test("is plain where it can not, for as long as the call lasts", async () => {
    const [anne, ben] = [side(HERS, { security: "auto" }), plainSide(HIS)];
    const [, answer] = await exchange(anne, ben);
    //= RFC 8643 §3.3
    //# If the offerer of OSRTP receives an SDP answer that does not contain SRTP keying attributes,
    //# then the media session proceeds with RTP.
    expect(isKeyed(answer)).toBe(false);
    await hearEachOther(anne, ben);
    expect(anne.media.isEncrypted).toBe(false);
    const [second] = await exchange(anne, ben);
    expect(second).not.toContain("fingerprint");
    await exchange(ben, anne);
    await hearEachOther(anne, ben);
  });

  test("is plain where what is of no use is copied into the answer", async () => {
    const [anne, ben] = [side(HERS, { security: "auto" }), plainSide(HIS)];
    const offer = await anne.media.offer();
    const copied = /^a=(?:mid|ice-ufrag|ice-pwd):.*\r\n/gm;
    const answer = `${await ben.media.answer(offer)}${offer.match(copied)?.join("")}`;
    expect(answer).toContain("a=mid:");
    await anne.media.accept(answer.replace("t=0 0\r\n", "t=0 0\r\na=group:BUNDLE 0\r\n"));
    await hearEachOther(anne, ben);
  });

  test("is heard of a phone that rings with music, and then of the page that answers", async () => {
    const [anne, desk, page] = [
      side(HERS, { security: "auto" }),
      plainSide(620),
      side(HIS),
    ] as const;
    const offer = await anne.media.offer();
    await anne.media.preview(await desk.media.answer(offer));
    await until(() => anne.share(620) > 0.9);
    await anne.media.preview(await page.media.answer(offer));
    expect(anne.media.isEncrypted).toBe(false);
    await anne.media.accept(await page.media.answer(offer));
    desk.media.close();
    await hearEachOther(anne, page);
    expect(anne.media.isEncrypted).toBe(true);
  });
});

describe("RFC 8643 §3.3: an answer", () => {
  //= RFC 8643 §3.3
  //# If the SRTP key management fails, the media session MUST fail.
  test("with a certificate and no ICE ends it in words, and nothing is sent", async () => {
    const [anne, ben] = [side(HERS, { security: "auto" }), side(HIS)];
    const answer = await ben.media.answer(await anne.media.offer());
    const spoiled = answer.replace(/^a=(?:ice-|candidate).*\r\n/gm, "");
    await expect(anne.media.accept(spoiled)).rejects.toThrow("does not speak ICE");
    expect(anne.media.isEncrypted).toBe(true);
  });

  test("is asked for in SRTP alone where encryption is required", async () => {
    const strict = { security: "auto", requireEncryption: true } as const;
    const offer = await side(HERS, strict).media.offer();
    expect(offer).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF /m);
  });
});

test("a machine without the library for DTLS offers plain RTP", async () => {
  const dtls = dtlsWay({ address: ADDRESS });
  const missing: VoiceWay = {
    open: async (user) => {
      const way = await dtls.open(user);
      const offer = () => Promise.reject(new Error("no such library"));
      return { ...way, media: { ...way.media, offer, close: () => way.close() } };
    },
  };
  const way = await opportunisticWay(udpWay({ address: ADDRESS }), missing).open({
    ...{ wanted: VOICE, codecs: [pcmu], now: () => 0, packet: () => false },
    ...{ control() {}, agreed() {}, lost() {} },
  });
  open.push(way);
  const offer = await way.media.offer();
  expect(offer).toMatch(/^m=audio \d+ RTP\/AVP 0/m);
  expect(isKeyed(offer)).toBe(false);
});
