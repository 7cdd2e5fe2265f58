import { nodeSrtpCrypto } from "carillon/node/pace";
import { formatRtp, keyOf, ownCrypto, SrtpReceiver, SrtpSender } from "carillon/rtp";
import type { AgreedSlot } from "carillon/sdp";
import { expect, test } from "vitest";
import { RtpStream } from "./rtp-stream.ts";

const PHONE = { host: "192.0.2.9", port: 4000 };

const lineOf = (first: number) => {
  const [line] = ownCrypto((count) => new Uint8Array(count).fill(first));
  const key = line && keyOf(line);
  if (!line || !key) throw new Error("no suite");
  return { line, key };
};
const [OURS, THEIRS, THEIRS_LATER] = [lineOf(1), lineOf(2), lineOf(3)];

const slot = (crypto: AgreedSlot["crypto"]): AgreedSlot => ({
  ...{ slot: 0, media: "audio", proto: crypto ? "RTP/SAVP" : "RTP/AVP", isActive: true },
  ...{ direction: "sendrecv", codecs: [], rtcpMux: true, crypto, remoteRtcp: undefined },
  remote: { address: PHONE.host, port: PHONE.port },
  transportSlot: 0,
});

const packet = (sequence: number): Uint8Array =>
  formatRtp({
    ...{ marker: false, payloadType: 0, sequence: sequence & 0xffff, ssrc: 7 },
    ...{ timestamp: sequence * 160, payload: Uint8Array.of(sequence, 1, 2, 3) },
  });

function stream() {
  const [sent, heard]: [Uint8Array[], Uint8Array[]] = [[], []];
  const made = new RtpStream(
    { crypto: nodeSrtpCrypto, isBehindNat: false, likelyHosts: [], media: "audio" },
    { packet: (octets) => heard.push(octets.slice()), control: () => {} },
  );
  const socket = {
    port: 5000,
    send: (octets: Uint8Array) => sent.push(octets.slice()) > 0,
    close: () => {},
  };
  made.join({ rtp: socket, rtcp: socket });
  const says = (octets: Uint8Array): void => made.received(octets, PHONE, 0);
  return { made, sent, heard, says };
}

/** Sends until the numbers have gone round once, as they do after 22 minutes of sound. */
function goRound({ made, sent }: ReturnType<typeof stream>, phone: SrtpReceiver): void {
  for (const sequence of [0x7000, 0xe000, 0x1_0100]) {
    made.send(packet(sequence));
    expect(phone.unprotect(sent.at(-1) ?? packet(0))).toEqual(packet(sequence));
  }
}

test.each([
  ["a new key of the phone's alone", [slot({ own: OURS.line, peer: THEIRS_LATER.line })]],
  ["a while in the clear", [slot(undefined), slot({ own: OURS.line, peer: THEIRS.line })]],
])("RFC 3711 §9.1: after %s our key goes on where it was", (_, changes) => {
  //= RFC 3711 §9.1
  //# Any fixed keystream output, generated from the same key and index MUST only be used to encrypt
  //# once.
  const tried = stream();
  const phone = new SrtpReceiver({ crypto: nodeSrtpCrypto, ...OURS.key });
  expect(tried.made.agree(slot({ own: OURS.line, peer: THEIRS.line }), 0).ok).toBe(true);
  goRound(tried, phone);
  for (const change of changes) expect(tried.made.agree(change, 0).ok).toBe(true);
  tried.made.send(packet(0x1_0101));
  expect(phone.unprotect(tried.sent.at(-1) ?? packet(0))).toEqual(packet(0x1_0101));
});

test("RFC 3711 §3.3: what came before is not taken again after a while in the clear", () => {
  //= RFC 3711 §3.3
  //# If the packet is judged to be replayed, then the packet MUST be discarded
  const { made, heard, says } = stream();
  const keyed = slot({ own: OURS.line, peer: THEIRS.line });
  made.agree(keyed, 0);
  const sealed = new SrtpSender({ crypto: nodeSrtpCrypto, ...THEIRS.key }).protect(packet(5));
  says(sealed.slice());
  expect(heard).toEqual([packet(5)]);
  made.agree(slot(undefined), 0);
  made.agree(keyed, 0);
  says(sealed.slice());
  expect(heard).toHaveLength(1);
  expect(made.refused).toBe(1);
});
