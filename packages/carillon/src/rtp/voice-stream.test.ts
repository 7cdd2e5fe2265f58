import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pcma, pcmu } from "./g711.ts";
import { g722 } from "./g722.ts";
import { formatRtp, isRtcp, parseRtp } from "./packet.ts";
import { parseRtcp, type RtcpPacket } from "./rtcp.ts";
import { tone } from "./sources.ts";
import { readTelephoneEvents } from "./telephone-event.ts";
import { agreementOf, Line } from "./testing-line.ts";
import type { VoiceStream } from "./voice-stream.ts";

const CODECS = [pcmu, pcma, g722];
const MINUTE = 3000;

/** The part of the energy that is at this frequency, from 0 to 1. */
function shareOf(hz: number, pcm: ArrayLike<number>, rate: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [last, before, energy] = [0, 0, 0];
  for (const sample of Array.from(pcm)) {
    [last, before] = [sample + factor * last - before, last];
    energy += sample * sample;
  }
  const power = last * last + before * before - factor * last * before;
  return energy === 0 ? 0 : (2 * power) / (pcm.length * energy);
}

const rms = (pcm: ArrayLike<number>) =>
  Math.sqrt(Array.from(pcm).reduce((sum, x) => sum + x * x, 0) / pcm.length);

/** A talks a tone of 1 kHz, and B records. */
function recorded(line: Line, rate: number, frames: number): readonly number[] {
  const source = tone({ frequencies: [1000], sampleRate: rate });
  const samples: number[] = [];
  line.run(
    frames,
    (from) => (from === line.a ? (source.read(rate / 50) ?? undefined) : undefined),
    (at, pcm) => {
      if (at === line.b) samples.push(...pcm);
    },
  );
  return samples;
}

/** The longest time in which nothing is heard, in ms, once sound has begun. */
function longestGapMs(samples: readonly number[], rate: number): number {
  const block = rate / 200;
  const loud: boolean[] = [];
  for (let at = 0; at + block <= samples.length; at += block) {
    loud.push(rms(samples.slice(at, at + block)) > 500);
  }
  let [longest, now] = [0, 0];
  for (const isLoud of loud.slice(loud.indexOf(true))) {
    now = isLoud ? 0 : now + 5;
    longest = Math.max(longest, now);
  }
  return longest;
}

const tapped = (line: Line, from: VoiceStream) => {
  const packets: Uint8Array[] = [];
  line.ontap = (bytes, who) => {
    if (who === from) packets.push(bytes);
  };
  return packets;
};

