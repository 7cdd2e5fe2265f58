import { describe, expect, test } from "vitest";
import { messageLabel } from "../message/message-label.ts";
import { type House, house } from "../testing/house.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { Call } from "./call.ts";
import type { CallState } from "./call-state.ts";
import type { MediaSession } from "./media.ts";
import type { Phone } from "./phone.ts";

type Way = "udp" | "ws";

/** Alice and Bob, signed in, and Bob's next call. */
async function ready(way: Way = "udp", media?: { alice?: Media; bob?: Media }, home = house()) {
  const alice = await home.signedIn("alice", way, media?.alice ? { media: media.alice } : {});
  const bob = await home.signedIn("bob", way, media?.bob ? { media: media.bob } : {});
  home.ladder();
  return { home, network: home.network, alice, bob };
}

type Media = () => MediaSession;

const media =
  (parts: Partial<MediaSession>): Media =>
  () => ({ ...silentMedia(), ...parts });

async function ring(network: House["network"], alice: Phone, bob: Phone) {
  const calls = bob.calls();
  const from = alice.call("sip:bob@house.example");
  const { value: to } = (await network.until(calls.next())) as { value: Call };
  return { from, to };
}

function statesOf(call: Call): CallState["name"][] {
  const names: CallState["name"][] = [];
  void (async () => {
    for await (const { name } of call.states()) names.push(name);
  })();
  return names;
}

describe("RFC 3261 §12: the dialog of a call", () => {
  test("has the same names at both ends, each side's own tag first, and keeps them", async () => {
    const { network, alice, bob } = await ready();
    const calling = alice.call("sip:bob@house.example");
    expect(calling.dialog).toBeUndefined();
    calling.hangUp();
    const { from, to } = await ring(network, alice, bob);
    await network.run(500);
    const early = from.dialog;
    await network.until(Promise.all([to.answer(), from.answered]));
    const { callId, localTag, remoteTag } = to.dialog ?? {};
    const mirrored = { callId, localTag: remoteTag, remoteTag: localTag };
    expect(from.dialog).toEqual({ ...mirrored, remoteTarget: "sip:bob@203.0.113.2:5060" });
    expect(early).toEqual(from.dialog);
    expect([callId, localTag, remoteTag].map((one) => (one ?? "").length > 8)).not.toContain(false);
    from.hangUp();
    await network.until(to.ended);
    expect(JSON.parse(JSON.stringify(from.dialog))).toEqual(early);
  });

  test("is not told while several devices ring, and is that of the one that answers", async () => {
    const { network, alice, bob, home } = await ready();
    const second = await home.signedIn("bob");
    const others = second.calls();
    const { from, to } = await ring(network, alice, bob);
    const { value: other } = (await network.until(others.next())) as { value: Call };
    await network.run(500);
    expect(from.dialog).toBeUndefined();
    await network.until(Promise.all([other.answer(), from.answered]));
    expect(from.dialog?.remoteTag).toBe(other.dialog?.localTag);
    expect(from.dialog?.remoteTag).not.toBe(to.dialog?.localTag);
  });
});

