import { expect, test } from "vitest";
import { type StatsEntry, type StatsReport, snapshotOf, statistics } from "./statistics.ts";

/** What Chromium counts of a video call, in short; `n` seconds after it began. */
function report(n: number, more: readonly StatsEntry[] = []): StatsReport {
  const audio = { kind: "audio", codecId: "opus" };
  const video = { kind: "video", codecId: "vp8" };
  return {
    atMs: 1000 * n,
    entries: [
      { id: "opus", type: "codec", mimeType: "audio/opus" },
      { id: "vp8", type: "codec", mimeType: "video/VP8" },
      {
        ...{ id: "in-a", type: "inbound-rtp", ...audio, jitter: 0.004, packetsReceived: 49 * n },
        ...{ packetsLost: n, bytesReceived: 4000 * n, totalSamplesReceived: 48_000 * n },
        ...{ concealedSamples: 1440 * n, silentConcealedSamples: 480 * n },
      },
      {
        ...{ id: "in-v", type: "inbound-rtp", ...video, packetsReceived: 100 * n, packetsLost: 0 },
        ...{ bytesReceived: 50_000 * n, frameWidth: 640, frameHeight: 480, framesPerSecond: 30 },
        framesDecoded: 30 * n,
      },
      { id: "out-a", type: "outbound-rtp", ...audio, packetsSent: 50 * n, bytesSent: 5000 * n },
      {
        ...{ id: "out-v", type: "outbound-rtp", ...video, packetsSent: 80 * n, frameWidth: 320 },
        ...{ frameHeight: 240, framesEncoded: 20 * n, framesPerSecond: 20, bytesSent: 25_000 * n },
        qualityLimitationReason: "bandwidth",
      },
      {
        ...{ id: "told", type: "remote-inbound-rtp", localId: "out-a", fractionLost: 0.02 },
        jitter: 0.01,
      },
      { id: "t", type: "transport", selectedCandidatePairId: "pair" },
      { id: "other", type: "candidate-pair", nominated: true, state: "succeeded" },
      {
        ...{ id: "pair", type: "candidate-pair", currentRoundTripTime: 0.04 },
        ...{ localCandidateId: "l", remoteCandidateId: "r" },
      },
      { id: "l", type: "local-candidate", candidateType: "host", protocol: "udp" },
      { id: "r", type: "remote-candidate", candidateType: "srflx" },
      ...more,
    ],
  };
}

test("a snapshot tells what came and went since the one before", () => {
  expect(snapshotOf(report(11), report(10))).toEqual({
    atMs: 11_000,
    roundTripMs: 40,
    path: { local: "host", remote: "srflx", protocol: "udp" },
    received: {
      audio: {
        ...{ codec: "opus", bitsPerSecond: 32_000, lossFraction: 0.02, jitterMs: 4 },
        concealedFraction: 0.02,
      },
      video: {
        ...{ codec: "VP8", bitsPerSecond: 400_000, lossFraction: 0, jitterMs: 0 },
        concealedFraction: 0,
        picture: { width: 640, height: 480, framesPerSecond: 30, frames: 330 },
      },
    },
    sent: {
      audio: { codec: "opus", bitsPerSecond: 40_000, lossFraction: 0.02, jitterMs: 10 },
      video: {
        ...{ codec: "VP8", bitsPerSecond: 200_000, lossFraction: 0, jitterMs: 0 },
        picture: { width: 320, height: 240, framesPerSecond: 20, frames: 220 },
        limitedBy: "bandwidth",
      },
    },
    mos: expect.closeTo(4.2, 0),
  });
});

test("the first one knows no rates, and has no opinion", () => {
  const first = snapshotOf(report(10));
  expect(first.received.audio?.bitsPerSecond).toBe(0);
  expect(first.received.video?.picture?.frames).toBe(300);
  expect(first.mos).toBeUndefined();
});

test("what comes too late makes a call sound worse, as what is lost does", () => {
  const good = snapshotOf(report(11), report(10)).mos ?? 0;
  const late = report(11).entries.map((one) =>
    one.id === "in-a" ? { ...one, concealedSamples: 40_000 } : one,
  );
  expect(snapshotOf({ atMs: 11_000, entries: late }, report(10)).mos).toBeLessThan(good - 0.5);
});

test("a call without anything in it says nothing", () => {
  const nothing = { atMs: 1, entries: [] };
  expect(snapshotOf(nothing, nothing)).toEqual({ atMs: 1, received: {}, sent: {} });
});

test("of several streams of a kind it is the one that carries something", () => {
  const quiet = { id: "in-b", type: "inbound-rtp", kind: "audio", packetsReceived: 5 };
  const seen = snapshotOf(report(11, [quiet]), report(10, [quiet]));
  expect(seen.received.audio?.bitsPerSecond).toBe(32_000);
});

test("counters that were reset, or are no numbers, do no harm", () => {
  const odd = { id: "in-a", type: "inbound-rtp", kind: "audio", packetsReceived: 7, jitter: "x" };
  const seen = snapshotOf({ atMs: 12_000, entries: [odd] }, report(11));
  expect(seen.received.audio).toEqual({
    ...{ codec: "", bitsPerSecond: 0, lossFraction: 0, jitterMs: 0, concealedFraction: 0 },
  });
});

test("browsers that name no selected pair have it found, and its round trip", () => {
  const entries: readonly StatsEntry[] = [
    { id: "a", type: "candidate-pair", nominated: false, state: "succeeded" },
    {
      ...{ id: "b", type: "candidate-pair", nominated: true, state: "succeeded" },
      ...{ localCandidateId: "l", remoteCandidateId: "l" },
    },
    { id: "l", type: "local-candidate", candidateType: "relay", protocol: "tcp" },
    { id: "told", type: "remote-inbound-rtp", roundTripTime: 0.1 },
  ];
  expect(snapshotOf({ atMs: 1, entries })).toMatchObject({
    path: { local: "relay", remote: "relay", protocol: "tcp" },
    roundTripMs: 100,
  });
});

test("they come one after the other until the call ends, or nobody wants them", async () => {
  const media = (state: () => string) =>
    ({
      peerConnection: {
        get signalingState() {
          return state();
        },
        getStats: async () => new Map(report(1).entries.map((one) => [one.id, one])),
      },
    }) as unknown as Parameters<typeof statistics>[0];
  let looks = 0;
  const seen = [];
  for await (const one of statistics(
    media(() => (++looks > 5 ? "closed" : "stable")),
    {
      everyMs: 1,
    },
  )) {
    seen.push(one.roundTripMs);
  }
  expect(seen).toEqual([40, 40]);
  const enough = new AbortController();
  for await (const _ of statistics(
    media(() => "stable"),
    { signal: enough.signal },
  )) {
    setTimeout(() => enough.abort(), 5);
  }
});
