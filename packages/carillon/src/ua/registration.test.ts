import { describe, expect, test } from "vitest";
import { hasHeader, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import type { PhoneState } from "./phone-state.ts";

/** A phone without credentials; its first REGISTER is out. */
async function registering() {
  const lone = lonePhone();
  const states: PhoneState["name"][] = [];
  void (async () => {
    for await (const { name } of lone.phone.states()) states.push(name);
  })();
  const registered = lone.phone.register();
  registered.catch(() => {});
  await lone.wait(0);
  const next = () => lone.requests("REGISTER")[0] as Request;
  const answer = (status: number, lines: readonly string[] = []) => {
    return lone.say(answerTo(next(), status, { lines }));
  };
  return { ...lone, registered, states, next, answer };
}

/** When the next REGISTER goes out, in seconds from now. */
async function secondsToNext({ wait, requests }: Awaited<ReturnType<typeof registering>>) {
  for (let seconds = 1; seconds < 10_000; seconds++) {
    await wait(1000);
    if (requests("REGISTER").length > 0) return seconds;
  }
  return undefined;
}

const CONTACT = "Contact: <sip:alice@192.0.2.1:5060>";

describe("a REGISTER", () => {
  test("RFC 3261 §10.2 has what it needs, and nothing of a dialog", async () => {
    const { next } = await registering();
    const register = next();
    //= RFC 3261 §10.2
    //# The following header fields, except Contact, MUST be included in a REGISTER request.
    expect(register.uri).toBe("sip:example.com");
    //= RFC 3261 §10.2
    //# This address-of-record MUST be a SIP URI or SIPS URI.
    expect(header(register, "To")).toBe("<sip:alice@example.com>");
    expect(header(register, "From")).toMatch(/^<sip:alice@example\.com>;tag=/);
    expect(header(register, "CSeq")).toBe("1 REGISTER");
    expect(`Contact: ${header(register, "Contact")}`).toBe(CONTACT);
    expect(header(register, "Call-ID")).toBeTruthy();
    expect(hasHeader(register, "Route")).toBe(false);
  });

  test("RFC 3261 §10.2 takes no route from a Record-Route in its answer", async () => {
    const it = await registering();
    //= RFC 3261 §10.2
    //# The Record-Route header field has no meaning in REGISTER requests or responses, and MUST be
    //# ignored if present. In particular, the UAC MUST NOT create a new route set based on the
    //# presence or absence of a Record-Route header field in any response to a REGISTER request.
    await it.answer(200, ["Record-Route: <sip:p1.example;lr>", `${CONTACT};expires=10`]);
    await it.wait(6000);
    expect(hasHeader(it.next(), "Route")).toBe(false);
  });

  test("RFC 3261 §10.2.4 is sent again before the time that was granted is over", async () => {
    for (const [lines, seconds] of [
      [[`${CONTACT};expires=100`], 50],
      [["Contact: <sip:x@y>;expires=5", `${CONTACT};expires=50`, "Expires: 9999"], 25],
      // In the words of a registrar that writes down where the REGISTER came from, and another's.
      [["Contact: <sip:x@y>;expires=5", "Contact: <sip:alice@203.0.113.9:4711>;expires=60"], 30],
      [["Expires: 3600"], 3000],
      [[], 300],
    ] as const) {
      const it = await registering();
      const first = it.next();
      await it.say(answerTo(first, 200, { lines }));
      expect(it.phone.state.name).toBe("Registered");
      await it.wait((seconds - 1) * 1000);
      expect(it.requests("REGISTER"), "not earlier").toEqual([]);
      await it.wait(1100);
      const again = it.next();
      //= RFC 3261 §10.2
      //# All registrations from a UAC SHOULD use the same Call-ID header field value for
      //# registrations sent to a particular registrar.
      expect(header(again, "Call-ID")).toBe(header(first, "Call-ID"));
      expect(header(again, "CSeq")).toBe("2 REGISTER");
    }
  });

  test("RFC 3261 §10.2.8 asks for longer when it asked for too short a time", async () => {
    const it = await registering();
    await it.answer(423, ["Min-Expires: 1800"]);
    const again = it.next();
    expect(header(again, "Expires")).toBe("1800");
    await it.say(answerTo(again, 423, { lines: ["Min-Expires: 1800"] }));
    await expect(it.registered).rejects.toMatchObject({ code: "SIP_REJECTED", status: 423 });
  });

  test("RFC 3261 §10.2 waits for an answer before another one is sent", async () => {
    const it = await registering();
    const first = it.next();
    const more = [it.phone.register(), it.phone.register()];
    await it.wait(0);
    //= RFC 3261 §10.2
    //# UAs MUST NOT send a new registration (that is, containing new Contact header field values,
    //# as opposed to a retransmission) until they have received a final response from the registrar
    //# for the previous one or the previous REGISTER request has timed out.
    expect(it.requests("REGISTER")).toEqual([]);
    await it.say(answerTo(first, 200));
    await Promise.all([it.registered, ...more]);
    await it.phone.register();
    expect(it.requests("REGISTER"), "nor once it is registered").toEqual([]);
  });
});

describe("a registration that fails", () => {
  test("on merit is final", async () => {
    for (const status of [401, 403, 404, 600, 603]) {
      const it = await registering();
      await it.answer(status);
      await expect(it.registered).rejects.toMatchObject({ name: "SipError", status });
      expect(it.phone.state.name).toBe("Failed");
      await it.wait(3_600_000);
      expect(it.sent()).toEqual([]);
    }
  });

  test("may be begun again by hand", async () => {
    const it = await registering();
    await it.answer(403);
    const again = it.phone.register();
    await it.wait(0);
    await it.answer(200);
    await again;
    expect(it.states).toEqual(["Offline", "Connecting", "Failed", "Connecting", "Registered"]);
  });

  test("for now is tried again, later each time and by chance, up to half a minute", async () => {
    const waits: number[] = [];
    const it = await registering();
    await it.answer(500);
    await expect(it.registered).rejects.toMatchObject({ code: "SIP_REJECTED", status: 500 });
    expect(it.phone.state).toMatchObject({ name: "Connecting", error: { status: 500 } });
    let pending: Request | undefined;
    for (let i = 0; i < 10; i++) {
      const before = it.wire.now;
      while (!pending) {
        await it.wait(100);
        pending = it.requests("REGISTER")[0];
      }
      waits.push(it.wire.now - before);
      await it.say(answerTo(pending, 503));
      pending = undefined;
    }
    for (const [i, ms] of waits.entries()) {
      const usual = Math.min(1000 * 2 ** i, 30_000);
      expect(ms).toBeGreaterThanOrEqual(usual * 0.5);
      expect(ms).toBeLessThanOrEqual(usual * 1.5 + 200);
    }
    expect(new Set(waits.slice(5)).size).toBeGreaterThan(2);
  });

  test("grants it so short a time that it is no better than a refusal", async () => {
    const it = await registering();
    await it.answer(200, [`${CONTACT};expires=1`]);
    expect(it.phone.state.name).toBe("Connecting");
    expect(await secondsToNext(it)).toBeLessThan(3);
  });

  test("RFC 3261 §10.2.7 when it is refreshed says so, though the binding lasts", async () => {
    const it = await registering();
    await it.answer(200, [`${CONTACT};expires=600`]);
    await it.wait(333_000);
    expect(it.phone.state).toMatchObject({
      name: "Connecting",
      error: { code: "SIP_TRANSPORT", message: "The server does not answer." },
    });
    it.sent();
    await it.wait(1500);
    await it.answer(200, [`${CONTACT};expires=600`]);
    expect(it.phone.state.name).toBe("Registered");
  });

  test("waits as long as it is told to, within reason", async () => {
    const it = await registering();
    await it.answer(503, ["Retry-After: 120 (maintenance);duration=60"]);
    const seconds = await secondsToNext(it);
    expect(seconds).toBeGreaterThanOrEqual(120);
    expect(seconds).toBeLessThanOrEqual(122);
    const forEver = await registering();
    await forEver.answer(503, ["Retry-After: 4000000000"]);
    expect(await secondsToNext(forEver)).toBeLessThan(310);
  });

  test("RFC 3261 §10.2.7 for want of an answer is not tried again at once", async () => {
    const it = await registering();
    await it.wait(31_900);
    it.sent();
    await it.wait(200);
    await expect(it.registered).rejects.toMatchObject({ code: "SIP_TRANSPORT" });
    expect(it.sent()).toEqual([]);
    expect(await secondsToNext(it)).toBeLessThan(3);
    await it.wait(0);
  });
});

describe("a phone on a WebSocket", () => {
  test("comes back by itself when the connection is lost, and calls reach it again", async () => {
    const { network, server, signedIn, talk, hostOf } = house();
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob", "ws")];
    const names: string[] = [];
    void (async () => {
      for await (const { name } of bob.states()) names.push(name);
    })();
    server.input({ kind: "Call", run: () => server.endpoint.close(1) });
    await network.run(100);
    expect(bob.state).toMatchObject({ name: "Connecting", error: { code: "SIP_TRANSPORT" } });
    await network.run(3000);
    expect(bob.state.name).toBe("Registered");
    expect(names).toEqual(["Registered", "Connecting", "Connecting", "Registered"]);
    const { from } = await talk(alice, bob);
    expect(from.state.name).toBe("Established");
    expect(hostOf(bob).endpoint.census().connections).toBe(1);
    expect(server.endpoint.census().connections).toBe(1);
  });

  test("whose server is away at first is registered once it is there", async () => {
    const { network, server, phone, restart } = house();
    server.stop();
    const bob = phone("bob", "ws");
    const first = bob.register();
    await expect(network.until(first)).rejects.toMatchObject({
      code: "SIP_TRANSPORT",
      message: "The server cannot be reached.",
    });
    await network.run(20_000);
    restart();
    await network.run(60_000);
    expect(bob.state.name).toBe("Registered");
  });

  test("asks a server that says nothing over a connection of its own once more", async () => {
    const { network, server, phone, restart, hostOf } = house();
    const bob = phone("bob", "ws");
    await network.until(bob.register());
    server.hang();
    await network.run(600_000);
    expect(bob.state.name).toBe("Connecting");
    restart();
    await network.run(120_000);
    expect(bob.state.name).toBe("Registered");
    expect(hostOf(bob).endpoint.census().connections).toBe(1);
  });

  test("refreshes over an hour without a word to its owner", async () => {
    const { network, signedIn } = house();
    const bob = await signedIn("bob", "ws");
    const names: string[] = [];
    void (async () => {
      for await (const { name } of bob.states()) names.push(name);
    })();
    await network.run(3_600_000);
    expect(new Set(names)).toEqual(new Set(["Registered"]));
    const registers = network.sights.filter(({ octets }) => octets.startsWith("REGISTER"));
    expect(registers.length).toBeGreaterThan(8);
  });
});

describe("closing a phone", () => {
  for (const way of ["udp", "ws"] as const) {
    test(`takes its binding back before it is gone (${way})`, async () => {
      const { network, location, signedIn } = house();
      const bob = await signedIn("bob", way);
      expect(location.online("bob", network.now)).toBe(true);
      await network.until(bob.close());
      expect(location.online("bob", network.now)).toBe(false);
      expect(bob.state.name).toBe("Offline");
    });

    test(`hangs up, and the other side hears of it (${way})`, async () => {
      const { network, signedIn, talk } = house();
      const [alice, bob] = [await signedIn("alice", way), await signedIn("bob", way)];
      const { from, to } = await talk(alice, bob);
      await network.until(bob.close());
      expect(await network.until(from.ended)).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
      expect(await to.ended).toMatchObject({ by: "local" });
    });
  }

  test("says its farewells in the turn in which it is closed, as a page needs it", async () => {
    const lone = lonePhone();
    await lone.register();
    lone.sent();
    void lone.phone.close();
    const [farewell] = lone.sent();
    expect(header(read(farewell), "Expires")).toBe("0");
  });

  test("waits two seconds for a server that does not answer, and no longer", async () => {
    const lone = lonePhone();
    await lone.register();
    const closing = lone.phone.close();
    await lone.wait(1900);
    expect(lone.isStopped()).toBe(false);
    await lone.wait(200);
    await closing;
    expect(lone.isStopped()).toBe(true);
    expect(lone.phone.close(), "twice is once").toBe(closing);
  });

  test("at once, or before it was registered, is no matter", async () => {
    const fresh = lonePhone();
    await fresh.phone.close();
    expect(fresh.sent()).toEqual([]);
    const busy = lonePhone();
    const registered = busy.phone.register();
    registered.catch(() => {});
    await busy.wait(0);
    const closing = busy.phone.close();
    await expect(registered).rejects.toMatchObject({ code: "SIP_CLOSED" });
    await busy.wait(3000);
    await closing;
    await using disposed = lonePhone().phone;
    expect(disposed.state.name).toBe("Offline");
  });

  test("lets one's other devices ring on", async () => {
    const { network, signedIn } = house();
    const [alice, bob, other] = [
      await signedIn("alice"),
      await signedIn("bob"),
      await signedIn("bob"),
    ];
    const [incoming, there] = [bob.calls().next(), other.calls().next()];
    const call = alice.call("sip:bob@house.example");
    const { value: here } = await network.until(incoming);
    const { value: elsewhere } = await network.until(there);
    await network.until(bob.close());
    await network.run(1000);
    expect(here.state).toMatchObject({ name: "Ended", end: { code: "SIP_CLOSED" } });
    expect([call.state.name, elsewhere.state.name]).toEqual(["Ringing", "Incoming"]);
  });

  test("while its first REGISTER is on the way takes back what that may have made", async () => {
    const lone = lonePhone();
    lone.phone.register().catch(() => {});
    await lone.wait(0);
    const [first] = lone.requests("REGISTER") as [Request];
    const closing = lone.phone.close();
    expect(lone.sent()).toEqual([]);
    await lone.say(answerTo(first, 200));
    const [farewell] = lone.requests("REGISTER") as [Request];
    expect([header(farewell, "CSeq"), header(farewell, "Expires")]).toEqual(["2 REGISTER", "0"]);
    await lone.say(answerTo(farewell, 200));
    await closing;
    expect(lone.isStopped()).toBe(true);
  });

  test("is for good", async () => {
    const { phone } = lonePhone();
    await phone.close();
    await expect(phone.register()).rejects.toMatchObject({ code: "SIP_CLOSED" });
    expect(() => phone.call("sip:bob@example.com")).toThrow("The phone was closed.");
    expect(await phone.calls().next()).toMatchObject({ done: true });
  });
});
