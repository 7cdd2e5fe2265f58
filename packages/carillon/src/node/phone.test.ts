import { describe, expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import { domain } from "../roles/domain.ts";
import { MemoryLocation } from "../roles/location.ts";
import { tone } from "../rtp/sources.ts";
import { testAccounts } from "../testing/accounts.ts";
import { certificate } from "../testing/certificate.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { Call } from "../ua/call.ts";
import type { MediaSession } from "../ua/media.ts";
import { dialler } from "./dialler.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { Phone } from "./phone.ts";
import { PhoneSockets } from "./phone-sockets.ts";
import { run } from "./runner.ts";
import { TurnedClock } from "./testing-voice-clock.ts";
import { tls } from "./tls.ts";
import type { VoiceMedia, VoiceOptions } from "./voice.ts";

const HERE = { host: "127.0.0.1", port: 0 };

/** The part of the energy that is at this frequency, at 8 kHz. */
function shareOf(hz: number, samples: readonly number[]): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / 8000);
  let [last, before, energy] = [0, 0, 0];
  for (const sample of samples) {
    [last, before] = [sample + factor * last - before, last];
    energy += sample * sample;
  }
  const power = last * last + before * before - factor * last * before;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}

/** Media with one more line in their descriptions. */
function wordy(line: string): MediaSession {
  const media = silentMedia("127.0.0.1");
  return {
    ...media,
    offer: async () => `${await media.offer()}${line}`,
    answer: async (offer) => `${await media.answer(offer)}${line}`,
  };
}

/** A domain on a real socket. */
async function realHouse({ more = "" } = {}) {
  const crypto = nodeCrypto();
  const location = new MemoryLocation();
  const people = { alice: "a secret", bob: "b secret" };
  const role = domain({
    domain: "house.example",
    aliases: ["127.0.0.1"],
    realm: "house.example",
    accounts: testAccounts(crypto, "house.example", people),
    location,
    crypto,
    key: crypto.randomBytes(32),
    tokenKey: crypto.randomBytes(32),
    node: "n1",
  });
  const endpoint = createEndpoint({ role, crypto, node: "n1" });
  const runner = run(endpoint, { dialler: dialler() });
  const shown = certificate({ name: "x", uris: ["sip:house.example"] });
  // The same port for both, as a server has it: one that is free with both.
  const transports = ["UDP", "TCP"] as const;
  const sockets = new PhoneSockets(runner, { transports, port: 0, tls: shown });
  await sockets.listenAt([HERE.host]);
  const [overUdp = HERE, overTcp = HERE] = sockets.addresses;
  const overTls = await tls(runner, HERE, shown);
  const servers = { UDP: overUdp, TCP: overTcp, TLS: overTls.address };
  const open = (user: keyof typeof people, transport: keyof typeof servers = "UDP") =>
    Phone.open({
      aor: `sip:${user}@house.example`,
      password: people[user],
      server: servers[transport],
      transport,
      tls: { ca: shown.cert },
      local: HERE,
      media: () => wordy(more),
    });
  const openVoice = (user: keyof typeof people, voice: Partial<VoiceOptions>) => {
    const { aor, password } = { aor: `sip:${user}@house.example`, password: people[user] };
    return Phone.open({ aor, password, server: servers.UDP, local: HERE, voice });
  };
  const stop = async () => {
    runner.close();
    await Promise.all([sockets.close(), overTls.close()]);
  };
  return { open, openVoice, servers, location, runner, endpoint, stop };
}

