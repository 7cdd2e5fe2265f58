import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatRtp } from "../rtp/packet.ts";
import { formatRtcp } from "../rtp/rtcp.ts";
import { keyOf, ownCrypto } from "../rtp/sdes.ts";
import { SrtpReceiver, SrtpSender } from "../rtp/srtp.ts";
import { derived, SRTP_SUITE_LIST, sessionKeys } from "../rtp/srtp-keys.ts";
import { srtpPair } from "../rtp/srtp-pair.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { nodeSrtpCrypto as crypto } from "./srtp-crypto.ts";

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const hex = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString("hex");

function suite(name: string) {
  const found = SRTP_SUITE_LIST.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
}

const AES_80 = suite("AES_CM_128_HMAC_SHA1_80");
const MASTER = bytes("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");

function pair(name = AES_80.name) {
  const own = suite(name);
  const master = new Uint8Array(own.keyBytes + own.saltBytes).map((_, n) => n * 7);
  const params = { crypto, suite: own, master };
  return { sender: new SrtpSender(params), receiver: new SrtpReceiver(params) };
}

const packet = (sequence: number, ssrc = 5) =>
  formatRtp({
    ...{ marker: false, payloadType: 0, sequence: sequence & 0xffff, timestamp: sequence * 160 },
    ...{ ssrc, payload: Uint8Array.of(1, 2, 3, sequence & 0xff) },
  });

const report = (ssrc = 5) => formatRtcp([{ kind: "ReceiverReport", ssrc, reports: [] }]);

