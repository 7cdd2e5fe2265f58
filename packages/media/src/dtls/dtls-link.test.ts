import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { createSocket } from "node:dgram";
import type { IceCredentials } from "carillon/sdp";
import { expect, test } from "vitest";
import { DtlsLink } from "./dtls-link.ts";

const ADDRESS = { address: "127.0.0.1" };

/** A packet of 20 octets with this payload type and SSRC. */
function rtp(payloadType: number, ssrc: number): Uint8Array {
  const packet = new Uint8Array(20);
  packet[0] = 0x80;
  packet[1] = payloadType;
  new DataView(packet.buffer).setUint32(8, ssrc);
  return packet;
}

/** A sender report with no more than what it must have. */
function senderReport(ssrc: number): Uint8Array {
  const packet = new Uint8Array(28);
  packet.set([0x80, 200, 0, 6]);
  new DataView(packet.buffer).setUint32(4, ssrc);
  return packet;
}

async function pair(): Promise<readonly [DtlsLink, DtlsLink]> {
  const offerer = await DtlsLink.open(ADDRESS);
  const answerer = await DtlsLink.open(ADDRESS, offerer.local);
  const opened = Promise.all([offerer, answerer].map((link) => opening(link)));
  offerer.connect(answerer.local);
  answerer.begin();
  await opened;
  return [offerer, answerer];
}

const opening = (link: DtlsLink): Promise<void> =>
  new Promise((resolve) => {
    link.onopen = resolve;
  });

const packetOf = (link: DtlsLink): Promise<Uint8Array> =>
  new Promise((resolve) => {
    link.onpacket = resolve;
  });

test("RFC 5763 §5: the offerer leaves the role open, the answerer takes one", async () => {
  const offerer = await DtlsLink.open(ADDRESS);
  const answerer = await DtlsLink.open(ADDRESS, offerer.local);
  expect(offerer.local.setup).toBe("actpass");
  expect(answerer.local.setup).toBe("active");
  expect(offerer.local.fingerprint.hash).toBe("sha-256");
  expect(offerer.local.fingerprint.value).not.toBe(answerer.local.fingerprint.value);
  expect(offerer.local.candidates.map(({ address }) => address)).toEqual(["127.0.0.1"]);
  offerer.close();
  answerer.close();
});

test("RFC 5764 §5.1.2: packets of any SSRC and type, and RTCP, go through", async () => {
  const [offerer, answerer] = await pair();
  for (const packet of [rtp(111, 1), rtp(0, 0xfedcba98), rtp(101, 7)]) {
    const came = packetOf(answerer);
    expect(offerer.send(packet)).toBe(true);
    expect([...(await came)]).toEqual([...packet]);
  }
  const came = packetOf(offerer);
  expect(answerer.send(senderReport(99))).toBe(true);
  expect([...(await came).subarray(0, 8)]).toEqual([...senderReport(99).subarray(0, 8)]);
  offerer.close();
  answerer.close();
  expect(offerer.send(rtp(0, 1))).toBe(false);
});

//= RFC 5763 §5
//# The certificate presented during the DTLS handshake MUST match the fingerprint exchanged via the
//# signaling path in the SDP.
test("RFC 5763 §5: who shows another certificate than was foretold is not talked to", async () => {
  const offerer = await DtlsLink.open(ADDRESS);
  const answerer = await DtlsLink.open(ADDRESS, offerer.local);
  const { fingerprint } = answerer.local;
  const turned = fingerprint.value.startsWith("00") ? "01" : "00";
  const lost = new Promise<void>((resolve) => {
    offerer.onlost = resolve;
  });
  offerer.onopen = () => expect.unreachable("it opened");
  offerer.connect({
    ...answerer.local,
    fingerprint: { ...fingerprint, value: turned + fingerprint.value.slice(2) },
  });
  await lost;
  expect(offerer.send(rtp(0, 1))).toBe(false);
  offerer.close();
  answerer.close();
});