for (const way of ["udp", "ws"] as const) {
  describe(`two phones over ${way}`, () => {
    test("talk, and whoever hangs up, both hear of it", async () => {
      for (const who of ["from", "to"] as const) {
        const { network, alice, bob } = await ready(way);
        const { from, to } = await ring(network, alice, bob);
        const states = [statesOf(from), statesOf(to)];
        expect(to.peer).toEqual({ uri: "sip:alice@house.example", displayName: "Alice" });
        expect([from.direction, to.direction]).toEqual(["outgoing", "incoming"]);
        await network.run(2000);
        await network.until(Promise.all([to.answer(), from.answered]));
        await network.run(2000);
        const [one, other] = who === "from" ? [from, to] : [to, from];
        one.hangUp();
        const ends = await network.until(Promise.all([one.ended, other.ended]));
        expect(ends).toMatchObject([
          { by: "local", code: "SIP_HUNG_UP", message: "You hung up." },
          { by: "remote", code: "SIP_HUNG_UP", message: "They hung up." },
        ]);
        expect(states).toEqual([
          ["Dialing", "Ringing", "Established", "Ended"],
          ["Incoming", "Answering", "Established", "Ended"],
        ]);
        await network.run(40_000);
      }
    });

    test("and nothing is left of it when the timers have run out", async () => {
      const { home, network, alice, bob } = await ready(way);
      const { from, to } = await home.talk(alice, bob);
      from.hangUp();
      await network.until(to.ended);
      await network.run(45_000);
      for (const phone of [alice, bob]) {
        const census = home.hostOf(phone).endpoint.census();
        expect(census).toMatchObject({ servers: 0, clients: 0 });
      }
      expect(home.server.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
    });

    test("decline", async () => {
      const { network, alice, bob } = await ready(way);
      const { from, to } = await ring(network, alice, bob);
      to.decline();
      expect(await network.until(from.ended)).toMatchObject({
        by: "remote",
        code: "SIP_DECLINED",
        status: 603,
        message: "They declined.",
      });
      expect(await to.ended).toMatchObject({ by: "local", code: "SIP_DECLINED" });
    });

    test("are taken back while they ring", async () => {
      const { network, alice, bob } = await ready(way);
      const { from, to } = await ring(network, alice, bob);
      from.hangUp();
      expect(await from.ended).toMatchObject({ by: "local", code: "SIP_HUNG_UP" });
      expect(await network.until(to.ended)).toMatchObject({ by: "remote", code: "SIP_CANCELLED" });
    });

    test("meet in the middle: CANCEL and 200 cross, and both know that it is over", async () => {
      const { network, alice, bob } = await ready(way);
      const { from, to } = await ring(network, alice, bob);
      const answered = to.answer();
      answered.catch(() => {});
      from.hangUp();
      const end = await network.until(to.ended);
      expect(["SIP_HUNG_UP", "SIP_CANCELLED"]).toContain(end.code);
      await network.run(40_000);
      expect(from.state.name).toBe("Ended");
    });

    test("hang up at the same moment", async () => {
      const { home, network, alice, bob } = await ready(way);
      const { from, to } = await home.talk(alice, bob);
      from.hangUp();
      to.hangUp();
      await network.run(1000);
      const said = network.sights
        .map((one) => messageLabel(one.octets))
        .filter((one) => one.includes("BYE"));
      expect(said.filter((one) => one.includes("481"))).toEqual([]);
      expect(await Promise.all([from.ended, to.ended])).toMatchObject([
        { by: "local" },
        { by: "local" },
      ]);
    });
  });
}

describe("a call that nobody takes", () => {
  test("says that they are not online", async () => {
    const { network, signedIn } = house();
    const alice = await signedIn("alice");
    const call = alice.call("sip:bob@house.example");
    expect(await network.until(call.ended)).toMatchObject({
      by: "remote",
      code: "SIP_UNAVAILABLE",
      status: 480,
    });
  });

  test("says that there is no such person", async () => {
    const { network, signedIn } = house();
    const alice = await signedIn("alice");
    const call = alice.call("sip:nobody@house.example");
    expect(await network.until(call.ended)).toMatchObject({ code: "SIP_NOT_FOUND" });
  });

  test("is refused by a phone where nobody listens for calls", async () => {
    const { network, alice } = await ready();
    const call = alice.call("sip:bob@house.example");
    expect(await network.until(call.ended)).toMatchObject({ code: "SIP_UNAVAILABLE" });
  });

  test("rings for three minutes, and can be answered to the last", async () => {
    const { network, alice, bob } = await ready();
    const { from, to } = await ring(network, alice, bob);
    await network.run(179_000);
    expect([from.state.name, to.state.name]).toEqual(["Ringing", "Incoming"]);
    await network.until(Promise.all([to.answer(), from.answered]));
  });

  test("ends then, in words on both sides", async () => {
    const { network, alice, bob } = await ready();
    const { from, to } = await ring(network, alice, bob);
    await network.run(181_000);
    expect(await from.ended).toMatchObject({ code: "SIP_TIMEOUT", message: "Nobody answered." });
    expect(await to.ended).toMatchObject({ code: "SIP_CANCELLED" });
  });

  test("rings on all of one's phones, and stops on the others when one answers", async () => {
    const { home, network, alice, bob } = await ready();
    const other = await home.signedIn("bob", "ws");
    const elsewhere = other.calls().next();
    const { from, to } = await ring(network, alice, bob);
    const { value: there } = await network.until(elsewhere);
    await network.until(Promise.all([to.answer(), from.answered]));
    expect(await network.until(there.ended)).toMatchObject({
      by: "remote",
      code: "SIP_ANSWERED_ELSEWHERE",
      message: "Answered on another device.",
    });
  });
});

describe("a call that is refused at one of several phones", () => {
  test("RFC 3261 §21.4.24 as busy rings on at the others, busy if none answers", async () => {
    const { home, network, alice, bob } = await ready();
    const other = await home.signedIn("bob", "ws");
    const elsewhere = other.calls().next();
    const { from, to } = await ring(network, alice, bob);
    const { value: there } = await network.until(elsewhere);
    to.decline(486);
    expect(await to.ended).toMatchObject({ by: "local", code: "SIP_BUSY" });
    await network.run(2000);
    expect([from.state.name, there.state.name]).toEqual(["Ringing", "Incoming"]);
    there.decline(486);
    expect(await network.until(from.ended)).toMatchObject({ code: "SIP_BUSY", status: 486 });
  });

  test("RFC 3261 §21.6.2 as declined is so at all of them", async () => {
    const { home, network, alice, bob } = await ready();
    const other = await home.signedIn("bob", "ws");
    const elsewhere = other.calls().next();
    const { from, to } = await ring(network, alice, bob);
    const { value: there } = await network.until(elsewhere);
    to.decline();
    expect(await network.until(from.ended)).toMatchObject({ code: "SIP_DECLINED", status: 603 });
    expect(await network.until(there.ended)).toMatchObject({ by: "remote" });
  });
});

describe("several who listen for calls", () => {
  test("hear of each", async () => {
    const { network, alice, bob } = await ready();
    const [one, other] = [bob.calls().next(), bob.calls().next()];
    alice.call("sip:bob@house.example");
    const [first, second] = await network.until(Promise.all([one, other]));
    expect(first.value).toBe(second.value);
  });

  test("count for nothing once their signal has aborted", async () => {
    const { network, alice, bob } = await ready();
    const leaving = new AbortController();
    bob.calls({ signal: AbortSignal.abort() });
    const calls = bob.calls({ signal: leaving.signal });
    const next = calls.next();
    leaving.abort();
    expect(await next).toMatchObject({ done: true });
    const call = alice.call("sip:bob@house.example");
    expect(await network.until(call.ended)).toMatchObject({ code: "SIP_UNAVAILABLE" });
  });
});

describe("media that fails", () => {
  const noMicrophone = async (): Promise<never> => {
    throw new Error("No microphone was found.");
  };

  test("with the caller ends the call before anybody is called", async () => {
    const { home, alice, network } = await ready("udp", { alice: media({ offer: noMicrophone }) });
    const call = alice.call("sip:bob@house.example");
    expect(await network.until(call.ended)).toMatchObject({
      by: "local",
      code: "SIP_MEDIA",
      message: "No microphone was found.",
    });
    expect(home.ladder()).not.toContain("INVITE");
  });

  test("at once, by throwing, is the same", async () => {
    const throwing = () => {
      throw new Error("no media here");
    };
    const { alice, network } = await ready("udp", { alice: throwing });
    const call = alice.call("sip:bob@house.example");
    expect(await network.until(call.ended)).toMatchObject({ message: "no media here" });
  });

  test("with the callee is told to the caller in words", async () => {
    const { network, alice, bob } = await ready("udp", { bob: media({ answer: noMicrophone }) });
    const { from, to } = await ring(network, alice, bob);
    await expect(network.until(to.answer())).rejects.toMatchObject({
      code: "SIP_MEDIA",
      message: "No microphone was found.",
    });
    expect(await to.ended).toMatchObject({ by: "local", code: "SIP_MEDIA" });
    expect(await network.until(from.ended)).toMatchObject({
      by: "remote",
      code: "SIP_NOT_ACCEPTABLE",
      status: 488,
      message: "The two devices could not agree on voice or video.",
    });
  });

  test("with an answer that cannot be used hangs up, and both know why", async () => {
    const accept = async (): Promise<never> => {
      throw new Error("That answer makes no sense.");
    };
    const { network, alice, bob } = await ready("udp", { alice: media({ accept }) });
    const { from, to } = await ring(network, alice, bob);
    to.answer().catch(() => {});
    expect(await network.until(from.ended)).toMatchObject({
      by: "local",
      code: "SIP_MEDIA",
      message: "That answer makes no sense.",
    });
    expect(await network.until(to.ended)).toMatchObject({
      by: "remote",
      code: "SIP_MEDIA",
      message: "Voice or video did not work on the other side.",
    });
  });

  test("in mid-call, with no way left for sound, hangs up, and both know why", async () => {
    const lost: MediaSession = silentMedia();
    const { home, network, alice, bob } = await ready("udp", { alice: () => lost });
    const { from, to } = await home.talk(alice, bob);
    lost.onlost?.("Their networks do not connect.");
    expect(await network.until(from.ended)).toMatchObject({
      by: "local",
      code: "SIP_MEDIA",
      message: "Their networks do not connect.",
    });
    expect(await network.until(to.ended)).toMatchObject({ by: "remote", code: "SIP_MEDIA" });
  });

  test("is closed once, whichever way the call ends", async () => {
    let open = 0;
    const counted: Media = () => {
      open++;
      return { ...silentMedia(), close: () => void open-- };
    };
    const { home, network, alice, bob } = await ready("udp", { alice: counted, bob: counted });
    const { from, to } = await home.talk(alice, bob);
    expect(open).toBe(2);
    from.hangUp();
    from.hangUp();
    to.decline();
    await network.run(1000);
    expect(open).toBe(0);
  });
});

describe("what a person does at an odd moment", () => {
  test("answering twice, or a call of one's own, is a mistake that is told", async () => {
    const { network, alice, bob } = await ready();
    const { from, to } = await ring(network, alice, bob);
    await expect(from.answer()).rejects.toThrow("only a call that comes in");
    const answered = to.answer();
    await expect(to.answer()).rejects.toThrow("only once");
    await network.until(answered);
    await expect(to.answer()).rejects.toThrow("only once");
  });

  test("declining what goes on hangs it up, and one's own call takes it back", async () => {
    const { home, network, alice, bob } = await ready();
    const { from, to } = await home.talk(alice, bob);
    to.decline();
    expect(await network.until(from.ended)).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    const again = await ring(network, alice, bob);
    again.from.decline();
    expect(await network.until(again.to.ended)).toMatchObject({ code: "SIP_CANCELLED" });
  });

  test("hanging up what has ended does nothing", async () => {
    const { home, network, alice, bob } = await ready();
    const { from, to } = await home.talk(alice, bob);
    from.hangUp();
    await network.until(to.ended);
    await network.run(1000);
    home.ladder();
    from.hangUp();
    to.hangUp();
    to.decline();
    to.leave();
    await network.run(1000);
    expect(home.ladder().split("\n")).toHaveLength(1);
  });

  test("looking at the states late shows how it is, and then ends", async () => {
    const { home, network, alice, bob } = await ready();
    const { from } = await home.talk(alice, bob);
    const seen = statesOf(from);
    await network.run(0);
    expect(seen).toEqual(["Established"]);
    from.hangUp();
    await network.run(0);
    const all: string[] = [];
    for await (const { name } of from.states()) all.push(name);
    expect(all).toEqual(["Ended"]);
  });

  //= RFC 3261 §19.1.5
  //# If the request formed from constructing a message from a given URI is not a valid SIP request,
  //# the URI is invalid. An implementation MUST NOT proceed with transmitting the request.
  //= RFC 3261 §19.1.5
  //# An implementation MUST NOT send a request requiring an extension that it does not support.
  test("RFC 3261 §19.1.5: calling what is no address of a call throws at once", async () => {
    const { alice } = await ready();
    for (const target of [
      "",
      "bob",
      "mailto:bob@x",
      "sip:bob@",
      "sip:a b@x",
      "sip:b@x\r\nEvil: 1",
      "sip:b@x;method=MESSAGE",
      "sip:b@x?Require=100rel",
      "sip:b@x?Replaces=nothing",
      "sips:b@x;transport=udp",
    ]) {
      expect(() => alice.call(target)).toThrow(RangeError);
    }
  });
});

describe("a connection that is lost", () => {
  test("while it rings ends the call in words on both sides", async () => {
    const { home, network, alice, bob } = await ready("ws");
    const { from, to } = await ring(network, alice, bob);
    home.hostOf(bob).close();
    await network.run(1000);
    expect(from.state).toMatchObject({ name: "Ended" });
    expect(to.state.name).toBe("Incoming");
    const second = await ready("ws");
    const ringing = await ring(second.network, second.alice, second.bob);
    const { server } = second.home;
    server.input({ kind: "Call", run: () => server.endpoint.close(2) });
    await second.network.run(1000);
    expect(ringing.to.state).toMatchObject({
      name: "Ended",
      end: { by: "network", code: "SIP_TRANSPORT" },
    });
  });

  test("while one calls ends the call in words", async () => {
    const { home, network, alice, bob } = await ready("ws");
    const { from } = await ring(network, alice, bob);
    const { server } = home;
    server.input({ kind: "Call", run: () => server.endpoint.close(1) });
    expect(await network.until(from.ended)).toMatchObject({
      by: "network",
      code: "SIP_TRANSPORT",
      status: 503,
    });
  });

  test("while they talk does not end it, and it can be hung up after it is back", async () => {
    const { home, network, alice, bob } = await ready("ws");
    const { from, to } = await home.talk(alice, bob);
    const { server } = home;
    server.input({ kind: "Call", run: () => server.endpoint.close(1) });
    await network.run(5000);
    expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
    from.hangUp();
    expect(await network.until(to.ended)).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
  });
});
