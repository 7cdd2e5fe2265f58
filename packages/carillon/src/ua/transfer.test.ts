/** Transfers on the simulated network, through a domain's server, and message by message. */

import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { type House, house, type PhoneChanges } from "../testing/house.ts";
import { answerTo } from "../testing/lone-phone.ts";
import { ANSWER, type OutgoingScript, talking } from "../testing/scripted-call.ts";
import type { Call } from "./call.ts";
import type { IncomingTransfer } from "./incoming-transfer.ts";
import type { Phone } from "./phone.ts";
import { SipError } from "./sip-error.ts";
import type { Transfer, TransferState } from "./transfer.ts";
import * as transferring from "./transferring.ts";

/** Alice and Bob talk; Carol is at home. */
async function three(bobs: PhoneChanges = { transfers: "follow" }, home = house()) {
  const alice = await home.signedIn("alice");
  const bob = await home.signedIn("bob", "udp", bobs);
  const carol = await home.signedIn("carol");
  const { from, to } = await home.talk(alice, bob);
  home.ladder();
  return { home, network: home.network, alice, bob, carol, from, to };
}

function statesOf(transfer: Transfer): string[] {
  const names: string[] = [];
  const named = (state: TransferState) => ("status" in state ? `${state.status} ` : "");
  void (async () => {
    for await (const state of transfer.states()) names.push(`${named(state)}${state.name}`);
  })();
  return names;
}

const nextOf = async (network: House["network"], phone: Phone): Promise<Call> =>
  (await network.until(phone.calls().next())).value;

/** Whether anything is left at a phone that has come to rest. */
async function isQuiet({ network, hostOf }: House, ...phones: readonly Phone[]): Promise<boolean> {
  await network.run(50_000);
  const left = phones.map((phone) => hostOf(phone).endpoint.census());
  return left.every(({ servers, clients, timers }) => servers + clients === 0 && timers <= 1);
}