test("links can be made, closed and made again", async () => {
  for (let nth = 0; nth < 3; nth++) {
    const [offerer, answerer] = await pair();
    offerer.close();
    offerer.close();
    answerer.close();
    // Their threads are gone before the next are made.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

test("a process that used links ends by itself, and at once if it is told to", () => {
  for (const end of ["close", "exit"]) {
    const code = `
      import { DtlsLink } from ${JSON.stringify(new URL("./dtls-link.ts", import.meta.url).href)};
      const one = await DtlsLink.open({ address: "127.0.0.1" });
      const other = await DtlsLink.open({ address: "127.0.0.1" }, one.local);
      one.connect(other.local);
      await new Promise((resolve) => (one.onopen = resolve));
      if (${JSON.stringify(end)} === "exit") process.exit(0);
      one.close();
      other.close();`;
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      timeout: 20_000,
      encoding: "utf8",
    });
    expect([end, status, stderr]).toEqual([end, 0, ""]);
  }
});

test("RFC 8831: who takes no data channels has none, and media go on without", async () => {
  const channels: string[] = [];
  const onchannel = ({ label }: { label: string }) => void channels.push(label);
  const offerer = await DtlsLink.open(ADDRESS);
  const answerer = await DtlsLink.open({ ...ADDRESS, onchannel }, offerer.local);
  const opened = Promise.all([offerer, answerer].map((link) => opening(link)));
  offerer.connect(answerer.local);
  answerer.begin();
  await opened;
  const came = packetOf(offerer);
  expect(answerer.send(rtp(0, 5))).toBe(true);
  expect([...(await came)]).toEqual([...rtp(0, 5)]);
  expect(channels).toEqual([]);
  offerer.close();
  answerer.close();
});

test("what a handler throws is an exception of the process, and no abort of the library", () => {
  const code = `
    import { DtlsLink } from ${JSON.stringify(new URL("./dtls-link.ts", import.meta.url).href)};
    process.on("uncaughtException", ({ message }) => { console.log(message); process.exit(0); });
    const one = await DtlsLink.open({ address: "127.0.0.1" });
    const other = await DtlsLink.open({ address: "127.0.0.1" }, one.local);
    one.connect(other.local);
    one.onopen = () => { throw new Error("thrown in a handler"); };`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    timeout: 20_000,
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([0, "thrown in a handler\n"]);
});

/** A check of ICE as a controlled peer sends it, with these credentials of ours. RFC 8445 §7.2.2 */
function check({ ufrag, pwd }: IceCredentials, theirs: string): Buffer {
  const username = Buffer.from(`${ufrag}:${theirs}`);
  const padded = Buffer.concat([username, Buffer.alloc(-username.length & 3)]);
  const attribute = (type: number, length: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type);
    head.writeUInt16BE(length, 2);
    return Buffer.concat([head, value]);
  };
  const body = Buffer.concat([
    attribute(0x0006, username.length, padded),
    attribute(0x0024, 4, Buffer.from([110, 0, 1, 255])),
    attribute(0x8029, 8, Buffer.alloc(8, 1)),
  ]);
  const head = Buffer.alloc(20, 7);
  head.writeUInt16BE(0x0001);
  head.writeUInt16BE(body.length + 24, 2);
  head.writeUInt32BE(0x2112a442, 4);
  const integrity = createHmac("sha1", pwd).update(head).update(body).digest();
  return Buffer.concat([head, body, attribute(0x0008, 20, integrity)]);
}

test("RFC 8445 §7.3: checks before an answer find nobody, those after it somebody", async () => {
  const offerer = await DtlsLink.open(ADDRESS);
  const answerer = await DtlsLink.open(ADDRESS, offerer.local);
  const [{ port } = { port: 0 }] = offerer.local.candidates;
  const peer = createSocket("udp4");
  let answers = 0;
  // libdatachannel's own checks come here, too.
  peer.on("message", (packet) => void (packet.readUInt16BE(0) === 0x0101 && answers++));
  const request = check(offerer.local.ice, answerer.local.ice.ufrag);
  const sendFor = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0 && answers === 0; left -= 20) {
      peer.send(request, port, ADDRESS.address);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await sendFor(300);
  expect(answers).toBe(0);
  offerer.connect({ ...answerer.local, candidates: [] });
  await sendFor(5000);
  expect(answers).toBeGreaterThan(0);
  peer.close();
  offerer.close();
  answerer.close();
});

test("a link that ended before we look for its other end is lost, and nothing throws", async () => {
  const offerer = await DtlsLink.open(ADDRESS);
  const { fingerprint } = offerer.local;
  const turned = fingerprint.value.startsWith("00") ? "01" : "00";
  const other = { ...fingerprint, value: turned + fingerprint.value.slice(2) };
  const answerer = await DtlsLink.open(ADDRESS, { ...offerer.local, fingerprint: other });
  const lost = new Promise<void>((resolve) => {
    answerer.onlost = resolve;
  });
  offerer.connect(answerer.local);
  await lost;
  // The library takes its time to close what has failed.
  await new Promise((resolve) => setTimeout(resolve, 200));
  answerer.begin();
  for (const each of offerer.local.candidates) answerer.addCandidate(each);
  offerer.close();
  answerer.close();
});
