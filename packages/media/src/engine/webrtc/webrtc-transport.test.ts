import { fromText, toText } from "carillon/message";
import { formatRtcp, formatRtp, parseRtp } from "carillon/rtp";
import {
  agreedMedia,
  answer,
  type Description,
  formatSdp,
  type LocalCodec,
  type LocalMedia,
  offer,
  parseSdp,
  reoffer,
} from "carillon/sdp";
import { afterEach, describe, expect, test } from "vitest";
import type { LocalPart, Provided, StreamWish } from "../transport.ts";
import { WebrtcTransport } from "./webrtc-transport.ts";

const closing: WebrtcTransport[] = [];
afterEach(() => {
  for (const each of closing.splice(0)) each.close();
});

const CODECS: Record<StreamWish["media"], readonly LocalCodec[]> = {
  audio: [{ encoding: "opus", clockRateHz: 48_000, channels: 2, payloadType: 111 }],
  video: [{ encoding: "VP8", clockRateHz: 90_000, payloadType: 96 }],
};
const SOUND: StreamWish = { slot: undefined, media: "audio" };
const PICTURE: StreamWish = { slot: undefined, media: "video" };

function transport(address = "127.0.0.1"): WebrtcTransport {
  const ports = { from: 45_000, to: 45_999 };
  const made = new WebrtcTransport({ address, ports, isBehindNat: false, sdes: false });
  closing.push(made);
  return made;
}

function value<T>(provided: Provided<T>): T {
  if (!provided.ok) throw new Error(provided.why);
  return provided.value;
}

/** The engine's part of a description. */
function local(part: LocalPart, wishes: readonly StreamWish[], more = {}): LocalMedia {
  const origin = { username: "-", sessionId: "1", sessionVersion: "1", netType: "IN" };
  return {
    ...part,
    origin: { ...origin, ...part.address },
    streams: part.streams.map((stream, n) => {
      const { slot, media } = wishes[n] ?? SOUND;
      return { ...stream, media, codecs: CODECS[media], ...(slot !== undefined && { slot }) };
    }),
    ...more,
  };
}

interface Exchange {
  readonly offered: Description;
  readonly answered: Description;
}

const slotted = (wishes: readonly StreamWish[]): readonly StreamWish[] =>
  wishes.map(({ media }, slot) => ({ media, slot }));

/** Offer and answer between two transports; `change` is what happens to descriptions on the way. */
async function exchange(
  [near, far]: readonly [WebrtcTransport, WebrtcTransport],
  wishes: readonly StreamWish[],
  {
    before,
    restart = false,
    more = {},
  }: { before?: Exchange; restart?: boolean; more?: object } = {},
): Promise<Exchange> {
  const known = before ? slotted(wishes) : wishes;
  const ours = local(value(await near.prepare({ streams: known, restart })), known, more);
  const agreed = before && { local: before.offered, remote: before.answered };
  const offered = (agreed ? reoffer(ours, agreed) : offer(ours)).description;
  const streams = slotted(wishes);
  const theirs = local(value(await far.prepare({ streams, offer: offered })), streams, more);
  const back = before && { local: before.answered, remote: before.offered };
  const answered = answer(offered, theirs, back).description;
  settle(far, answered, offered, "local");
  settle(near, offered, answered, "remote");
  return { offered, answered };
}

function settle(
  end: WebrtcTransport,
  own: Description,
  peer: Description,
  answerer: "local" | "remote",
): void {
  const slots = agreedMedia({ local: own, remote: peer }, answerer);
  value(end.agree({ slots, local: own, remote: peer, answerer }));
}

const opened = (end: WebrtcTransport): Promise<void> =>
  new Promise((resolve) => {
    end.onopen = resolve;
  });

const packet = (payloadType: number, ssrc: number, sequence = 1): Uint8Array =>
  formatRtp({
    ...{ marker: false, payloadType, sequence, timestamp: 0, ssrc },
    payload: Uint8Array.of(sequence, 2, 3, 4),
  });

/** `slot:payloadType:ssrc` of what comes. */
function heardBy(end: WebrtcTransport): string[] {
  const heard: string[] = [];
  end.onpacket = (slot, bytes) => {
    const read = parseRtp(bytes);
    if (read.ok) heard.push(`${slot}:${read.value.payloadType}:${read.value.ssrc}`);
  };
  return heard;
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let n = 0; n < 600 && !isSo(); n++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
};

