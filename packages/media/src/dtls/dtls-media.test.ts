import { afterEach, expect, test } from "vitest";
import { DtlsMedia } from "./dtls-media.ts";

const OPUS = { encoding: "opus", clockRateHz: 48_000, channels: 2, payloadType: 111 };
const PCMU = { encoding: "PCMU", clockRateHz: 8000, payloadType: 0 };
const VOICE = { audio: true, video: false };

interface Side {
  readonly media: DtlsMedia;
  readonly packets: Uint8Array[];
  readonly slots: string[];
  opened: number;
  lost: string[];
}

const sides: Side[] = [];
afterEach(() => {
  for (const { media } of sides.splice(0)) media.close();
});

function side(codecs = [OPUS, PCMU]): Side {
  const made: Side = {
    packets: [],
    slots: [],
    opened: 0,
    lost: [],
    media: new DtlsMedia(VOICE, {
      ...{ address: "127.0.0.1", codecs },
      onagreed: (slot) =>
        made.slots.push(
          `${slot?.direction} ${slot?.codecs.map(({ encoding }) => encoding).join()}`,
        ),
      onpacket: (packet) => made.packets.push(packet),
      onopen: () => made.opened++,
    }),
  };
  made.media.onlost = (why) => made.lost.push(why);
  sides.push(made);
  return made;
}

async function until(what: () => unknown): Promise<void> {
  for (let nth = 0; nth < 1000; nth++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came: ${what}`);
}

async function exchange(from: Side, to: Side): Promise<readonly [offer: string, answer: string]> {
  const offer = await from.media.offer();
  const answer = await to.media.answer(offer);
  await from.media.accept(answer);
  return [offer, answer];
}

let sequence = 0;
/** One that is no replay of another. */
const rtp = (first: number): Uint8Array =>
  Uint8Array.of(0x80, 0, 0, ++sequence, ...new Uint8Array(8), first);

async function talks(one: Side, other: Side): Promise<void> {
  for (const [from, to] of [[one, other] as const, [other, one] as const]) {
    const before = to.packets.length;
    expect(from.media.send(rtp(before))).toBe(true);
    await until(() => to.packets.length > before);
    expect(to.packets.at(-1)?.at(-1)).toBe(before);
  }
}

const lines = (text: string, start: string): readonly string[] =>
  text.split("\r\n").filter((line) => line.startsWith(start));

test("RFC 8842 §5: two phones agree on a link of their own and talk over it", async () => {
  const [anne, ben] = [side(), side([PCMU])];
  const [offer, answer] = await exchange(anne, ben);
  expect(lines(offer, "m=")[0]).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 111 0$/);
  expect(lines(offer, "a=setup:")).toEqual(["a=setup:actpass"]);
  expect(lines(answer, "a=setup:")).toEqual(["a=setup:active"]);
  for (const text of [offer, answer]) {
    for (const start of ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=tls-id:"]) {
      expect(lines(text, start), start).toHaveLength(1);
    }
    expect(lines(text, "a=candidate:").length).toBeGreaterThan(0);
    expect(lines(text, "a=rtcp-mux")[0]).toBe("a=rtcp-mux");
  }
  expect([anne.slots, ben.slots]).toEqual([["sendrecv PCMU"], ["sendrecv PCMU"]]);
  await until(() => anne.opened && ben.opened);
  await talks(anne, ben);
});

test("RFC 8842 §5.5: who holds the call keeps its link, certificate and names", async () => {
  const [anne, ben] = [side(), side()];
  const [first] = await exchange(anne, ben);
  await until(() => anne.opened && ben.opened);
  await anne.media.want({ ...VOICE, held: true });
  const [second, answer] = await exchange(anne, ben);
  for (const start of ["a=ice-ufrag:", "a=fingerprint:", "a=tls-id:", "a=candidate:"]) {
    expect(lines(second, start), start).toEqual(lines(first, start));
  }
  expect(lines(second, "a=sendonly")).toHaveLength(1);
  expect(lines(answer, "a=recvonly")).toHaveLength(1);
  expect(anne.slots.at(-1)).toBe("sendonly opus,PCMU");
  expect([anne.opened, ben.opened]).toEqual([1, 1]);
  // And from the other side, whose first offer it is.
  await anne.media.want({ ...VOICE, held: false });
  await exchange(ben, anne);
  expect([anne.opened, ben.opened]).toEqual([1, 1]);
  await talks(anne, ben);
});

test.each(["who called", "who was called"])(
  "RFC 8445 §9: ICE restarts for %s, over a new link",
  async (who) => {
    const [anne, ben] = [side(), side()];
    const [first] = await exchange(anne, ben);
    await until(() => anne.opened && ben.opened);
    const [from, to] = who === "who called" ? [anne, ben] : [ben, anne];
    await from.media.restart();
    const offer = await from.media.offer();
    // Until the other side has answered, and the new link is open, the old one carries on.
    await talks(anne, ben);
    await from.media.accept(await to.media.answer(offer));
    expect(lines(offer, "a=ice-ufrag:")).not.toEqual(lines(first, "a=ice-ufrag:"));
    expect(lines(offer, "a=tls-id:")).not.toEqual(lines(first, "a=tls-id:"));
    await until(() => anne.opened === 2 && ben.opened === 2);
    await talks(anne, ben);
  },
);

test("RFC 3261 §14.1: an offer that came to nothing leaves what was there", async () => {
  const [anne, ben] = [side(), side()];
  await exchange(anne, ben);
  await until(() => anne.opened && ben.opened);
  await anne.media.restart();
  await anne.media.offer();
  await anne.media.withdraw();
  await talks(anne, ben);
  await exchange(anne, ben);
  await talks(anne, ben);
  expect([anne.opened, ben.opened]).toEqual([1, 1]);
});

test("what is not encrypted, or knows no ICE, is refused with 488 in words", async () => {
  const ben = side();
  const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
  const plain = `${head}m=audio 4000 RTP/AVP 0\r\n`;
  await expect(ben.media.answer(plain)).rejects.toMatchObject({ code: "SIP_MEDIA", status: 488 });
  await expect(ben.media.answer(plain)).rejects.toThrow("does not speak ICE");
  const ice = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";
  const ports = `${head}m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n${ice}`;
  await expect(ben.media.answer(ports)).rejects.toThrow("a second port for RTCP");
  const secret = `${head}m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n`;
  await expect(ben.media.answer(`${secret}${ice}a=rtcp-mux\r\n`)).rejects.toThrow("no certificate");
  await expect(ben.media.answer(`${head}m=video 4000 RTP/AVP 31\r\n`)).rejects.toThrow("in common");
  await expect(ben.media.answer("nonsense")).rejects.toMatchObject({ status: 488 });
});

test("with no codec in common nothing is agreed, and a call that was goes on", async () => {
  const [anne, ben] = [side([OPUS]), side([OPUS])];
  await exchange(anne, ben);
  await until(() => anne.opened && ben.opened);
  await anne.media.restart();
  const offer = await anne.media.offer();
  const other = offer.replaceAll("opus/48000/2", "strange/48000/2");
  await expect(ben.media.answer(other)).rejects.toMatchObject({ status: 488 });
  await anne.media.withdraw();
  await talks(anne, ben);
});

test("what is closed says nothing more, and a link that comes too late is closed", async () => {
  const anne = side();
  const offering = anne.media.offer();
  anne.media.close();
  await expect(offering).rejects.toMatchObject({ code: "SIP_CLOSED" });
  expect(anne.media.send(rtp(1))).toBe(false);
});