describe("a phone on Node", () => {
  test("calls another one over real sockets", async () => {
    const { open, stop, location, runner } = await realHouse();
    const [alice, bob] = [await open("alice"), await open("bob")];
    await Promise.all([alice.register(), bob.register()]);
    const incoming = bob.calls().next();
    const call = alice.call("sip:bob@house.example");
    const { value: ringing } = (await incoming) as { value: Call };
    await Promise.all([ringing.answer(), call.answered]);
    ringing.hangUp();
    expect(await call.ended).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    await Promise.all([alice.close(), bob.close()]);
    expect(location.online("alice", runner.now())).toBe(false);
    expect(location.online("bob", runner.now())).toBe(false);
    await stop();
  });

  test.each([
    ["TCP", "TLS"],
    ["TLS", "TCP"],
    ["UDP", "TCP"],
  ] as const)("over %s calls one over %s", async (hers, his) => {
    const { open, stop, location } = await realHouse();
    const [alice, bob] = [await open("alice", hers), await open("bob", his)];
    await Promise.all([alice.register(), bob.register()]);
    const [binding] = location.bindings("bob", 0);
    //= RFC 3261 §18.1.1
    //# Before a request is sent, the client transport MUST insert a value of the "sent-by" field
    //# into the Via header field. This field contains an IP address or host name, and port.
    expect(binding?.contact).toMatch(/^sip:bob@127\.0\.0\.1:\d+;transport=t(?:cp|ls)$/);
    const incoming = bob.calls().next();
    const call = alice.call("sip:bob@house.example");
    const { value: ringing } = (await incoming) as { value: Call };
    await Promise.all([ringing.answer(), call.answered]);
    ringing.hangUp();
    expect(await call.ended).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    await Promise.all([alice.close(), bob.close()]);
    await stop();
  });

  //= RFC 3261 §18.2.1
  //# For any port and interface that a server listens on for UDP, it MUST listen on that same port
  //# and interface for TCP. This is because a message may need to be sent using TCP, rather than
  //# UDP, if it is too large.
  test("RFC 3261 §18.2.1 over UDP takes what is too large for a datagram over TCP", async () => {
    const { open, stop, endpoint, location } = await realHouse({
      more: `a=x:${"x".repeat(1300)}\r\n`,
    });
    const [alice, bob] = [await open("alice"), await open("bob")];
    await Promise.all([alice.register(), bob.register()]);
    expect(location.bindings("bob", 0)[0]?.flow.transport).toBe("UDP");
    const incoming = bob.calls().next();
    const call = alice.call("sip:bob@house.example");
    const { value: ringing } = (await incoming) as { value: Call };
    await Promise.all([ringing.answer(), call.answered]);
    expect(endpoint.census().connections, "one from her, and one to him").toBe(2);
    ringing.hangUp();
    expect(await call.ended).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    await Promise.all([alice.close(), bob.close()]);
    await stop();
  });

  test("speaks by itself: what is said at each end is heard at the other", async () => {
    const { openVoice, stop } = await realHouse();
    const heard = { alice: [] as number[], bob: [] as number[] };
    const clock = new TurnedClock();
    const voiceOf = (user: keyof typeof heard) => ({
      clock,
      source: tone({ frequencies: [1000], sampleRate: 8000 }),
      sink: { sampleRate: 8000, write: (pcm: Int16Array) => void heard[user].push(...pcm) },
    });
    const alice = await openVoice("alice", voiceOf("alice"));
    const bob = await openVoice("bob", voiceOf("bob"));
    await Promise.all([alice.register(), bob.register()]);
    const incoming = bob.calls().next();
    const call = alice.call("sip:bob@house.example");
    const { value: ringing } = (await incoming) as { value: Call<VoiceMedia> };
    await Promise.all([ringing.answer(), call.answered]);
    await clock.pass(2000);
    for (const samples of Object.values(heard)) {
      expect(shareOf(1000, samples.slice(-8000))).toBeGreaterThan(0.97);
    }
    expect(call.media?.statistics).toMatchObject({ codec: "G722", received: { lost: 0 } });
    await Promise.all([alice.close(), bob.close()]);
    await stop();
  });

  test("closed in a call, it hangs up and signs off before its socket goes", async () => {
    const { open, stop } = await realHouse();
    const [alice, bob] = [await open("alice"), await open("bob")];
    await Promise.all([alice.register(), bob.register()]);
    const incoming = bob.calls().next();
    const call = alice.call("sip:bob@house.example");
    const { value: ringing } = (await incoming) as { value: Call };
    await Promise.all([ringing.answer(), call.answered]);
    await bob.close();
    expect(await call.ended).toMatchObject({ by: "remote" });
    await alice.close();
    await stop();
  });

  test("is there at once with `new`, and has its sockets once it has registered", async () => {
    const { servers, stop } = await realHouse();
    const { host, port } = servers.UDP;
    const signedIn = async (user: string, transport: string) => {
      const phone = new Phone({
        ...{ aor: `sip:${user}@house.example`, password: `${user[0]} secret`, local: HERE },
        ...{ servers: [`sip:${host}:${port}${transport}`], media: () => silentMedia() },
      });
      await phone.register();
      return phone;
    };
    await using alice = await signedIn("alice", ";transport=udp");
    await using bob = await signedIn("bob", ";transport=tcp");
    const incoming = bob.calls().next();
    const call = alice.call("sip:bob@house.example");
    const { value: ringing } = (await incoming) as { value: Call };
    await Promise.all([ringing.answer(), call.answered]);
    call.hangUp();
    expect(await call.ended).toMatchObject({ by: "local", code: "SIP_HUNG_UP" });
    await Promise.all([alice.close(), bob.close()]);
    await stop();
  });

  test("says with `register` that its port is taken where it was made with `new`", async () => {
    const { stop, endpoint } = await realHouse();
    const [taken] = endpoint.locals;
    if (!taken) throw new Error("the house listens nowhere");
    const phone = new Phone({ aor: "sip:a@127.0.0.1", local: taken, media: () => silentMedia() });
    await expect(phone.register()).rejects.toMatchObject({ code: "EADDRINUSE" });
    await phone.close();
    await stop();
    const server = { host: "house.example", port: 5060 };
    expect(() => new Phone({ aor: "sip:a@b.example", server })).toThrow(RangeError);
  });

  test("says in words that the server does not answer where there is none", async () => {
    const phone = await Phone.open({
      aor: "sip:alice@house.example",
      server: { host: "127.0.0.1", port: 9 },
      local: HERE,
      media: () => silentMedia(),
    });
    const registered = phone.register();
    registered.catch(() => {});
    await phone.close();
    await expect(registered).rejects.toMatchObject({ code: "SIP_CLOSED" });
  });

  test("wants an IP address for a server, and rejects when its port is taken", async () => {
    const options = { aor: "sip:a@b.example", media: () => silentMedia() };
    const server = { host: "house.example", port: 5060 };
    await expect(Phone.open({ ...options, server, local: HERE })).rejects.toThrow(RangeError);
    const { runner, stop, endpoint } = await realHouse();
    const [taken] = endpoint.locals;
    if (!taken) throw new Error("the house listens nowhere");
    const own = { host: "127.0.0.1", port: 5060 };
    await expect(Phone.open({ ...options, server: own, local: taken })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    expect(runner.endpoint).toBe(endpoint);
    await stop();
  });
});
