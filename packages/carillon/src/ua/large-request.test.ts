/** A phone that is registered over UDP, and what is too large for that. RFC 3261 §18.1.1. */
import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { Call } from "./call.ts";
import type { MediaSession } from "./media.ts";

const DATAGRAM_BYTES = 1300;

/** Media whose descriptions are longer by so many octets. */
function wordy(address: string, bytes: number): MediaSession {
  const media = silentMedia(address);
  const longer = (text: string) => `${text}a=x:${"x".repeat(bytes - 6)}\r\n`;
  return {
    ...media,
    offer: async () => longer(await media.offer()),
    answer: async (offer) => longer(await media.answer(offer)),
  };
}

/** The transport of each message of this kind, in its topmost Via, in the order of sending. */
function transports(octets: readonly string[], kind: RegExp): readonly string[] {
  return octets
    .filter((text) => kind.test(text))
    .map((text) => /^Via: SIP\/2\.0\/(\w+)/m.exec(text)?.[1] ?? "");
}

/** Two phones with a server, and descriptions of more than a datagram. */
async function largeCall() {
  const home = house();
  const { network } = home;
  const alice = await home.signedIn("alice", "udp", { media: () => wordy("203.0.113.1", 1300) });
  const bob = await home.signedIn("bob", "udp", { media: () => wordy("203.0.113.2", 1300) });
  const { from, to } = await home.talk(alice, bob);
  const said = () => network.sights.map(({ octets }) => octets);
  return { home, network, alice, bob, from, to, said };
}

describe("a phone over UDP, whose server has something large for it", () => {
  //= RFC 3261 §18.1.1
  //# If a request is within 200 bytes of the path MTU, or if it is larger than 1300 bytes and the
  //# path MTU is unknown, the request MUST be sent using an RFC 2914 [43] congestion controlled
  //# transport protocol, such as TCP.
  test("RFC 3261 §18.1.1 takes it over TCP, and sends what is large over TCP", async () => {
    const { network, from, to, said } = await largeCall();
    expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
    const invites = transports(said(), /^INVITE /);
    expect(invites.length).toBeGreaterThanOrEqual(3);
    expect(new Set(invites)).toEqual(new Set(["TCP"]));
    for (const call of [from, to]) {
      await network.until(call.hold());
      expect(call.state).toMatchObject({ name: "Established", held: "ByUs" });
      await network.until(call.resume());
    }
  });

  test("is reached where it registered all the same: small ones go as datagrams", async () => {
    const { network, from, to, said } = await largeCall();
    expect(said().join("\n")).not.toContain("transport=tcp>");
    to.hangUp();
    await network.until(from.ended);
    expect(from.state).toMatchObject({ name: "Ended", end: { code: "SIP_HUNG_UP" } });
    expect(transports(said(), /^BYE /)[0]).toBe("UDP");
    await network.run(60_000);
  });

  test("hangs up when the connections are gone, and both know", async () => {
    const { home, network, from, to, alice } = await largeCall();
    home.hostOf(alice).disconnect();
    await network.run(1000);
    expect(from.state.name).toBe("Established");
    from.hangUp();
    await network.until(to.ended);
    expect(to.state).toMatchObject({ name: "Ended", end: { code: "SIP_HUNG_UP" } });
  });
});

describe("who may come to such a phone over TCP", () => {
  const open = async () => {
    const lone = lonePhone();
    await lone.register();
    return lone;
  };
  const status = (texts: readonly string[]) => texts.map((text) => text.split(" ")[1]);

  test("is the server at any of its ports, and nobody from elsewhere", async () => {
    const { wire, server, phone } = await open();
    const coming = phone.calls().next();
    const stranger = wire.open({ transport: "TCP", remote: { host: "192.0.2.66", port: 5060 } });
    expect(status(wire.received(stranger, requestText("INVITE")))).toEqual(["403"]);
    const known = wire.open({ transport: "TCP", remote: { host: server.host, port: 40_000 } });
    expect(status(wire.received(known, requestText("INVITE")))).toEqual(["180"]);
    const { value } = (await coming) as { value: Call };
    expect(value.state.name).toBe("Incoming");
  });

  test("is nobody at its address by WebSocket or TLS, nor by another port of UDP", async () => {
    const { wire, server } = await open();
    for (const transport of ["WS", "WSS", "TLS"] as const) {
      const other = wire.open({ transport, remote: { host: server.host, port: 40_000 } });
      expect(status(wire.received(other, requestText("INVITE"))), transport).toEqual(["403"]);
    }
    const from = { host: server.host, port: 5070 };
    expect(status(wire.datagram(requestText("INVITE"), from))).toEqual(["403"]);
  });
});

describe("an INVITE that fits a datagram until it carries credentials", () => {
  const digest = (realm: string) =>
    `Digest realm="${realm}", nonce="n1", algorithm=SHA-256, qop="auth"`;
  const asked = { lines: [`WWW-Authenticate: ${digest("registrar")}`] };
  const askedBefore = { lines: [`Proxy-Authenticate: ${digest("proxy")}`] };

  /** A phone that knows both realms, and calls; `next` is what it has sent since. */
  async function calling(bytes: number) {
    const media = () => wordy("192.0.2.1", bytes);
    const it = lonePhone({ password: "secret", media });
    it.wire.input({
      kind: "Listening",
      transport: "TCP",
      local: { host: "192.0.2.1", port: 5060 },
    });
    const registered = it.phone.register();
    await it.wait(0);
    const next = (method: string) => it.requests(method)[0] as Request;
    await it.say(answerTo(next("REGISTER"), 407, askedBefore));
    await it.say(answerTo(next("REGISTER"), 401, asked));
    await it.say(answerTo(next("REGISTER"), 200));
    await registered;
    it.phone.call("sip:bob@example.com");
    await it.wait(0);
    return { ...it, next };
  }

  test("RFC 3261 §18.1.1 goes over TCP with the second challenge's, in its own CSeq", async () => {
    const { say, next, wire, server, sent, wait } = await calling(150);
    const first = next("INVITE");
    await say(answerTo(first, 407, askedBefore));
    const second = next("INVITE");
    expect([first, second].map(({ text }) => transports([text], /^INVITE/)[0])).toEqual([
      "UDP",
      "UDP",
    ]);
    expect(second.text.length).toBeLessThanOrEqual(DATAGRAM_BYTES);
    await say(answerTo(second, 401, asked));
    expect(
      sent().filter((text) => text.startsWith("INVITE")),
      "it waits for TCP",
    ).toEqual([]);
    const dial = wire.outputs.findLast(({ kind }) => kind === "Open");
    expect(dial).toMatchObject({ to: { transport: "TCP", remote: server } });
    wire.open({ transport: "TCP", dial: dial && "dial" in dial ? dial.dial : 0, remote: server });
    await wait(0);
    const [third] = sent().filter((text) => text.startsWith("INVITE"));
    const request = read(third);
    expect(third?.length).toBeGreaterThan(DATAGRAM_BYTES);
    expect(transports([third ?? ""], /^INVITE/)).toEqual(["TCP"]);
    expect(header(request, "Proxy-Authorization")).toContain('realm="proxy"');
    expect(header(request, "Authorization")).toContain('realm="registrar"');
    expect(header(request, "CSeq")).toBe("3 INVITE");
  });
});
