import { randomBytes } from "node:crypto";
import { nodeSrtpCrypto } from "carillon/node";
import { formatRtp, SRTP_SUITE_LIST, SrtpReceiver, SrtpSender } from "carillon/rtp";
import fc from "fast-check";
import { expect, test } from "vitest";
import { srtpCrypto } from "./native-srtp-crypto.ts";

const crypto = await srtpCrypto();
const octets = (of: { minLength?: number; maxLength: number }) => fc.uint8Array(of);

test("on Linux it is the OpenSSL of Node that is called, without Node between", () => {
  expect(crypto !== nodeSrtpCrypto).toBe(process.platform === "linux");
});

test("it encrypts and authenticates as node:crypto does, whatever comes", () => {
  const key = fc
    .constantFrom(16, 32)
    .chain((length) => octets({ minLength: length, maxLength: length }));
  const iv = octets({ minLength: 16, maxLength: 16 });
  const parts = fc.array(octets({ maxLength: 1500 }), { maxLength: 4 });
  fc.assert(
    fc.property(key, iv, octets({ maxLength: 5000 }), parts, (own, vector, bytes, all) => {
      const [ours, theirs] = [crypto, nodeSrtpCrypto];
      expect([...ours.aesCtr(own, vector, bytes)]).toEqual([...theirs.aesCtr(own, vector, bytes)]);
      expect([...ours.hmacSha1(own, ...all)]).toEqual([...theirs.hmacSha1(own, ...all)]);
    }),
    { numRuns: 50 },
  );
});

test.each(SRTP_SUITE_LIST.map(({ name }) => name))(
  "RFC 3711: %s goes to node:crypto and back",
  (name) => {
    const suite = SRTP_SUITE_LIST.find((each) => each.name === name)!;
    const master = randomBytes(suite.keyBytes + suite.saltBytes);
    for (const [one, other] of [
      [crypto, nodeSrtpCrypto],
      [nodeSrtpCrypto, crypto],
    ] as const) {
      const sender = new SrtpSender({ crypto: one, suite, master });
      const receiver = new SrtpReceiver({ crypto: other, suite, master });
      for (let sequence = 0; sequence < 20; sequence++) {
        const payload = randomBytes(160);
        const numbers = {
          marker: false,
          payloadType: 0,
          sequence,
          timestamp: 160 * sequence,
          ssrc: 5,
        };
        const packet = formatRtp({ ...numbers, payload });
        expect(receiver.unprotect(sender.protect(packet))).toEqual(packet);
      }
    }
  },
);

test("keys that nobody has any more do not pile up", async () => {
  const before = process.memoryUsage().rss;
  for (let n = 0; n < 20_000; n++) {
    crypto.aesCtr(randomBytes(16), randomBytes(16), new Uint8Array(20));
    crypto.hmacSha1(randomBytes(20), new Uint8Array(20));
    // What is forgotten is given back between turns.
    if (n % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(100);
});