describe("RFC 5589 §6: a blind transfer through a domain's server", () => {
  test("puts the other side through, tells how far it is, and leaves nothing behind", async () => {
    const { home, network, alice, bob, carol, from, to } = await three();
    const calls = nextOf(network, carol);
    await network.until(from.hold());
    const transfer = transferring.transfer(from, carol.aor);
    const told = statesOf(transfer);
    const incoming = await calls;
    expect(incoming.peer.uri).toBe(bob.aor);
    await network.run(2000);
    expect(transfer.state).toEqual({ name: "Trying", status: 180 });
    await network.until(Promise.all([incoming.answer(), transfer.done]));
    expect(told.slice(1)).toEqual(["100 Trying", "180 Trying", "200 Transferred"]);
    const ends = await network.until(Promise.all([from.ended, to.ended]));
    expect(ends.map(({ by, code }) => `${by} ${code}`)).toEqual([
      ...["local SIP_TRANSFERRED", "remote SIP_TRANSFERRED"],
    ]);
    expect(transferring.successorOf(to)?.state.name).toBe("Established");
    expect(incoming.state.name).toBe("Established");
    incoming.hangUp();
    expect(await isQuiet(home, alice, bob, carol)).toBe(true);
  });

  test("that comes to nothing leaves the call as it was, with the reason", async () => {
    const { home, network, alice, bob, carol, from, to } = await three();
    const calls = nextOf(network, carol);
    const transfer = transferring.transfer(from, carol.aor);
    const told = statesOf(transfer);
    const incoming = await calls;
    incoming.decline();
    await expect(network.until(transfer.done)).rejects.toMatchObject({
      ...{ code: "SIP_DECLINED", status: 603 },
    });
    expect(transfer.state).toMatchObject({ name: "Failed", error: { status: 603 } });
    expect(told.at(-1)).toBe("Failed");
    expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
    const nobody = transferring.transfer(from, "sip:nobody@house.example");
    await expect(network.until(nobody.done)).rejects.toMatchObject({ status: 404 });
    from.hangUp();
    await network.until(to.ended);
    expect(await isQuiet(home, alice, bob, carol)).toBe(true);
  });

  test("is for the person to decide, who has a minute", async () => {
    const { network, carol, from, to } = await three({});
    const wishes = transferring.transfers(to);
    const calls = carol.calls();
    const one = transferring.transfer(from, carol.aor);
    const told = statesOf(one);
    const { value: wish } = (await network.until(wishes.next())) as { value: IncomingTransfer };
    expect([wish.target, wish.isAttended, wish.by]).toEqual([
      ...["sip:carol@house.example", false],
      { uri: "sip:alice@house.example", displayName: "" },
    ]);
    await network.run(5000);
    expect(one.state).toEqual({ name: "Trying", status: 100 });
    wish.refuse();
    await expect(network.until(one.done)).rejects.toThrow(SipError);
    expect(() => wish.accept()).toThrow("Refused already");
    const two = transferring.transfer(from, carol.aor);
    const { value: again } = (await network.until(wishes.next())) as { value: IncomingTransfer };
    await network.run(5000);
    const call = again.accept();
    const { value: incoming } = await network.until(calls.next());
    await network.until(Promise.all([incoming.answer(), call.answered, two.done]));
    expect(transferring.successorOf(to)).toBe(call);
    expect(told.slice(1)).toEqual(["100 Trying", "Failed"]);
  });

  test("lapses when nobody decides", async () => {
    const { network, carol, from, to } = await three({});
    const wishes = transferring.transfers(to);
    const transfer = transferring.transfer(from, carol.aor);
    const { value: wish } = (await network.until(wishes.next())) as { value: IncomingTransfer };
    await expect(network.until(transfer.done, 100_000)).rejects.toMatchObject({ status: 603 });
    expect(wish.state).toBe("Lapsed");
    expect(() => wish.accept()).toThrow("Lapsed already");
  });

  test("is refused where nobody listens, unless the phone is told to follow", async () => {
    const { network, carol, from, to } = await three({});
    const transfer = transferring.transfer(from, carol.aor);
    await expect(network.until(transfer.done)).rejects.toMatchObject({ code: "SIP_DECLINED" });
    expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  });

  test("goes on with the call where that is wanted", async () => {
    const { network, carol, from, to } = await three();
    const calls = nextOf(network, carol);
    const transfer = transferring.transfer(from, carol.aor, { keep: true });
    const incoming = await calls;
    await network.until(Promise.all([incoming.answer(), transfer.done]));
    await network.run(1000);
    expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  });

  test("is no matter of an address that is none, or of a call that does not go on", async () => {
    const { from, to, network } = await three();
    expect(() => transferring.transfer(from, "carol")).toThrow(RangeError);
    expect(() => transferring.transfer(from, "sip:carol@house.example;method=BYE")).toThrow(
      RangeError,
    );
    expect(() => transferring.transfer(from, from)).toThrow("itself");
    from.hangUp();
    await network.until(to.ended);
    expect(() => transferring.transfer(from, "sip:carol@house.example")).toThrow("goes on");
  });
});

describe("RFC 4488: a transfer without reports", () => {
  test("is over when they agree to it, and no NOTIFY is sent", async () => {
    const { home, network, carol, from, to } = await three();
    const calls = nextOf(network, carol);
    const transfer = transferring.transfer(from, carol.aor, { reports: false });
    await network.until(transfer.done);
    expect(transfer.state).toEqual({ name: "Accepted" });
    const incoming = await calls;
    await network.until(Promise.all([incoming.answer(), to.ended]));
    await network.run(2000);
    expect(home.ladder()).not.toContain("NOTIFY");
    expect(transferring.successorOf(to)?.state.name).toBe("Established");
  });
});

const NOTIFY = (state: string, id = "") => [
  `Event: refer${id}`,
  `Subscription-State: ${state}`,
  "Content-Type: message/sipfrag",
  "Contact: <sip:bob@192.0.2.77:5060>",
];

/** Alice talks to bob, and has asked him to call carol: her REFER is out. */
async function referring(options = {}): Promise<{
  readonly it: OutgoingScript;
  readonly transfer: Transfer;
  readonly refer: Request;
}> {
  const it = await talking();
  const transfer = transferring.transfer(it.call, "sip:carol@example.com", options);
  await it.wait(0);
  const [refer] = it.requests("REFER") as [Request];
  return { it, transfer, refer };
}

