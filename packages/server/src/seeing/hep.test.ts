import { expect, test } from "vitest";
import { hepPacket } from "./hep.ts";

const MESSAGE = "OPTIONS sip:b SIP/2.0\r\nCall-ID: abc@192.0.2.9\r\nContent-Length: 0\r\n\r\n";
const flow = (transport: "UDP" | "TLS", local: string, remote: string) => ({
  ...{ transport, connection: 0 },
  ...{ local: { host: local, port: 5060 }, remote: { host: remote, port: 40_001 } },
});
const at = 1_700_000_000_123.456;

/** Read back as the format has it. */
function chunksOf(packet: Buffer): Map<number, Buffer> {
  expect(packet.subarray(0, 4).toString()).toBe("HEP3");
  expect(packet.readUInt16BE(4)).toBe(packet.length);
  const chunks = new Map<number, Buffer>();
  for (let i = 6; i < packet.length; ) {
    expect(packet.readUInt16BE(i), "the vendor").toBe(0);
    const length = packet.readUInt16BE(i + 4);
    chunks.set(packet.readUInt16BE(i + 2), packet.subarray(i + 6, i + length));
    i += length;
  }
  return chunks;
}

test("a message that came over UDP: where from, where to, when, and what ties it to others", () => {
  const entry = { at, direction: "in", octets: MESSAGE } as const;
  const options = { id: 2001, password: "north", aheadMs: 0 };
  const packet = hepPacket(
    { ...entry, flow: flow("UDP", "192.0.2.1", "192.0.2.9") },
    MESSAGE,
    options,
  );
  const hex = [...chunksOf(packet)].map(([type, value]) => [type, value.toString("hex")]);
  const text = (value: string): string => Buffer.from(value).toString("hex");
  expect(hex).toEqual([
    [0x01, "02"],
    [0x02, "11"],
    [0x03, "c0000209"],
    [0x04, "c0000201"],
    [0x07, "9c41"],
    [0x08, "13c4"],
    [0x09, (1_700_000_000).toString(16)],
    [0x0a, (123_456).toString(16).padStart(8, "0")],
    [0x0b, "01"],
    [0x0c, "000007d1"],
    [0x0e, text("north")],
    [0x11, text("abc@192.0.2.9")],
    [0x0f, text(MESSAGE)],
  ]);
});

test("one that left over TLS and IPv6 is one over TCP, the other way round", () => {
  const entry = { at, direction: "out", octets: MESSAGE } as const;
  const over = flow("TLS", "2001:db8::1", "::ffff:192.0.2.9");
  const chunks = chunksOf(hepPacket({ ...entry, flow: over }, MESSAGE, { id: 1, aheadMs: 1000 }));
  expect([chunks.get(0x01)?.[0], chunks.get(0x02)?.[0]]).toEqual([10, 6]);
  expect(chunks.get(0x05)?.toString("hex")).toBe("20010db8000000000000000000000001");
  expect(chunks.get(0x06)?.toString("hex")).toBe("00000000000000000000ffffc0000209");
  expect([chunks.get(0x07), chunks.get(0x08)].map((one) => one?.readUInt16BE())).toEqual([
    5060, 40_001,
  ]);
  expect(chunks.get(0x09)?.readUInt32BE()).toBe(1_700_000_001);
  expect([chunks.has(0x03), chunks.has(0x0e)]).toEqual([false, false]);
});

test("what is too long for a datagram is cut, and what has no Call-ID has none", () => {
  const long = `MESSAGE sip:b SIP/2.0\r\n\r\n${"x".repeat(70_000)}`;
  const entry = { at, direction: "in", octets: long } as const;
  const over = flow("TLS", "192.0.2.1", "192.0.2.9");
  const packet = hepPacket({ ...entry, flow: over }, long, { id: 1, aheadMs: 0 });
  expect(packet.length).toBeLessThan(65_507);
  expect(chunksOf(packet).has(0x11)).toBe(false);
});