const text = (description: Description): string => toText(formatSdp(description));

describe("RFC 8843: sound and pictures on one association", () => {
  test("RFC 8843 §9.2: each packet comes out in its section, and RTCP about it too", async () => {
    const pair = [transport(), transport()] as const;
    const [near, far] = pair;
    const open = Promise.all(pair.map(opened));
    const { offered, answered } = await exchange(pair, [SOUND, PICTURE]);
    await open;
    expect([near.isOpen, far.isOpen, near.isEncrypted]).toEqual([true, true, true]);
    expect(text(answered).match(/^m=\w+ [1-9]\d*|a=rtcp-mux$/gm)).toHaveLength(4);
    expect(text(offered).match(/a=group:BUNDLE.*|a=extmap.*/g)).toEqual([
      "a=group:BUNDLE 0 1",
      "a=extmap:13 urn:ietf:params:rtp-hdrext:sdes:mid",
      "a=extmap:13 urn:ietf:params:rtp-hdrext:sdes:mid",
    ]);
    const [atNear, atFar] = [heardBy(near), heardBy(far)];
    expect([near.send(0, packet(111, 5)), near.send(1, packet(96, 6))]).toEqual([true, true]);
    expect([far.send(1, packet(96, 7)), far.send(0, packet(111, 8))]).toEqual([true, true]);
    await until(() => atNear.length === 2 && atFar.length === 2);
    expect(atFar).toEqual(["0:111:5", "1:96:6"]);
    expect(atNear).toEqual(["1:96:7", "0:111:8"]);
    const reports: string[] = [];
    near.oncontrol = (slot, bytes) => reports.push(`${slot}:${bytes[1]}:${bytes.length}`);
    far.sendControl(1, formatRtcp([{ kind: "PictureLoss", ssrc: 7, mediaSsrc: 6 }]));
    const report = { kind: "ReceiverReport", ssrc: 8, reports: [] } as const;
    far.sendControl(0, formatRtcp([report, { kind: "PictureLoss", ssrc: 7, mediaSsrc: 6 }]));
    await until(() => reports.length === 3);
    expect(reports).toEqual(["1:206:12", "0:201:8", "1:206:12"]);
    expect(near.statistics()).toEqual({ path: "direct", packetsRefused: 0 });
  });

  test("RFC 8843 §15: the tag is in the first packets, and again in another source's", async () => {
    const pair = [transport(), transport()] as const;
    const open = Promise.all(pair.map(opened));
    await exchange(pair, [SOUND, PICTURE]);
    await open;
    const sizes: number[] = [];
    pair[1].onpacket = (_slot, bytes) => sizes.push(bytes.length);
    for (let n = 0; n < 210; n++) pair[0].send(0, packet(111, 5, n));
    pair[0].send(0, packet(111, 50));
    await until(() => sizes.length === 211);
    const plain = packet(111, 5).length;
    expect(sizes.filter((size) => size > plain)).toHaveLength(201);
    expect(sizes.at(-1)).toBeGreaterThan(plain);
  });

  test("a second section that is not bundled is refused: there is one association", async () => {
    const far = transport();
    const part = value(await transport().prepare({ streams: [SOUND, PICTURE] }));
    const apart = local({ ...part, bundle: false }, [SOUND, PICTURE]);
    const offered = offer(apart).description;
    const streams = slotted([SOUND, PICTURE]);
    const made = answer(
      offered,
      local(value(await far.prepare({ streams, offer: offered })), streams),
    );
    expect(made.slots.map(({ kind }) => kind)).toEqual(["Taken", "Refused"]);
  });

  test("a picture is added later, over the association that there is", async () => {
    const pair = [transport(), transport()] as const;
    const open = Promise.all(pair.map(opened));
    const first = await exchange(pair, [SOUND]);
    await open;
    const agreed = { local: first.offered, remote: first.answered };
    const wishes = [{ ...SOUND, slot: 0 }, PICTURE];
    const offered = reoffer(
      local(value(await pair[0].prepare({ streams: wishes })), wishes),
      agreed,
    ).description;
    const streams = slotted(wishes);
    const theirs = local(value(await pair[1].prepare({ streams, offer: offered })), streams);
    const back = { local: first.answered, remote: first.offered };
    const answered = answer(offered, theirs, back).description;
    settle(pair[1], answered, offered, "local");
    settle(pair[0], offered, answered, "remote");
    const ufrag = /a=ice-ufrag:(.*)\r/;
    expect(ufrag.exec(text(offered))?.[1]).toBe(ufrag.exec(text(first.offered))?.[1]);
    const heard = heardBy(pair[1]);
    pair[0].send(1, packet(96, 6));
    await until(() => heard.length === 1);
    expect(heard).toEqual(["1:96:6"]);
  });
});