describe("RFC 3515: the REFER that a phone sends", () => {
  test("§2.4.1 says whom to call, and who wants it", async () => {
    const { refer } = await referring();
    //= RFC 3515 §2.4.1
    //# A REFER request MUST contain exactly one Refer-To header field value.
    expect(header(refer, "Refer-To")).toBe("<sip:carol@example.com>");
    //= RFC 3892 §2.1
    //# A REFER request MUST NOT contain more than one Referred-By header field value.
    expect(header(refer, "Referred-By")).toBe("<sip:alice@example.com>");
    //= RFC 3515 §2
    //# REFER creates a dialog, and MAY be Record-Routed, hence MUST contain a single Contact header
    //# field value.
    expect(header(refer, "Contact")).toBe("<sip:alice@192.0.2.1:5060>");
    expect(header(refer, "To")).toContain(";tag=b1");
    expect(header(refer, "Refer-Sub")).toBeUndefined();
  });

  test("RFC 4488 §4 says if nobody wants to hear of it, and hears of it all the same", async () => {
    const { it, refer, transfer } = await referring({ reports: false });
    //= RFC 4488 §4
    //# This header field set to "false" specifies that a REFER-Issuer requests that the
    //# REFER-Recipient doesn't establish an implicit subscription and the resultant dialog.
    expect(header(refer, "Refer-Sub")).toBe("false");
    expect(header(refer, "Supported")).toContain("norefersub");
    //= RFC 4488 §4
    //# If the REFER-Issuer inserts the "Refer-Sub" header field set to "false", but the
    //# REFER-Recipient doesn't grant the suggestion (i.e., either does not include the "Refer-Sub"
    //# header field or includes the "Refer-Sub" header field set to "true" in the 2xx response), an
    //# implicit subscription is created as in the default case.
    await it.say(answerTo(refer, 202));
    expect(transfer.state.name).toBe("Trying");
    const body = "SIP/2.0 200 OK\r\n";
    await it.theirs("NOTIFY", { seq: 2, lines: NOTIFY("terminated;reason=noresource"), body });
    expect(it.responses().map(({ status }) => status)).toEqual([200]);
    expect(transfer.state.name).toBe("Transferred");
  });

  test("§2.4.4 may be answered after its first NOTIFY", async () => {
    const { it, refer, transfer } = await referring();
    const body = "SIP/2.0 100 Trying\r\n";
    //= RFC 3515 §2.4.4
    //# Analogous to the case for SUBSCRIBE described in that document, the agent that issued the
    //# REFER MUST be prepared to receive a NOTIFY before the REFER transaction completes.
    await it.theirs("NOTIFY", { seq: 2, lines: NOTIFY("active;expires=60"), body });
    expect(it.responses().map(({ status }) => status)).toEqual([200]);
    expect(transfer.state).toEqual({ name: "Trying", status: 100 });
    await it.say(answerTo(refer, 202));
    await it.theirs("NOTIFY", {
      ...{ seq: 3, branch: "z9hG4bK-n3", lines: NOTIFY("terminated;reason=noresource") },
      body: "SIP/2.0 486 Busy Here\r\n",
    });
    await expect(transfer.done).rejects.toMatchObject({ code: "SIP_BUSY", status: 486 });
    expect(it.call.state.name).toBe("Established");
  });

  test("RFC 5057 §5.5 outlives the call: NOTIFYs come after the BYE", async () => {
    const { it, refer, transfer } = await referring({ keep: true });
    await it.say(answerTo(refer, 202));
    it.call.hangUp();
    await it.wait(0);
    const [bye] = it.requests("BYE") as [Request];
    await it.say(answerTo(bye, 200));
    it.sent();
    //= RFC 5057 §5.5
    //# Likewise, ending an invite usage with a BYE does not terminate any active Event: refer
    //# subscriptions established on that dialog.
    const body = "SIP/2.0 200 OK\r\n";
    await it.theirs("NOTIFY", { seq: 2, lines: NOTIFY("terminated;reason=noresource"), body });
    expect(it.responses().map(({ status }) => status)).toEqual([200]);
    expect(transfer.state).toEqual({ name: "Transferred", status: 200 });
    await it.theirs("NOTIFY", { seq: 3, branch: "z9hG4bK-n3", lines: NOTIFY("active"), body });
    expect(it.responses().map(({ status }) => status)).toEqual([481]);
  });

  test("§2.4.4 that nobody reports on has failed after half a minute", async () => {
    const { it, refer, transfer } = await referring();
    await it.say(answerTo(refer, 200));
    await it.wait(40_000);
    expect(transfer.state).toMatchObject({ name: "Failed", error: { code: "SIP_TIMEOUT" } });
    expect(it.call.state.name).toBe("Established");
  });

  test("§2.4.4 answers NOTIFYs that say nothing it knows, and goes on", async () => {
    const { it, refer, transfer } = await referring();
    await it.say(answerTo(refer, 200));
    const lines = NOTIFY("active;expires=60");
    const others = lines.map((line) => line.replace("message/sipfrag", "text/plain"));
    const wrong: readonly (readonly [lines: readonly string[], body: string, status: number])[] = [
      [others, "hello", 415],
      [lines, "hello", 400],
      [lines.filter((line) => !line.startsWith("Subscription")), "SIP/2.0 200 OK", 400],
      [lines.map((line) => line.replace("refer", "refer;id=77")), "SIP/2.0 200 OK", 481],
      [lines.map((line) => line.replace("refer", "presence")), "SIP/2.0 200 OK", 489],
    ];
    for (const [n, [said, body, status]] of wrong.entries()) {
      await it.theirs("NOTIFY", { seq: 2 + n, branch: `z9hG4bK-w${n}`, lines: said, body });
      expect(it.responses().map((one) => one.status)).toEqual([status]);
    }
    expect(transfer.state).toEqual({ name: "Trying", status: 100 });
  });

  test("§2 goes by the proxies of the call, in their order", async () => {
    const routes = ["Record-Route: <sip:p2.example;lr>", "Record-Route: <sip:p1.example;lr>"];
    const it = await talking({ ...ANSWER, lines: [...(ANSWER.lines ?? []), ...routes] });
    transferring.transfer(it.call, "sip:carol@example.com");
    await it.wait(0);
    const [refer] = it.requests("REFER") as [Request];
    //= RFC 3515 §2
    //# REFERs occurring inside an existing dialog MUST follow the Route/Record-Route logic of that
    //# dialog.
    expect(headerLines(refer, "Route")).toEqual(["<sip:p1.example;lr>", "<sip:p2.example;lr>"]);
  });

  test("§2.4.6 is prolonged by its number", async () => {
    const { it, refer } = await referring();
    await it.say(answerTo(refer, 200));
    const lines = NOTIFY("active;expires=60", `;id=${(header(refer, "CSeq") ?? "").split(" ")[0]}`);
    await it.theirs("NOTIFY", { seq: 2, lines, body: "SIP/2.0 180 Ringing\r\n" });
    await it.wait(59_000);
    const [subscribe] = it.requests("SUBSCRIBE") as [Request];
    //= RFC 3515 §2.4.6
    //# A SUBSCRIBE sent to refresh or terminate this subscription MUST contain this id parameter.
    expect(header(subscribe, "Event")).toBe(lines[0]?.slice("Event: ".length));
    expect(header(subscribe, "To")).toContain(";tag=b1");
  });

  test("§2.4.6 that is the second of a dialog is told from the first by its number", async () => {
    const { it, refer, transfer } = await referring();
    await it.say(answerTo(refer, 200));
    const second = transferring.transfer(it.call, "sip:dave@example.com", { keep: true });
    await it.wait(0);
    const [other] = it.requests("REFER") as [Request];
    await it.say(answerTo(other, 200));
    const number = (header(other, "CSeq") ?? "").split(" ")[0];
    //= RFC 3515 §2.4.6
    //# Thus, for the second and subsequent REFER requests a UA receives in a given dialog, it MUST
    //# include an id parameter[2] in the Event header field of each NOTIFY containing the sequence
    //# number (the number from the CSeq header field value) of the REFER this NOTIFY is associated
    //# with.
    const lines = NOTIFY("terminated;reason=noresource", `;id=${number}`);
    await it.theirs("NOTIFY", { seq: 2, lines, body: "SIP/2.0 200 OK\r\n" });
    expect([transfer.state.name, second.state.name]).toEqual(["Trying", "Transferred"]);
  });
});
