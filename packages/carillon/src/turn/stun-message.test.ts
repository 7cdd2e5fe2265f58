import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stageCrypto as crypto } from "../testing/turn-stage.ts";
import { readXorAddress } from "./stun-address.ts";
import { attributeTypes, numberAttribute, textAttribute } from "./stun-attributes.ts";
import { isProved, withIntegrity } from "./stun-integrity.ts";
import {
  attribute,
  readStun,
  type StunClass,
  type StunMessage,
  withFingerprint,
  writeStun,
} from "./stun-message.ts";
import { longTermKey } from "./turn-credentials.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
function read(bytes: Uint8Array): StunMessage {
  const message = readStun(bytes);
  if (!message.ok) throw new Error(`${message.error.message} at ${message.error.offset}`);
  return message.value;
}
const addressIn = (message: StunMessage) =>
  readXorAddress(
    attribute(message, attributeTypes.XOR_MAPPED_ADDRESS) ?? new Uint8Array(),
    message.transactionId,
  );

describe("the vectors of RFC 5769", () => {
  const SHORT_TERM = ascii("VOkJxbRl1RmTxUk/WvJxBt");

  test("§2.1 a request has a right fingerprint and is proved by the password", () => {
    const message = read(
      hex(`000100582112a442b7e7a701bc34d686fa87dfae
           802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
           000600096576746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
           80280004e57a3bcf`),
    );
    expect(message).toMatchObject({ class: "Request", method: 1, hasFingerprint: true });
    expect(isProved(message, SHORT_TERM, crypto)).toBe(true);
    expect(isProved(message, ascii("another"), crypto)).toBe(false);
  });

  test("§2.2 and §2.3 answers say where the request came from, IPv4 and IPv6", () => {
    const four = read(
      hex(`0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
           002000080001a147e112a643 000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7
           80280004c07d4c96`),
    );
    const six = read(
      hex(`010100482112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
           002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9
           00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c`),
    );
    expect([isProved(four, SHORT_TERM, crypto), isProved(six, SHORT_TERM, crypto)]).toEqual([
      true,
      true,
    ]);
    expect(addressIn(four)).toEqual({ host: "192.0.2.1", port: 32853 });
    expect(addressIn(six)).toEqual({ host: "2001:db8:1234:5678:11:2233:4455:6677", port: 32853 });
  });

  test("§2.4 a request is proved by a long-term key", () => {
    const message = read(
      hex(
        `000100602112a44278ad3433c6ad72c029da412e
         00060012e3839ee38388e383aae38383e382afe382b90000
         0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341
         0014000b6578616d706c652e6f726700 00080014f67024656dd64a3e02b8e0712e85c9a28ca89666`,
      ),
    );
    const username = Buffer.from("マトリックス").toString("latin1");
    const key = longTermKey(
      { username, realm: "example.org", password: "TheMatrIX" },
      "MD5",
      crypto,
    );
    expect(isProved(message, key, crypto)).toBe(true);
  });
});

//= RFC 8489 §9.2.2
//# For example, if the username is 'user', the realm is 'realm', and the password is 'pass', then
//# the 16-byte HMAC key would be the result of performing an MD5 hash on the string
//# 'user:realm:pass', the resulting hash being 0x8493fbc53ba582fb4c044c456bdc40eb.
test("RFC 8489 §9.2.2 the key is a hash of name, realm and password", () => {
  const key = longTermKey({ username: "user", realm: "realm", password: "pass" }, "MD5", crypto);
  expect(Buffer.from(key).toString("hex")).toBe("8493fbc53ba582fb4c044c456bdc40eb");
});

const id = new Uint8Array(12).fill(5);
const plain = writeStun({
  ...{ class: "Request", method: 3, transactionId: id },
  attributes: [
    textAttribute(attributeTypes.SOFTWARE, "it"),
    numberAttribute(0x000d, 4_000_000_000),
  ],
});

test("RFC 8489 §14.5 behind the integrity only SHA-256 and the fingerprint count", () => {
  const key = ascii("key");
  const proved = withIntegrity(withIntegrity(plain, key, "SHA-1", crypto), key, "SHA-256", crypto);
  const both = read(withFingerprint(proved));
  expect(both.attributes.map(({ type }) => type)).toEqual([0x8022, 0x000d]);
  expect([both.integrityAt, both.integritySha256At]).toEqual([36, 60]);
  expect(isProved(both, key, crypto)).toBe(true);
});

//= RFC 8489 §14.7
//# When present, the FINGERPRINT attribute MUST be the last attribute in the message and thus will
//# appear after MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256.
test("RFC 8489 §14.7 a fingerprint that is wrong or not the last is no STUN", () => {
  const right = withFingerprint(plain);
  const wrong = Uint8Array.from(right);
  wrong[25]! ^= 1;
  expect(readStun(right).ok).toBe(true);
  expect(readStun(wrong)).toMatchObject({ error: { code: "bad-fingerprint" } });
  const more = withFingerprint(right);
  expect(readStun(more)).toMatchObject({ error: { code: "bad-stun" } });
});

//= RFC 8489 §5
//# The most significant 2 bits of every STUN message MUST be zeroes.
test.each([
  ["too short", plain.subarray(0, 19)],
  ["cut off", plain.subarray(0, plain.length - 4)],
  ["with something behind it", Uint8Array.from([...plain, 0, 0, 0, 0])],
  ["another first bit", Uint8Array.from(plain, (byte, i) => (i === 0 ? byte | 0x80 : byte))],
  ["another cookie", Uint8Array.from(plain, (byte, i) => (i === 4 ? 0 : byte))],
  ["an attribute that goes on", Uint8Array.from(plain, (byte, i) => (i === 22 ? 9 : byte))],
])("RFC 8489 §5 no message: %s", (_, bytes) => {
  expect(readStun(bytes).ok).toBe(false);
});

test("more than 64 attributes are refused", () => {
  const attributes = new Array(65).fill(numberAttribute(attributeTypes.LIFETIME, 1));
  const bytes = writeStun({ class: "Request", method: 1, transactionId: id, attributes });
  expect(readStun(bytes).ok).toBe(false);
});

test("RFC 8489 §5 what is written is read again, whatever it is", () => {
  const kinds: readonly StunClass[] = ["Request", "Indication", "Success", "Error"];
  const anyAttribute = fc.record({
    type: fc.integer({ min: 0x8100, max: 0xffff }),
    value: fc.uint8Array({ maxLength: 70 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.integer({ min: 0, max: 0xfff }),
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      fc.array(anyAttribute, { maxLength: 20 }),
      (kind, method, transactionId, attributes) => {
        const content = { class: kind, method, transactionId, attributes };
        const { class: readKind, ...message } = read(withFingerprint(writeStun(content)));
        expect({ class: readKind, method: message.method }).toEqual({ class: kind, method });
        expect(Buffer.from(message.transactionId)).toEqual(Buffer.from(transactionId));
        expect(message.attributes.map(({ type, value }) => [type, [...value]])).toEqual(
          attributes.map(({ type, value }) => [type, [...value]]),
        );
      },
    ),
  );
});

test("no bytes make it throw", () => {
  const spoiled = fc
    .tuple(fc.array(fc.tuple(fc.nat(plain.length - 1), fc.nat(255)), { maxLength: 8 }), fc.nat(60))
    .map(([changes, length]) => {
      const bytes = Uint8Array.from(plain);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes.subarray(0, length);
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), spoiled), (bytes) => {
      const message = readStun(bytes);
      if (!message.ok) return;
      for (const { value } of message.value.attributes) readXorAddress(value, id);
    }),
    { numRuns: 2000 },
  );
});