describe("a voice call, packet by packet", () => {
  test.each(CODECS)("$name: the tone that is said is the tone that is heard", (codec) => {
    const line = new Line();
    line.agree(codec);
    const samples = recorded(line, codec.sampleRate, 250).slice(codec.sampleRate / 2);
    expect(samples.length).toBeGreaterThan(4 * codec.sampleRate);
    expect(shareOf(1000, samples, codec.sampleRate)).toBeGreaterThan(0.98);
    const { received, mos } = line.b.statistics();
    expect(received).toMatchObject({ lost: 0, late: 0, concealed: 0, lossFraction: 0 });
    expect(mos).toBeGreaterThan(4.3);
  });

  test.each(CODECS)(
    "$name: at 10 % random loss there is no gap over 60 ms in a minute",
    (codec) => {
      const line = new Line((random) => (random() < 0.1 ? undefined : 20 + 10 * random()));
      line.agree(codec);
      const samples = recorded(line, codec.sampleRate, MINUTE);
      expect(longestGapMs(samples, codec.sampleRate)).toBeLessThanOrEqual(60);
      const { received } = line.b.statistics();
      expect(received.lost).toBeGreaterThan(250);
      expect(received.lossFraction).toBeCloseTo(0.1, 1);
      // A lost frame is made up with the tone's own pitch.
      expect(shareOf(1000, samples.slice(codec.sampleRate), codec.sampleRate)).toBeGreaterThan(0.8);
    },
  );

  test("100 ms of jitter are absorbed: no gap, and next to nothing made up", () => {
    const line = new Line((random) => 20 + 100 * random());
    line.agree(pcmu);
    const samples = recorded(line, 8000, MINUTE);
    expect(longestGapMs(samples.slice(8000), 8000)).toBe(0);
    const { received } = line.b.statistics();
    expect(received.concealed).toBeLessThan(45);
    expect(received.jitterMs).toBeGreaterThan(15);
    expect(received.bufferMs).toBeGreaterThan(80);
  });

  test("RFC 3550 §6.4: both report, and the round trip is what it is", () => {
    const line = new Line(() => 40);
    line.agree(pcmu);
    const packets = tapped(line, line.a);
    line.run(1500, () => undefined);
    const remote = line.a.statistics().remote;
    // Arrivals are looked at every 20 ms.
    expect(remote?.roundTripMs).toBeGreaterThanOrEqual(79);
    expect(remote?.roundTripMs).toBeLessThanOrEqual(81);
    expect(remote).toMatchObject({ lossFraction: 0, lost: 0 });
    const reports = packets.filter(isRtcp).map((bytes) => {
      const parsed = parseRtcp(bytes);
      return parsed.ok ? parsed.value : [];
    });
    expect(reports.length).toBeGreaterThan(4);
    expect(reports.length).toBeLessThan(15);
    //= RFC 3550 §6.1
    //# An SDES packet containing a CNAME item MUST be included in each compound RTCP packet
    for (const [report, description] of reports as readonly (readonly RtcpPacket[])[]) {
      expect(report).toMatchObject({ kind: "SenderReport", ssrc: line.a.ssrc });
      expect(description).toMatchObject({ chunks: [{ items: [{ type: 1, text: "a" }] }] });
    }
    const last = parseRtcp(line.a.goodbye(line.now));
    expect(last.ok && last.value.map(({ kind }) => kind)).toEqual([
      ...["SenderReport", "SourceDescription", "Goodbye"],
    ]);
  });

  test("RFC 4733 §2.5.1.2: keys go beside the sound, with its numbers and its time", () => {
    const line = new Line((random) => (random() < 0.1 ? undefined : 20));
    line.agree(pcmu);
    const heard: string[] = [];
    line.b.onevent = (event) => heard.push(`${event.kind} ${event.event}`);
    const packets = tapped(line, line.a);
    for (const event of [1, 2, 11]) line.a.press(event, 100, 80);
    expect(line.a.isPressed).toBe(true);
    recorded(line, 8000, 100);
    expect(line.a.isPressed).toBe(false);
    expect(heard).toEqual([1, 2, 11].flatMap((event) => [`Begun ${event}`, `Ended ${event}`]));
    //= RFC 4733 §2.5.1.2
    //# DTMF digits and other named telephone events are carried as part of the audio stream, and
    //# they MUST use the same sequence number and timestamp base as the regular audio channel to
    //# simplify the generation of audio waveforms at a gateway.
    const all = packets
      .filter((bytes) => !isRtcp(bytes))
      .flatMap((bytes) => {
        const parsed = parseRtp(bytes);
        return parsed.ok ? [parsed.value] : [];
      });
    const first = all[0]?.sequence ?? 0;
    expect(all.map(({ sequence }) => (sequence - first) & 0xffff)).toEqual(all.map((_, n) => n));
    const audio = all.filter(({ payloadType }) => payloadType === 0);
    const base = all[0]?.timestamp ?? 0;
    expect(audio.every(({ timestamp }) => ((timestamp - base) >>> 0) % 160 === 0)).toBe(true);
    // No sound while a key is pressed: 300 ms of 2 s.
    expect(audio).toHaveLength(85);
  });

  test("RFC 4733 §2.2.1: keys are counted by their own clock beside sound at 48 kHz", () => {
    const line = new Line();
    const agreement = agreementOf({ ...pcmu, clockRate: 48_000 });
    const { events } = agreement;
    if (!events) throw new Error("no events");
    for (const side of [line.a, line.b]) {
      side.agree({ ...agreement, events: { ...events, clockRate: 8000 } });
    }
    const heard: string[] = [];
    line.b.onevent = (event) => heard.push(JSON.stringify(event));
    const packets = tapped(line, line.a);
    line.a.press(5, 100, 80);
    recorded(line, 8000, 50);
    expect(heard).toEqual([
      '{"kind":"Begun","event":5}',
      '{"kind":"Ended","event":5,"durationMs":100}',
    ]);
    const durations = packets.flatMap((bytes) => {
      const parsed = parseRtp(bytes);
      if (!parsed.ok || parsed.value.payloadType !== events.send) return [];
      return readTelephoneEvents(parsed.value.payload).map(({ duration }) => duration);
    });
    expect(durations).toEqual([160, 320, 480, 640, 800, 800, 800]);
  });

  test("RFC 3551 §4.1: the first packet after silence that was not sent is marked", () => {
    const quiet = {
      ...pcmu,
      encoder: () => ({
        encode: (pcm: Int16Array) => (pcm[0] ? new Uint8Array(160) : new Uint8Array()),
      }),
    };
    const line = new Line();
    line.agree(quiet);
    const packets = tapped(line, line.a);
    line.run(60, (_, n) => new Int16Array(160).fill(n % 20 < 10 ? 1 : 0));
    const marks = packets.filter((bytes) => !isRtcp(bytes)).map((bytes) => (bytes[1] ?? 0) >= 0x80);
    //= RFC 3551 §4.1
    //# For applications which send either no packets or occasional comfort-noise packets during
    //# silence, the first packet of a talkspurt, that is, the first packet after a silence period
    //# during which packets have not been transmitted contiguously, SHOULD be distinguished by
    //# setting the marker bit in the RTP data header to one.
    expect(marks).toEqual(Array.from({ length: 30 }, (_, n) => n % 10 === 0));
  });

  test("a change of codec in the call is heard as soon as it is agreed on", () => {
    const line = new Line();
    line.agree(pcmu);
    recorded(line, 8000, 100);
    const both = agreementOf(pcmu).receive.concat(agreementOf(g722).receive);
    for (const stream of [line.a, line.b]) stream.agree({ ...agreementOf(g722), receive: both });
    const samples = recorded(line, 16_000, 100).slice(8000);
    expect(shareOf(1000, samples, 16_000)).toBeGreaterThan(0.95);
    expect(line.b.statistics()).toMatchObject({ codec: "G722", received: { lost: 0 } });
  });

  test("RFC 3550 §8.2: who has our SSRC makes us take another, and say so", () => {
    const line = new Line();
    line.agree(pcmu);
    const old = line.a.ssrc;
    const [own] = line.a.send(new Int16Array(160));
    expect(line.a.receive(own ?? new Uint8Array(), 5)).toBe(false);
    expect(line.a.ssrc).not.toBe(old);
    const told = parseRtcp(line.a.control(6) ?? new Uint8Array());
    //= RFC 3550 §6.1
    //# in which case an empty RR MUST be sent, and even if the only other RTCP packet in the
    //# compound packet is a BYE.
    expect(told.ok && told.value).toMatchObject([
      ...[{ kind: "ReceiverReport", reports: [] }, { kind: "SourceDescription" }],
      { kind: "Goodbye", ssrcs: [old] },
    ]);
  });

  describe("of two who send to one", () => {
    const loud = pcmu.encoder().encode(new Int16Array(160).fill(30_000));
    const foreign = (sequence: number, ssrc: number) =>
      formatRtp({
        ...{ marker: false, payloadType: 0, sequence: sequence & 0xffff, ssrc, payload: loud },
        timestamp: sequence * 160,
      });

    /** The loudest that B hears while A sends silence and somebody else what `other` gives. */
    function peak(frames: number, other: (n: number) => readonly Uint8Array[]): number {
      const line = new Line();
      line.agree(pcmu);
      let loudest = 0;
      line.run(
        frames,
        (from, n) => {
          if (from === line.a) for (const bytes of other(n)) line.b.receive(bytes, line.now);
          return undefined;
        },
        (at, pcm) => {
          if (at === line.b && line.now > 500) loudest = Math.max(loudest, ...pcm);
        },
      );
      return loudest;
    }

    test("the one who was there first is heard, whoever else throws in packets", () => {
      expect(peak(200, (n) => (n > 5 ? [foreign(n, 9)] : []))).toBeLessThan(100);
      expect(peak(200, (n) => (n > 5 ? [foreign(n, n), foreign(n + 1, n)] : []))).toBeLessThan(100);
    });

    test("one who only threw in the first packets is soon forgotten", () => {
      expect(peak(200, (n) => (n < 3 ? [foreign(n, 9), foreign(n * 7, n)] : []))).toBeLessThan(100);
    });

    test("the next is heard once the one before is silent, beside many in no order", () => {
      const line = new Line();
      line.agree(pcmu);
      line.run(100, () => undefined);
      let loudest = 0;
      for (let n = 0; n < 50; n++) {
        line.now += 20;
        line.b.receive(foreign(n * 100, 1000 + n), line.now);
        line.b.receive(foreign(n, 7), line.now);
        loudest = Math.max(loudest, ...(line.b.play(line.now + 7)?.pcm ?? []));
      }
      expect(loudest).toBeGreaterThan(29_000);
    });
  });

  test("a call stands a million hostile packets on its port", () => {
    const line = new Line();
    line.agree(pcmu);
    recorded(line, 8000, 50);
    const [genuine = new Uint8Array()] = line.a.send(new Int16Array(160));
    line.b.receive(genuine, line.now);
    const forged = Uint8Array.from(genuine);
    const octets = () => Math.floor(line.random() * 256);
    for (let n = 0; n < 1_000_000; n++) {
      // Mostly the right source, with whatever number and time.
      for (const at of [1, 2, 3, 4, 5, 6, 7]) forged[at] = octets();
      if (n % 10 === 0) for (const at of [0, 8, 9, 10, 11]) forged[at] = octets();
      if (n % 10 === 1) forged.set(genuine.subarray(0, 12));
      if (n % 50 === 2) line.b.receiveControl(forged.subarray(0, n % 172), line.now);
      else line.b.receive(forged, line.now);
      if (n % 100 === 0) line.b.play(line.now);
    }
    const after = recorded(line, 8000, 200).slice(-12_000);
    expect(shareOf(1000, after, 8000)).toBeGreaterThan(0.95);
  });

  //= RFC 3550 §5.1
  //# A receiver MUST ignore packets with payload types that it does not understand.
  test("payload types that nobody agreed on, and any octets at all, leave a call as it is", () => {
    const line = new Line();
    line.agree(pcmu);
    const samples = recorded(line, 8000, 50);
    const before = samples.length;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, isControl) => {
        if (isControl) line.b.receiveControl(bytes, line.now);
        else line.b.receive(bytes, line.now);
      }),
      { numRuns: 1000 },
    );
    const payload = new Uint8Array(160);
    for (let n = 0; n < 300; n++) {
      const packet = { marker: true, payloadType: 77, sequence: n, timestamp: n, ssrc: 9, payload };
      line.b.receive(formatRtp(packet), line.now);
    }
    expect(before).toBeGreaterThan(7000);
    const after = recorded(line, 8000, 150).slice(8000);
    expect(shareOf(1000, after, 8000)).toBeGreaterThan(0.95);
  });
});
