import { expect, test } from "vitest";
import type { AgreedSlot } from "../sdp/agreed-media.ts";
import type { LocalMedia, LocalStream } from "../sdp/local-media.ts";
import { house } from "../testing/house.ts";
import { DescribedMedia } from "./described-media.ts";
import type { Wanted } from "./media.ts";

const AUDIO: LocalStream = {
  ...{ media: "audio", protos: ["RTP/AVP"], port: 40_000 },
  codecs: [
    { encoding: "PCMU", clockRateHz: 8000, payloadType: 0 },
    { encoding: "G722", clockRateHz: 8000, payloadType: 9 },
  ],
};
const VIDEO: LocalStream = {
  ...{ media: "video", protos: ["RTP/AVP"], port: 40_002 },
  codecs: [{ encoding: "H264", clockRateHz: 90_000, payloadType: 97 }],
};

const localAt = (address: string, streams = [AUDIO, VIDEO]): LocalMedia => ({
  origin: {
    ...{ username: "-", sessionId: "1", sessionVersion: "1" },
    ...{ netType: "IN", addressType: "IP4", address },
  },
  address: { addressType: "IP4", address },
  streams,
});

/** `audio sendrecv PCMU 192.0.2.1:40000`: what one end believes. */
const told = (slots: readonly AgreedSlot[]): readonly string[] =>
  slots.map(({ media, direction, codecs, remote, isActive }) =>
    isActive
      ? `${media} ${direction} ${codecs[0]?.encoding} ${remote?.address}:${remote?.port}`
      : `${media} off`,
  );

function end(address: string, wanted: Wanted, streams = [AUDIO, VIDEO]) {
  const agreed: (readonly string[])[] = [];
  const early: (readonly string[])[] = [];
  const media = new DescribedMedia(wanted, {
    local: localAt(address, streams),
    onagreed: (slots) => agreed.push(told(slots)),
    onearly: (slots) => early.push(told(slots)),
  });
  return { media, agreed, early };
}

const VOICE: Wanted = { audio: true, video: false };
const BOTH: Wanted = { audio: true, video: true };

test("RFC 3264 §6 two ends agree on what both can, and where each is", async () => {
  const [a, b] = [end("192.0.2.1", VOICE), end("192.0.2.2", BOTH, [{ ...AUDIO, port: 50_000 }])];
  const offer = await a.media.offer();
  expect(offer).not.toContain("m=video");
  await a.media.accept(await b.media.answer(offer));
  expect(a.agreed).toEqual([["audio sendrecv PCMU 192.0.2.2:50000"]]);
  expect(b.agreed).toEqual([["audio sendrecv PCMU 192.0.2.1:40000"]]);
});

test("RFC 3264 §8 later offers keep the slots, and say the next version", async () => {
  const [a, b] = [end("192.0.2.1", VOICE), end("192.0.2.2", BOTH)];
  const exchange = async () => {
    const offer = await a.media.offer();
    await a.media.accept(await b.media.answer(offer));
    return offer;
  };
  await exchange();
  await a.media.want({ ...BOTH, held: false });
  expect(await exchange()).toMatch(/^o=- 1 2 /m);
  await a.media.want({ ...VOICE, held: false });
  const without = await exchange();
  expect(without, "nothing moves up").toMatch(/^m=video 0 /m);
  await a.media.want({ ...VOICE, held: true });
  await exchange();
  expect(a.agreed.slice(1)).toEqual([
    ["audio sendrecv PCMU 192.0.2.2:40000", "video sendrecv H264 192.0.2.2:40002"],
    ["audio sendrecv PCMU 192.0.2.2:40000", "video off"],
    ["audio sendonly PCMU 192.0.2.2:40000", "video off"],
  ]);
  expect(b.agreed.at(-1)).toEqual(["audio recvonly PCMU 192.0.2.1:40000", "video off"]);
});

test("an offer that came to nothing changes nothing, an early answer is only told", async () => {
  const [a, b] = [end("192.0.2.1", VOICE), end("192.0.2.2", VOICE)];
  const answer = await b.media.answer(await a.media.offer());
  await a.media.preview(answer);
  expect([a.early, a.agreed]).toEqual([[["audio sendrecv PCMU 192.0.2.2:40000"]], []]);
  await a.media.accept(answer);
  await a.media.want({ ...VOICE, held: true });
  await a.media.offer();
  await a.media.withdraw();
  await expect(a.media.accept(answer)).rejects.toMatchObject({ code: "SIP_MEDIA" });
  expect(a.agreed).toHaveLength(1);
});

test("what is no description, or has nothing in common, is refused in words", async () => {
  const it = end("192.0.2.1", VOICE);
  await expect(it.media.answer("nonsense")).rejects.toMatchObject({ code: "SIP_MEDIA" });
  const other = end("192.0.2.2", BOTH, [VIDEO]);
  const offer = await other.media.offer();
  await expect(it.media.answer(offer)).rejects.toMatchObject({
    code: "SIP_MEDIA",
    message: "The two devices have no kind of voice or video in common.",
  });
  await it.media.offer();
  const wrong = offer.replace("m=video", "m=audio 1 RTP/AVP 0\r\nm=video");
  await expect(it.media.accept(wrong)).rejects.toMatchObject({ code: "SIP_MEDIA" });
});

test("two phones talk, hold and add a picture by descriptions of the library", async () => {
  const { network, signedIn, talk } = house();
  const [a, b] = [end("203.0.113.1", VOICE), end("203.0.113.2", BOTH)];
  const alice = await signedIn("alice", "udp", { media: () => a.media });
  const bob = await signedIn("bob", "udp", { media: () => b.media });
  const { from, to } = await talk(alice, bob);
  expect(b.agreed).toEqual([["audio sendrecv PCMU 203.0.113.1:40000"]]);
  await network.until(from.hold());
  await network.run(500);
  expect([from.state, to.state]).toMatchObject([{ held: "ByUs" }, { held: "ByThem" }]);
  expect(b.agreed.at(-1)).toEqual(["audio recvonly PCMU 203.0.113.1:40000"]);
  await network.until(from.resume());
  await network.until(from.change({ video: true }));
  expect(a.agreed.at(-1)).toEqual([
    "audio sendrecv PCMU 203.0.113.2:40000",
    "video sendrecv H264 203.0.113.2:40002",
  ]);
  await network.until(from.change({ video: false }));
  expect(b.agreed.at(-1)).toEqual(["audio sendrecv PCMU 203.0.113.1:40000", "video off"]);
});