test("RFC 8445 §5.1.1: over IPv6 alone", async () => {
  const pair = [transport("::1"), transport("::1")] as const;
  const open = Promise.all(pair.map(opened));
  const { offered, answered } = await exchange(pair, [SOUND]);
  await open;
  for (const each of [offered, answered]) {
    expect(
      text(each)
        .match(/c=.*|a=candidate:.* typ host/g)
        ?.map((line) => line.includes("::1")),
    ).toEqual([true, true]);
  }
  const heard = heardBy(pair[1]);
  pair[0].send(0, packet(111, 5));
  await until(() => heard.length === 1);
});

describe("RFC 8842: roles and restarts", () => {
  test("RFC 8842 §5.3: our offer of an association is active, a later one actpass", async () => {
    const pair = [transport(), transport()] as const;
    const open = Promise.all(pair.map(opened));
    const first = await exchange(pair, [SOUND]);
    await open;
    expect(text(first.offered)).toContain("a=setup:active");
    expect(text(first.answered)).toContain("a=setup:passive");
    const again = await exchange(pair, [SOUND], { before: first });
    expect(text(again.offered)).toContain("a=setup:actpass");
    expect(text(again.answered)).toContain("a=setup:passive");
    const tlsId = /a=tls-id:.*/;
    expect(tlsId.exec(text(again.offered))?.[0]).toBe(tlsId.exec(text(first.offered))?.[0]);
  });

  test("RFC 8445 §9: a restart opens an endpoint; the old one carries on till then", async () => {
    const pair = [transport(), transport()] as const;
    const open = Promise.all(pair.map(opened));
    const first = await exchange(pair, [SOUND]);
    await open;
    const heard = heardBy(pair[1]);
    const reopened = Promise.all(pair.map(opened));
    const restarted = await exchange(pair, [SOUND], { before: first, restart: true });
    expect(pair[0].send(0, packet(111, 5))).toBe(true);
    await until(() => heard.length === 1);
    await reopened;
    pair[0].send(0, packet(111, 5, 2));
    await until(() => heard.length === 2);
    for (const name of ["ice-ufrag", "fingerprint", "tls-id"]) {
      const line = new RegExp(`a=${name}:.*`);
      const [before, after] = [first, restarted].map(
        ({ offered }) => line.exec(text(offered))?.[0],
      );
      expect([name, after === undefined, after === before]).toEqual([name, false, false]);
    }
    expect(pair.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  });

  test("a restart that comes to nothing leaves what there was", async () => {
    const pair = [transport(), transport()] as const;
    const open = Promise.all(pair.map(opened));
    const first = await exchange(pair, [SOUND]);
    await open;
    value(await pair[0].prepare({ streams: slotted([SOUND]), restart: true }));
    pair[0].withdraw();
    const again = await exchange(pair, [SOUND], { before: first });
    expect(text(again.offered)).toContain(/a=ice-ufrag:.*/.exec(text(first.offered))?.[0]);
    const heard = heardBy(pair[1]);
    pair[0].send(0, packet(111, 5));
    await until(() => heard.length === 1);
  });

  test("two devices answer one offer: why not is said, and the first goes on", async () => {
    const [near, far, other] = [transport(), transport(), transport()];
    const open = Promise.all([near, far].map(opened));
    const { offered } = await exchange([near, far], [SOUND]);
    const streams = slotted([SOUND]);
    const theirs = local(value(await other.prepare({ streams, offer: offered })), streams);
    const remote = answer(offered, theirs).description;
    const slots = agreedMedia({ local: offered, remote }, "remote");
    expect(near.agree({ slots, local: offered, remote, answerer: "remote" })).toEqual({
      ok: false,
      why: "another device answered what one had answered before: ICE and DTLS go to one",
    });
    await open;
    expect(near.isOpen).toBe(true);
  });
});

test("RFC 8838 §11: a candidate that comes later makes the way", async () => {
  const [near, far] = [transport(), transport()];
  const open = Promise.all([near, far].map(opened));
  const wishes = slotted([SOUND]);
  const offered = offer(
    local(value(await near.prepare({ streams: [SOUND] })), [SOUND]),
  ).description;
  const theirs = local(value(await far.prepare({ streams: wishes, offer: offered })), wishes);
  const answered = answer(offered, theirs).description;
  const told = (line: string): string => new RegExp(`a=${line}:.*`).exec(text(answered))?.[0] ?? "";
  const without = text(answered).replace(/a=candidate:.*\r\n/g, "");
  const remote = parseSdp(fromText(without));
  if (!remote.ok) throw new Error(remote.error.message);
  settle(near, offered, remote.value, "remote");
  const fragment = (ufrag: string) =>
    [ufrag, told("ice-pwd"), "m=audio 9 RTP/AVP 0", "a=mid:0", told("candidate"), ""].join("\r\n");
  near.addFragment(fragment("a=ice-ufrag:older"));
  near.addFragment("what is this");
  near.addFragment(fragment(told("ice-ufrag")));
  settle(far, answered, offered, "local");
  await open;
});

describe("what cannot be done is said in words", () => {
  const refusal = async (change: (sdp: string) => string): Promise<string> => {
    const part = value(await transport().prepare({ streams: [SOUND] }));
    const offered = parseSdp(fromText(change(text(offer(local(part, [SOUND])).description))));
    if (!offered.ok) throw new Error(offered.error.message);
    const made = await transport().prepare({ streams: slotted([SOUND]), offer: offered.value });
    return made.ok ? "" : made.why;
  };

  test.each([
    [/a=ice-.*\r\n/g, "the other side does not speak ICE, which encrypted media need here"],
    [/a=rtcp-mux.*\r\n/g, "the other side wants a second port for RTCP (no a=rtcp-mux)"],
    [
      /a=fingerprint.*\r\n/g,
      "the other side names no certificate that its media could be known by",
    ],
    [/m=audio \d+/, "all media are refused"],
  ])("without %s", async (lines, why) => {
    expect(
      await refusal((sdp) => sdp.replace(lines, lines.source.startsWith("m=") ? "m=audio 0" : "")),
    ).toBe(why);
  });
});

test("RFC 5763 §5: whoever shows another certificate than was foretold is no way", async () => {
  const pair = [transport(), transport()] as const;
  const [near, far] = pair;
  const lost = new Promise<string>((resolve) => {
    near.onlost = resolve;
  });
  const offered = offer(
    local(value(await near.prepare({ streams: [SOUND] })), [SOUND]),
  ).description;
  const streams = slotted([SOUND]);
  const theirs = local(value(await far.prepare({ streams, offer: offered })), streams);
  const [stream] = theirs.streams;
  const [print] = stream?.dtls?.fingerprints ?? [];
  if (!stream?.dtls || !print) throw new Error("no fingerprint");
  const turned = {
    ...print,
    value: `${print.value.startsWith("00") ? "01" : "00"}${print.value.slice(2)}`,
  };
  const lying = {
    ...theirs,
    streams: [{ ...stream, dtls: { ...stream.dtls, fingerprints: [turned] } }],
  };
  const answered = answer(offered, lying).description;
  settle(far, answered, offered, "local");
  settle(near, offered, answered, "remote");
  expect(await lost).toBe(
    "no way could be found between them and this server, or it is there no more",
  );
  expect(near.send(0, packet(111, 5))).toBe(false);
});

test("what is closed is closed at once, and says nothing more", async () => {
  const pair = [transport(), transport()] as const;
  const open = Promise.all(pair.map(opened));
  await exchange(pair, [SOUND]);
  await open;
  for (const end of pair) end.onlost = () => expect.unreachable("it was closed here");
  pair[0].close();
  pair[0].close();
  expect(pair[0].send(0, packet(111, 5))).toBe(false);
  const late = await pair[0].prepare({ streams: slotted([SOUND]), restart: true });
  expect(late).toEqual({ ok: false, why: "the call is over" });
});
