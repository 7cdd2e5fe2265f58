import { describe, expect, it } from "vitest";
import { house } from "../testing/house.ts";
import { MsrpWires } from "../testing/msrp-wires.ts";
import { messageSessions } from "./message-sessions.ts";
import {
  incomingMessages,
  type MessageSessionOptions,
  type OfferedMessages,
  openMessages,
} from "./talk-session.ts";

async function talking(options: MessageSessionOptions = {}) {
  const { network, signedIn } = house({ seed: 9 });
  const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
  const wires = new MsrpWires();
  messageSessions(alice, wires.world({ host: "192.0.2.1" }));
  messageSessions(bob, wires.world({ host: "192.0.2.2" }));
  const offers = incomingMessages(bob, options);
  const from = openMessages(alice, "sip:bob@house.example");
  const offered = (await network.until(offers.next())).value as OfferedMessages;
  const to = offered.session;
  const heard = to.messages();
  await network.until(to.accept());
  return { network, from, to, heard, offered, wires };
}

describe("sessions of messages", () => {
  it("RFC 4975 §4 both write, and each hears that it has arrived", async () => {
    const { network, from, to, heard, offered } = await talking();
    expect(offered.from.uri).toBe("sip:alice@house.example");
    const answers = from.messages();
    await network.until(from.send("Hi, I'm Alice! ♥"));
    const { value: first } = await network.until(heard.next());
    expect([first?.text, first?.contentType]).toEqual([
      "Hi, I'm Alice! ♥",
      "text/plain;charset=utf-8",
    ]);
    await network.until(to.send("Hi, Alice!  I'm Bob!"));
    expect((await network.until(answers.next())).value?.text).toBe("Hi, Alice!  I'm Bob!");
    await network.until(from.close());
    expect((await network.until(heard.next())).done).toBe(true);
  });

  it("§5.1 a long message and short ones share the connection", async () => {
    const { network, from, to, heard } = await talking();
    const long = "abcdefghij".repeat(20_000);
    const answers = from.messages();
    const sent = [from.send(long), from.send("short"), to.send("meanwhile")];
    await network.until(Promise.all(sent));
    const texts = [
      (await network.until(heard.next())).value?.text,
      (await network.until(heard.next())).value?.text,
    ];
    expect(texts.toSorted()).toEqual([long, "short"].toSorted());
    expect((await network.until(answers.next())).value?.text).toBe("meanwhile");
  });

  it("§8.6 wraps what the other side takes wrapped alone, and says whom it is from", async () => {
    const { network, from, heard } = await talking({ accept: ["message/cpim"] });
    await network.until(from.send("wrapped"));
    const { value } = await network.until(heard.next());
    expect(value).toMatchObject({ text: "wrapped", from: "sip:alice@house.example" });
  });

  it("§8.6 sends nothing of a type that nobody takes", async () => {
    //= RFC 4975 §8.6
    //# An MSRP endpoint MUST NOT send content of a type not signaled by the peer in either an
    //# accept-types or an accept-wrapped-types attribute.
    const { network, from, wires } = await talking({ accept: ["text/plain"] });
    const before = wires.octets;
    await expect(network.until(from.send("<b>x</b>", "text/html"))).rejects.toMatchObject({
      status: 415,
    });
    expect(wires.octets).toBe(before);
  });

  it("RFC 3994 tells who is writing", async () => {
    const { network, from, to } = await talking();
    const writing = to.theyWrite();
    await network.until(from.writing(true));
    expect((await network.until(writing.next())).value).toBe(true);
    await network.until(from.writing(false));
    expect((await network.until(writing.next())).value).toBe(false);
  });

  it("§8.6 refuses what is larger than it said", async () => {
    const { network, from } = await talking({ maxOctets: 1000 });
    await expect(network.until(from.send("x".repeat(1001)))).rejects.toMatchObject({ status: 413 });
    await network.until(from.send("x".repeat(1000)));
  });

  it("is refused where nobody takes sessions", async () => {
    const { network, signedIn } = house({ seed: 2 });
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const wires = new MsrpWires();
    for (const phone of [alice, bob]) messageSessions(phone, wires.world({ host: "192.0.2.3" }));
    const session = openMessages(alice, "sip:bob@house.example");
    await expect(network.until(session.send("x"))).rejects.toThrow();
    expect((await network.until(session.call.ended)).by).toBe("remote");
  });
});