describe("SRTP", () => {
  test("RFC 3711 B.2: the key stream of AES in counter mode", () => {
    const key = bytes("2B7E151628AED2A6ABF7158809CF4F3C");
    const iv = bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000");
    const stream = crypto.aesCtr(key, iv, new Uint8Array(1_044_512));
    expect(hex(stream.subarray(0, 48))).toBe(
      "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab" +
        "41e95b3bb0a2e8dd477901e4fca894c0",
    );
    expect(hex(stream.subarray(-48))).toBe(
      "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae" +
        "6a2cc3787889374fbeb4c81b17ba6c44",
    );
  });

  test("RFC 3711 B.3: keys that are derived", () => {
    //= RFC 3711 §4.3.1
    //# Regardless of the encryption or message authentication transform that is employed (it may be
    //# an SRTP pre-defined transform or newly introduced according to Section 6), interoperable
    //# SRTP implementations MUST use the SRTP key derivation to generate session keys.
    const keys = sessionKeys(crypto, AES_80, MASTER, "rtp");
    expect(hex(keys.cipher)).toBe("c61e7a93744f39ee10734afe3ff7a087");
    expect(hex(keys.salt)).toBe("30cbbc08863d8c85d49db34a9ae1");
    expect(hex(keys.auth)).toBe("cebe321f6ff7716b6fd4ab49af256a156d38baa4");
    const long = derived(crypto, MASTER.subarray(0, 16), MASTER.subarray(16), 1, 94);
    expect(hex(long.subarray(-14))).toBe("6b68642c59bbfc2f34db60dbdfb2");
    expect(() => sessionKeys(crypto, AES_80, MASTER.subarray(1), "rtp")).toThrow(RangeError);
  });

  test("RFC 3711 §3.1: a packet as libsrtp's own test has it", () => {
    const plain = bytes("800f1234decafbadcafebabe abababababababababababababababab");
    const params = { crypto, suite: AES_80, master: MASTER };
    const sealed = new SrtpSender(params).protect(plain);
    expect(hex(sealed)).toBe(
      "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
    );
    expect(hex(new SrtpReceiver(params).unprotect(sealed))).toBe(hex(plain));
  });

  test("RFC 7714 §8: the same with GCM", () => {
    const master = bytes("000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab");
    const params = { crypto, suite: suite("AEAD_AES_128_GCM"), master };
    const plain = bytes("800f1234decafbadcafebabe abababababababababababababababab");
    const sealed = new SrtpSender(params).protect(plain);
    expect(hex(sealed)).toBe(
      "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
    );
    expect(hex(new SrtpReceiver(params).unprotect(sealed))).toBe(hex(plain));
  });

  test.each(SRTP_SUITE_LIST)("$name: what was sent is what is heard", ({ name, ...own }) => {
    const { sender, receiver } = pair(name);
    for (const sequence of [65_534, 65_535, 65_536, 65_537]) {
      const sealed = sender.protect(packet(sequence));
      expect(sealed.length).toBe(16 + own.tagBytes);
      expect(hex(sealed)).not.toContain("010203");
      expect(hex(receiver.unprotect(sealed))).toBe(hex(packet(sequence)));
    }
    const control = sender.protectRtcp(report());
    expect(control.length).toBe(8 + 4 + own.rtcpTagBytes);
    expect(hex(receiver.unprotectRtcp(control))).toBe(hex(report()));
  });

  test("RFC 3711 §3.3.1: numbers that went round, in whatever order they come", () => {
    const { sender, receiver } = pair();
    //= RFC 3711 §3.3.1
    //# When the session starts, the sender side MUST set the rollover counter, ROC, to zero. Each
    //# time the RTP sequence number, SEQ, wraps modulo 2^16, the sender side MUST increment ROC by
    //# one, modulo 2^32
    //= RFC 3711 §3.3.1
    //# the receiver MUST use v to conditionally update its s_l and ROC variables as follows.
    const sealed = Array.from({ length: 140_000 }, (_, n) => n + 65_500)
      // Some of every thousand, and all where a round ends; each two next to each other.
      .filter((n) => n % 1000 < 40 || n % 65_536 < 40 || n % 65_536 >= 65_500)
      .map((n) => ({ n, octets: sender.protect(packet(n)) }));
    const swapped = sealed.map((one, at) => {
      const other = sealed[at ^ 1];
      return other && Math.abs(other.n - one.n) === 1 ? other : one;
    });
    for (const one of swapped) {
      expect([one.n, hex(receiver.unprotect(one.octets))]).toEqual([one.n, hex(packet(one.n))]);
    }
  });

  test("RFC 3711 §3.3.2: what comes again, or far too late, is not heard", () => {
    const { sender, receiver } = pair();
    const sealed = Array.from({ length: 300 }, (_, n) => sender.protect(packet(n)));
    const open = (n: number) => receiver.unprotect(sealed[n] ?? new Uint8Array()) !== undefined;
    //= RFC 3711 §3.3
    //# If the packet is judged to be replayed, then the packet MUST be discarded
    expect([open(0), open(0), open(5), open(3), open(5), open(3)]).toEqual([
      ...[true, false, true, true, false, false],
    ]);
    expect([open(299), open(299 - 127), open(299 - 128), open(4)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const control = sender.protectRtcp(report());
    expect([receiver.unprotectRtcp(control), receiver.unprotectRtcp(control)].map(hex)).toEqual([
      hex(report()),
      undefined,
    ]);
  });

  test("RFC 3711 §3.3: a packet with one bit changed is not heard, and changes nothing", () => {
    for (const { name } of SRTP_SUITE_LIST) {
      const { sender, receiver } = pair(name);
      const [sealed, control] = [sender.protect(packet(1)), sender.protectRtcp(report())];
      //= RFC 3711 §3.3
      //# If the result is "AUTHENTICATION FAILURE" (see Section 4.2), the packet MUST be discarded
      //# from further processing
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        const forged = Uint8Array.from(sealed);
        forged[bit >> 3]! ^= 1 << (bit & 7);
        expect([bit, receiver.unprotect(forged)]).toEqual([bit, undefined]);
      }
      for (let bit = 0; bit < control.length * 8; bit++) {
        const forged = Uint8Array.from(control);
        forged[bit >> 3]! ^= 1 << (bit & 7);
        expect([bit, receiver.unprotectRtcp(forged)]).toEqual([bit, undefined]);
      }
      expect(hex(receiver.unprotect(sealed))).toBe(hex(packet(1)));
      expect(hex(receiver.unprotectRtcp(control))).toBe(hex(report()));
    }
  });

  test("RFC 3711 §3.2.3: another source with each hold is heard, and an old one is no more", () => {
    const { sender, receiver } = pair();
    const sealed = (ssrc: number, sequence = 1) => sender.protect(packet(sequence, ssrc));
    const first = sealed(1000);
    for (let ssrc = 1000; ssrc < 1200; ssrc++) {
      expect(receiver.unprotect(ssrc === 1000 ? first : sealed(ssrc))).toEqual(packet(1, ssrc));
      const told = report(ssrc);
      expect(receiver.unprotectRtcp(sender.protectRtcp(told))).toEqual(told);
      // Somebody who goes on beside them stays.
      expect(receiver.unprotect(sealed(7, ssrc))).toEqual(packet(ssrc, 7));
    }
    //= RFC 3711 §3.3
    //# If the packet is judged to be replayed, then the packet MUST be discarded
    expect(receiver.unprotect(first)).toBeUndefined();
    expect(receiver.unprotect(sealed(1000, 2))).toBeUndefined();
  });

  test("any octets are not heard, and forged ones of many sources take no room", () => {
    const { sender, receiver } = pair();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
        expect(receiver.unprotect(octets)).toBeUndefined();
        expect(receiver.unprotectRtcp(octets)).toBeUndefined();
      }),
    );
    for (let ssrc = 0; ssrc < 100; ssrc++) {
      receiver.unprotect(Uint8Array.from([...packet(1, ssrc), ...new Uint8Array(10)]));
    }
    expect(receiver.unprotect(sender.protect(packet(1, 1000)))).toBeDefined();
  });

  test("throws at what is no packet", () => {
    const { sender } = pair();
    expect(() => sender.protect(new Uint8Array(4))).toThrow(RangeError);
    expect(() => sender.protectRtcp(new Uint8Array(4))).toThrow(RangeError);
  });
});

