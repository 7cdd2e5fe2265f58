import type { Described, MediaEvent, OfferWish, Side, SideTransport } from "carillon/b2bua";
import { fromText } from "carillon/message";
import { parseSdp } from "carillon/sdp";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ClipShelf } from "./local/clip-shelf.ts";
import { MediaCall } from "./media-call.ts";
import type { MediaResult } from "./media-refused.ts";
import { TestingParts } from "./testing-parts.ts";

const sdp = (...lines: readonly string[]): string =>
  ["v=0", "o=- 7 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0", ...lines, ""].join(
    "\r\n",
  );
const audio = (formats = "0 101", port = 4000): readonly string[] => [
  `m=audio ${port} RTP/AVP ${formats}`,
  "a=rtpmap:101 telephone-event/8000",
  "a=fmtp:101 0-15",
];
const PRINT = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "CD").join(":")}`;
const KEYED = ["a=ice-ufrag:abcd", `a=ice-pwd:${"b".repeat(24)}`, PRINT, "a=rtcp-mux"];
const OPUS = ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"];
/** As a browser has it: sound, and a picture if it is asked for. */
const page = (video: readonly string[] = [], setup = "actpass"): string =>
  sdp(
    `a=group:BUNDLE 0${video.length > 0 && !video[0]?.startsWith("m=video 0") ? " 1" : ""}`,
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 110",
    ...OPUS,
    "a=rtpmap:110 telephone-event/48000",
    ...["a=mid:0", `a=setup:${setup}`, ...KEYED, ...video],
  );
const vp8 = (setup = "actpass", port = 9): readonly string[] => [
  `m=video ${port} UDP/TLS/RTP/SAVPF 96 97`,
  ...["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 transport-cc"],
  ...["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=mid:1", `a=setup:${setup}`, ...KEYED],
];

const side = (tag: string, transport: SideTransport = "rtp"): Side => ({
  ...{ tag, transport, address: "192.0.2.1", isBehindNat: false },
});
const [ANNE, BEN, CARL] = [side("a", "webrtc"), side("b"), side("c")];

class Tried {
  readonly parts = new TestingParts();
  readonly events: MediaEvent[] = [];
  readonly notes: string[] = [];
  readonly call = new MediaCall({
    ...{ id: "1", parts: this.parts, shelf: new ClipShelf() },
    onnote: (words) => this.notes.push(words),
    onevent: (event) => this.events.push(event),
  });

  offer(from: Side, to: Side, text: string, wish: OfferWish = {}) {
    return this.call.inTurn(() => this.call.offer(from, to, text, wish));
  }

  answer(from: Side, to: Side, text: string, isEarly = false) {
    return this.call.inTurn(() => this.call.answer(from, to, text, isEarly));
  }

  /** Who hears whom: the end of a side's first stream. */
  end(tag: string, media: "audio" | "video" = "audio") {
    const end = this.call.sides.get(tag)?.firstEnd(media);
    return this.parts.ends.find((one) => one === end);
  }
}

const textOf = (result: MediaResult<Described>): string => {
  if (!result.ok) throw new Error(`${result.error.status} ${result.error.why}`);
  return result.value.sdp;
};
const refusalOf = (result: MediaResult<Described>) => (result.ok ? undefined : result.error);
const mediaLines = (text: string) => text.match(/^m=.*$/gm);
/** Encoding names of a section, in its order. */
const codecsIn = (text: string, media = "audio") =>
  text
    .split(/^(?=m=)/m)
    .find((section) => section.startsWith(`m=${media}`))
    ?.match(/^a=rtpmap:\d+ .*$/gm)
    ?.map((line) => line.replace(/^a=rtpmap:\d+ /, ""));

test("who is offered has all that the other one has, and what can be made of it", async () => {
  const tried = new Tried();
  const offered = textOf(await tried.offer(ANNE, BEN, page()));
  expect(codecsIn(offered)).toEqual([
    ...["opus/48000/2", "PCMU/8000", "G722/8000", "PCMA/8000"],
    ...["telephone-event/48000", "telephone-event/8000"],
  ]);
  expect(offered).toMatch(/a=fmtp:111 minptime=10;useinbandfec=1/);
});

test("RFC 7866 §7.1.2: while it is recorded descriptions say so, in a new version", async () => {
  const tried = new Tried();
  await tried.offer(ANNE, BEN, page());
  await tried.answer(BEN, ANNE, sdp(...audio("0 101")));
  const again = async (to: Side) =>
    textOf(await tried.call.inTurn(() => tried.call.reoffer(to, { restart: false })));
  const versionOf = (text: string) => /^o=- \d+ (\d+)/m.exec(text)?.[1];
  const before = await again(BEN);
  expect(before).not.toMatch(/a=record/);
  tried.call.withdraw(ANNE.tag);
  tried.call.record({ path: "/nowhere/at-all.ogg", format: "ogg" });
  const recorded = await again(BEN);
  expect(recorded).toMatch(/^a=record:on\r$/m);
  expect(versionOf(recorded)).toBe("2");
  // There is no such folder: it never began, and nobody is told that it goes on.
  await expect.poll(() => tried.events).toMatchObject([{ kind: "Recorded", call: "1", paths: [] }]);
  expect(await again(BEN)).toMatch(/^a=record:off\r$/m);
});

test("what both have is answered, as who answers prefers it", async () => {
  const tried = new Tried();
  await tried.offer(ANNE, BEN, page());
  const answered = textOf(await tried.answer(BEN, ANNE, sdp(...audio("0 8 101"))));
  expect(codecsIn(answered)).toEqual(["PCMU/8000", "telephone-event/48000"]);
  expect([tried.end("a")?.speaks, tried.end("b")?.speaks]).toEqual([
    ...["PCMU sendrecv", "PCMU sendrecv"],
  ]);
  expect(tried.end("a")?.hears).toBe(tried.end("b"));
  expect(tried.end("b")?.hears).toBe(tried.end("a"));
});

test("without a codec in common each side has its best", async () => {
  const tried = new Tried();
  await tried.offer(ANNE, BEN, page());
  const answered = textOf(await tried.answer(BEN, ANNE, sdp(...audio("8 101"))));
  expect(codecsIn(answered)).toEqual(["opus/48000/2", "telephone-event/48000"]);
  expect(tried.end("b")?.speaks).toBe("PCMA sendrecv");
});

test("RFC 3261 §20.43: nothing in common is refused with what was lacking", async () => {
  const tried = new Tried();
  const g729 = sdp("m=audio 4000 RTP/AVP 18");
  expect(codecsIn(textOf(await tried.offer(BEN, CARL, g729)))?.[0]).toBe("G729/8000");
  const other = sdp("m=audio 4002 RTP/AVP 97", "a=rtpmap:97 AMR/8000");
  expect(refusalOf(await tried.answer(CARL, BEN, other))).toMatchObject({ status: 488 });
  const image = sdp("m=image 4000 udptl t38");
  expect(refusalOf(await new Tried().offer(BEN, CARL, image))).toEqual({
    ...{ status: 488, warning: 304, why: "no sound is offered that could be passed on" },
  });
  expect(refusalOf(await new Tried().offer(BEN, CARL, "hello"))).toMatchObject({ status: 400 });
});

test("a codec that the engine does not know goes through where both have it", async () => {
  const tried = new Tried();
  const g729 = sdp("m=audio 4000 RTP/AVP 18");
  await tried.offer(BEN, CARL, g729);
  const answered = await tried.answer(CARL, BEN, sdp("m=audio 4002 RTP/AVP 18"));
  expect(codecsIn(textOf(answered))).toEqual(["G729/8000"]);
});

test("RFC 3264 §6: pictures go through where both have a codec", async () => {
  const tried = new Tried();
  const pageToo = side("b", "webrtc");
  const offered = textOf(await tried.offer(ANNE, pageToo, page(vp8())));
  expect(codecsIn(offered, "video")).toEqual(["VP8/90000"]);
  expect(offered).toMatch(/a=rtcp-fb:96 nack pli/);
  expect(offered).not.toMatch(/transport-cc/);
  const result = await tried.answer(pageToo, ANNE, page(vp8("active"), "active"));
  expect(codecsIn(textOf(result), "video")).toEqual(["VP8/90000"]);
  expect(result).toMatchObject({ value: { sides: { a: { video: "passed" } } } });
  expect(tried.end("a", "video")?.hears).toBe(tried.end("b", "video"));
});

test("RFC 3264 §6: a picture that is not taken has port zero, and it is said why", async () => {
  const tried = new Tried();
  await tried.offer(ANNE, BEN, page(vp8()));
  const result = await tried.answer(BEN, ANNE, sdp(...audio("0"), "m=video 0 RTP/AVP 96"));
  expect(mediaLines(textOf(result))?.[1]).toMatch(/^m=video 0 /);
  expect(result).toMatchObject({
    value: { sides: { a: { video: "dropped", why: "the other side takes no video" } } },
  });
  const other = new Tried();
  const offered = textOf(await other.offer(ANNE, BEN, page(vp8()), { audioOnly: true }));
  expect(mediaLines(offered)).toHaveLength(1);
  expect(await other.answer(BEN, ANNE, sdp(...audio("0")))).toMatchObject({
    value: { sides: { a: { video: "dropped", why: "pictures are not passed on here" } } },
  });
});

test("RFC 3264 §8.4: hold goes through, as old telephones say it too", async () => {
  const tried = new Tried();
  await tried.offer(ANNE, BEN, page());
  await tried.answer(BEN, ANNE, sdp(...audio()));
  const holding = sdp(...audio("0 101"), "a=sendonly").replace("7 1 IN", "7 2 IN");
  const offered = textOf(await tried.offer(BEN, ANNE, holding));
  expect(offered).toMatch(/^a=sendonly\r$/m);
  // A browser answers in the order of the offer.
  const held = page([], "active")
    .replace("SAVPF 111 0", "SAVPF 0 111")
    .replace("a=mid:0", "a=mid:0\r\na=recvonly");
  expect(textOf(await tried.answer(ANNE, BEN, held))).toMatch(/^a=recvonly\r$/m);
  expect(tried.end("a")?.speaks).toBe("PCMU sendonly");
  expect(tried.end("b")?.speaks).toBe("PCMU recvonly");
  const nowhere = sdp(...audio()).replace("c=IN IP4 192.0.2.9", "c=IN IP4 0.0.0.0");
  expect(textOf(await tried.offer(BEN, ANNE, nowhere))).toMatch(/^a=sendonly\r$/m);
});

test("a fork: the first answer stays, and who answers finally is who is heard", async () => {
  const tried = new Tried();
  await tried.offer(ANNE, BEN, page());
  await tried.offer(ANNE, CARL, page());
  const early = textOf(await tried.answer(BEN, ANNE, sdp(...audio("0")), true));
  expect(tried.end("a")?.hears).toBe(tried.end("b"));
  const final = textOf(await tried.answer(CARL, ANNE, sdp(...audio("8"))));
  expect(final).toBe(early);
  expect(tried.end("a")?.hears).toBe(tried.end("c"));
  expect(tried.end("c")?.speaks).toBe("PCMA sendrecv");
  // What comes late of the other one changes nothing.
  await tried.answer(BEN, ANNE, sdp(...audio("0")), true);
  expect(tried.end("a")?.hears).toBe(tried.end("c"));
  expect(tried.call.end("b")).toBe(false);
  expect(tried.end("a")?.hears).toBe(tried.end("c"));
});

test("RFC 3264 §8: a refresh of what was settled is answered anew", async () => {
  const tried = new Tried();
  await tried.offer(BEN, CARL, sdp(...audio()));
  await tried.answer(CARL, BEN, sdp(...audio()));
  await tried.offer(BEN, CARL, sdp(...audio()));
  const answered = textOf(await tried.answer(CARL, BEN, sdp(...audio(), "a=recvonly")));
  expect(answered).toMatch(/^a=recvonly\r$/m);
});

test("RFC 3264 §8.1: a picture may come later, from either side, and go again", async () => {
  const tried = new Tried();
  const pageToo = side("b", "webrtc");
  await tried.offer(ANNE, pageToo, page());
  await tried.answer(pageToo, ANNE, page([], "active"));
  const offered = textOf(await tried.offer(pageToo, ANNE, page(vp8())));
  expect(mediaLines(offered)).toHaveLength(2);
  await tried.answer(ANNE, pageToo, page(vp8("active"), "active"));
  expect(tried.end("a", "video")?.hears).toBe(tried.end("b", "video"));
  const gone = textOf(await tried.offer(ANNE, pageToo, page(vp8("actpass", 0))));
  expect(mediaLines(gone)?.[1]).toMatch(/^m=video 0 /);
});

test("an offer that came to nothing leaves all as it was", async () => {
  const tried = new Tried();
  const pageToo = side("b", "webrtc");
  await tried.offer(ANNE, pageToo, page());
  await tried.answer(pageToo, ANNE, page([], "active"));
  await tried.offer(ANNE, pageToo, page(vp8()));
  expect(refusalOf(await tried.offer(pageToo, ANNE, page()))).toMatchObject({ status: 491 });
  tried.call.withdraw("a");
  expect(tried.parts.transports.map(({ withdrawn }) => withdrawn)).toEqual([1, 0]);
  const again = textOf(await tried.offer(pageToo, ANNE, page(vp8())));
  expect(mediaLines(again)).toHaveLength(2);
  await tried.answer(ANNE, pageToo, page(vp8("active"), "active"));
  expect(tried.end("a", "video")?.speaks).toBe("VP8 sendrecv");
});

test("a late offer goes the other way round: who is called offers", async () => {
  const tried = new Tried();
  const offered = textOf(await tried.offer(BEN, ANNE, sdp(...audio("8 0 101"))));
  expect(mediaLines(offered)?.[0]).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 8 0 /);
  const answered = textOf(await tried.answer(ANNE, BEN, page([], "active")));
  expect(mediaLines(answered)?.[0]).toMatch(/^m=audio \d+ RTP\/AVP 0 101$/);
});

test("what a transport cannot do is refused in its words", async () => {
  const tried = new Tried();
  tried.parts.failing = "all ports for media are in use";
  expect(refusalOf(await tried.offer(ANNE, BEN, page()))).toEqual({
    ...{ status: 488, warning: 302, why: "all ports for media are in use" },
  });
  expect(textOf(await tried.offer(ANNE, CARL, page()))).toContain("RTP/AVP");
});

test("a call goes on in another process out of what the first one knew", async () => {
  const before = new Tried();
  await before.offer(ANNE, BEN, page());
  const was = textOf(await before.answer(BEN, ANNE, sdp(...audio("8 101"))));
  const tried = new Tried();
  tried.call.restore(structuredClone(before.call.state));
  const again = textOf(await tried.call.reoffer(ANNE, {}));
  const version = (text: string) => /^o=- (\d+) (\d+)/m.exec(text)?.slice(1) ?? [];
  expect(version(again)[0]).toBe(version(was)[0]);
  expect(Number(version(again)[1])).toBe(Number(version(was)[1]) + 1);
  expect(tried.parts.transports[0]?.wishes[0]?.restart).toBe(true);
  expect(codecsIn(again)?.[0]).toBe("opus/48000/2");
  await tried.call.accept(ANNE, page([], "active"));
  await tried.call.reoffer(BEN, {});
  await tried.call.accept(BEN, sdp(...audio("8 101")));
  expect([tried.end("a")?.speaks, tried.end("b")?.speaks]).toEqual([
    ...["opus sendrecv", "PCMA sendrecv"],
  ]);
  expect(tried.end("a")?.hears).toBe(tried.end("b"));
});

test("another address of ours is offered, and the one before goes on till then", async () => {
  const tried = new Tried();
  await tried.offer(BEN, CARL, sdp(...audio()));
  await tried.answer(CARL, BEN, sdp(...audio()));
  const moved = { ...BEN, address: "192.0.2.200" };
  const offered = textOf(await tried.call.reoffer(moved, {}));
  expect(offered).toMatch(/^c=IN IP4 192\.0\.2\.200\r$/m);
  const [, before, next] = tried.parts.transports;
  expect([before?.isClosed, next?.isClosed]).toEqual([false, false]);
  await tried.call.accept(moved, sdp(...audio()));
  expect([before?.isClosed, next?.isClosed]).toEqual([true, false]);
});

test("a side of which nothing comes is told of once, if it has something to say", async () => {
  const tried = new Tried();
  await tried.offer(BEN, CARL, sdp(...audio()));
  await tried.answer(CARL, BEN, sdp(...audio(), "a=recvonly"));
  for (const end of tried.parts.ends) end.silentForMs = 31_000;
  tried.call.watch(0);
  tried.call.watch(0);
  expect(tried.events).toEqual([{ kind: "Silent", call: "1", tag: "b", sinceMs: 31_000 }]);
  for (const end of tried.parts.ends) end.silentForMs = 0;
  tried.call.watch(0);
  for (const end of tried.parts.ends) end.silentForMs = 40_000;
  tried.call.watch(0);
  expect(tried.events).toHaveLength(2);
});

test("whatever is said to be a description, the call answers, and goes on", async () => {
  const pieces = [page(vp8()), page([], "active"), sdp(...audio()), sdp(...audio("8")), "v=0"];
  const lines = [...new Set(pieces.flatMap((text) => text.split("\r\n")))];
  const made = fc
    .array(fc.constantFrom(...lines), { maxLength: 30 })
    .map((some) => ["v=0", "o=- 7 1 IN IP4 192.0.2.9", "s=-", "t=0 0", ...some, ""].join("\r\n"));
  const text = fc.oneof(fc.constantFrom(...pieces), made, fc.string());
  const step = fc.record({ text, what: fc.nat(4), from: fc.nat(2), to: fc.nat(2) });
  const sides = [ANNE, BEN, CARL];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const tried = new Tried();
      for (const { text, what, from, to } of steps) {
        const [one, other] = [sides[from] ?? ANNE, sides[to] ?? BEN];
        if (from === to) continue;
        const { call } = tried;
        const result =
          what === 0
            ? await tried.answer(one, other, text)
            : what === 1
              ? await call.inTurn(() => call.reoffer(one, {}))
              : what === 2
                ? await call.inTurn(() => call.accept(one, text))
                : await tried.offer(one, other, text);
        if (!result.ok) expect([400, 481, 488, 491]).toContain(result.error.status);
        else if (what === 3) expect(parseSdp(fromText(result.value.sdp)).ok).toBe(true);
      }
      tried.call.close();
    }),
    { numRuns: 300 },
  );
});

test("everything that a peer can make grow has an end", async () => {
  const tried = new Tried();
  for (let nth = 0; nth < 70; nth++) await tried.offer(BEN, side(`branch-${nth}`), sdp(...audio()));
  expect(tried.call.sides.size).toBe(64);
  const many = Array.from({ length: 60 }, () => audio()).flat();
  const offered = textOf(await new Tried().offer(BEN, CARL, sdp(...many)));
  expect(mediaLines(offered)).toHaveLength(16);
  const work = Array.from({ length: 40 }, () => tried.offer(BEN, CARL, "hello"));
  const statuses = (await Promise.all(work)).map((one) => refusalOf(one)?.status);
  expect(statuses.filter((status) => status === 503)).toHaveLength(8);
  tried.call.close();
  expect(tried.parts.transports.every(({ isClosed }) => isClosed)).toBe(true);
  expect(refusalOf(await tried.offer(BEN, CARL, sdp(...audio())))).toMatchObject({ status: 481 });
});

test("what nobody waits for is never lost without a word", async () => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const { call, notes } = new Tried();
  call.afterwards(() => {
    throw new Error("a defect of ours");
  });
  const held = Promise.withResolvers<void>();
  const offer = call.inTurn(async () => {
    await held.promise;
    return { ok: true, value: undefined };
  });
  let ran = 0;
  await Promise.resolve();
  for (let key = 0; key < 40; key++) call.afterwards(() => ran++);
  held.resolve();
  await offer;
  await call.inTurn(async () => ({ ok: true, value: undefined }));
  await vi.waitFor(() => expect(notes.length + ran).toBe(40));
  expect(new Set(notes)).toEqual(new Set(["call 1: the call is asked for too much at once"]));
  expect(`${warned.mock.calls[0]?.[0]}`).toContain("a defect of ours");
  warned.mockRestore();
});