describe("keys in descriptions", () => {
  test("RFC 4568 §6.1: our own are random, one for each suite, and can be read", () => {
    const lines = ownCrypto(nodeCrypto().randomBytes);
    expect(lines.map(({ tag, suite: name }) => [tag, name])).toEqual([
      [1, "AES_CM_128_HMAC_SHA1_80"],
      [2, "AES_CM_128_HMAC_SHA1_32"],
    ]);
    //= RFC 4568 §6.1
    //# Each master key and salt MUST be a cryptographically random number and MUST be unique to the
    //# entire SDP message.
    const masters = lines.map((line) => hex(keyOf(line)?.master));
    expect(new Set(masters).size).toBe(2);
    expect(masters[0]).toHaveLength(60);
    expect(() => ownCrypto(nodeCrypto().randomBytes, ["NULL"])).toThrow(RangeError);
    const all = ownCrypto(
      nodeCrypto().randomBytes,
      SRTP_SUITE_LIST.map(({ name }) => name),
    );
    expect(all.map(keyOf).map((key) => key?.suite)).toEqual(SRTP_SUITE_LIST);
  });

  test("RFC 4568 §6.1: a line that we could not use is none", () => {
    const [line] = ownCrypto(nodeCrypto().randomBytes);
    if (!line) throw new Error("no line");
    const info = line.keys[0]?.info ?? "";
    const withKeys = (...infos: string[]) =>
      keyOf({ ...line, keys: infos.map((each) => ({ method: "inline", info: each })) });
    expect(withKeys(info)).toBeDefined();
    expect(withKeys(`${info}|2^20`)).toBeDefined();
    //= RFC 4568 §6.1
    //# If the length (after being decoded from base64) does not match that specified for the
    //# crypto-suite, the crypto attribute in question MUST be considered invalid.
    expect(withKeys(info.slice(4))).toBeUndefined();
    expect(withKeys(`${info}|1:4`)).toBeUndefined();
    expect(withKeys(info, info)).toBeUndefined();
    expect(withKeys()).toBeUndefined();
    expect(keyOf({ ...line, suite: "F8_128_HMAC_SHA1_80" })).toBeUndefined();
    expect(keyOf({ ...line, keys: [{ method: "other", info }] })).toBeUndefined();
  });
});

describe("the two directions of a call", () => {
  const lineOf = (first: number) => {
    const [line] = ownCrypto((count) => new Uint8Array(count).fill(first));
    if (!line) throw new Error("no suite");
    return line;
  };
  const [ours, theirs, theirsLater] = [lineOf(1), lineOf(2), lineOf(3)];
  const agreedWith = (own: typeof ours, peer: typeof ours) => {
    const made = (before?: ReturnType<typeof srtpPair>) =>
      srtpPair({ own, peer }, before, { crypto });
    return { made };
  };
  const readerOf = (line: typeof ours) => {
    const key = keyOf(line);
    if (!key) throw new Error("no key");
    return new SrtpReceiver({ crypto, ...key });
  };
  /** As after 22 minutes of sound: the numbers have gone round once. */
  const goRound = (sender: SrtpSender | undefined, receiver: SrtpReceiver | undefined) => {
    for (const sequence of [0x7000, 0xe000, 0x1_0100]) {
      const sealed = sender?.protect(packet(sequence));
      expect(sealed && receiver?.unprotect(sealed)).toEqual(packet(sequence));
    }
  };

  test("RFC 3711 §9.1: a phone that changes its own key goes on hearing us", () => {
    //= RFC 3711 §9.1
    //# Any fixed keystream output, generated from the same key and index MUST only be used to
    //# encrypt once.
    const first = agreedWith(ours, theirs).made();
    const phone = readerOf(ours);
    goRound(first?.sender, phone);
    const second = agreedWith(ours, theirsLater).made(first);
    const sealed = second?.sender.protect(packet(0x1_0101));
    expect(sealed && phone.unprotect(sealed)).toEqual(packet(0x1_0101));
    // It is written with its new key from now on.
    const phoneKey = keyOf(theirsLater);
    const says = phoneKey && new SrtpSender({ crypto, ...phoneKey }).protect(packet(9));
    expect(says && second?.receiver.unprotect(says)).toEqual(packet(9));
  });

  test("RFC 3711 §3.3: a new key of ours leaves what has come from the other side known", () => {
    const first = agreedWith(ours, theirs).made();
    const phoneKey = keyOf(theirs);
    const phone = phoneKey && new SrtpSender({ crypto, ...phoneKey });
    goRound(phone, first?.receiver);
    const again = phone?.protect(packet(0x1_0102));
    const second = agreedWith(theirsLater, theirs).made(first);
    expect(again && second?.receiver.unprotect(again)).toEqual(packet(0x1_0102));
    //= RFC 3711 §3.3
    //# If the packet is judged to be replayed, then the packet MUST be discarded
    const third = agreedWith(ours, theirs).made(second);
    expect(again && third?.receiver.unprotect(again)).toBeUndefined();
  });
});
