import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { type Message, parseMessage, type Response } from "../message/message.ts";
import { recorded } from "../testing/recorded.ts";
import { requestText } from "../testing/request-text.ts";
import { Wire } from "../testing/wire.ts";
import { createEndpoint } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import type { Role } from "./role.ts";
import type { ServerUser } from "./server-transaction.ts";

const STRANGER = { host: "192.0.2.66", port: 5060 };

const read = (text: string | undefined): Message => {
  const message = parseMessage(text ?? "");
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
};
const statusOf = (text: string | undefined) => (read(text) as Response).status;

const invite = (lines: readonly string[] = []) =>
  requestText("INVITE", { lines: ["Contact: <sip:bob@192.0.2.9:5060>", ...lines] });
const ackOf = (toTag: string) =>
  requestText("ACK", { branch: "z9hG4bK-invite-1", to: `<sip:alice@example.com>;tag=${toTag}` });
const cancel = requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines: [] });

describe("requests that come", () => {
  test("RFC 3261 §17.2.1 an INVITE is passed up once, and a 100 goes out if nobody answers", () => {
    const { wire, heard } = recorded();
    //= RFC 3261 §17.2.1
    //# The request MUST be passed to the TU.
    expect(wire.datagram(invite())).toEqual([]);
    expect(heard).toEqual(["INVITE"]);
    expect(wire.wait(199)).toEqual([]);
    expect(wire.wait(11).map(statusOf)).toEqual([100]);
    expect(wire.datagram(invite()).map(statusOf), "the same again").toEqual([100]);
    expect(heard).toEqual(["INVITE"]);
  });

  test("RFC 3261 §8.2.6.1 the 100 carries the Timestamp with how long it took", () => {
    const { wire } = recorded();
    wire.datagram(invite(["Timestamp: 54.5"]));
    //= RFC 3261 §8.2.6.1
    //# When a 100 (Trying) response is generated, any Timestamp header field present in the request
    //# MUST be copied into this 100 (Trying) response.
    //= RFC 3261 §8.2.6.1
    //# This value MUST contain the difference between the time of sending of the response and
    //# receipt of the request, measured in seconds.
    const [trying] = wire.wait(210);
    expect(header(read(trying), "Timestamp")).toBe("54.5 0.200");
  });

  test("an answered request is kept as its text, and says what it said when it is asked", () => {
    const { wire, last } = recorded();
    wire.datagram(invite(["Subject: lunch"]));
    const server = last();
    const before = server.incoming;
    for (const status of [180, 200]) wire.call(() => server.reply({ status }));
    const after = server.incoming;
    expect(after).not.toBe(before);
    expect(after.request.text).toBe(before.request.text);
    expect(header(after.request, "Subject")).toBe("lunch");
    expect(after.essentials).toEqual(before.essentials);
    expect([after.flow, after.viaEdit]).toEqual([before.flow, before.viaEdit]);
  });

  test("RFC 3261 §17.2.1 a refusal is sent again until its ACK, which goes no further", () => {
    const { wire, heard, last } = recorded();
    wire.datagram(invite());
    const [refusal] = wire.call(() => last().reply({ status: 486 }));
    expect(wire.wait(1500).map(statusOf)).toEqual([486, 486]);
    const tag = /tag=(\S+)/.exec(header(read(refusal), "To") ?? "")?.[1] ?? "";
    expect(wire.datagram(ackOf(tag))).toEqual([]);
    expect(wire.wait(40_000)).toEqual([]);
    expect(heard).toEqual(["INVITE", "terminated"]);
    expect(wire.endpoint.census().servers).toBe(0);
  });

  test("RFC 6026 §8.7 the ACK of a 2xx is passed up", () => {
    const { wire, heard, last } = recorded();
    wire.datagram(invite());
    wire.call(() => last().reply({ status: 200 }));
    //= RFC 6026 §7.1
    //# Any ACKs received from the network while in the "Accepted" state MUST be passed directly to
    //# the TU and not absorbed.
    wire.datagram(ackOf("any"));
    wire.datagram(requestText("ACK", { branch: "z9hG4bK-other" }));
    expect(heard).toEqual(["INVITE", "ACK", "ACK"]);
  });

  test("RFC 3261 §17.2.2 a BYE that comes again gets the same answer for 64*T1", () => {
    const { wire, heard, last } = recorded();
    const bye = requestText("BYE");
    wire.datagram(bye);
    const answer = wire.call(() => last().reply({ status: 200 }));
    wire.wait(31_000);
    expect(wire.datagram(bye)).toEqual(answer);
    wire.wait(2000);
    expect(wire.datagram(bye)).toEqual([]);
    expect(heard).toEqual(["BYE", "terminated", "BYE"]);
  });

  test("a request that was taken on is not taken on again by a role that thinks longer", () => {
    const held: Incoming[] = [];
    const { wire, endpoint } = recorded();
    const user: ServerUser = { cancelled() {}, failed() {} };
    const role: Role = { attach() {}, ack() {}, request: (from) => void held.push(from) };
    const slow = new Wire(createEndpoint({ role, crypto: endpoint.crypto }));
    slow.datagram(invite());
    slow.datagram(invite());
    slow.call(() => {
      const taken = held.map((from) => slow.endpoint.accept(from, user));
      expect(taken.map((one) => one !== undefined)).toEqual([true, false]);
    });
    expect(wire.outputs).toEqual([]);
  });

  test("over the cap a request is told when to come again, and what is there goes on", () => {
    const { wire, heard, last } = recorded({ maxTransactions: 1 });
    wire.datagram(invite());
    const [full] = wire.datagram(requestText("BYE"));
    expect(statusOf(full)).toBe(503);
    expect(header(read(full), "Retry-After")).toBe("10");
    expect(wire.call(() => last().reply({ status: 486 })).map(statusOf)).toEqual([486]);
    expect(heard).toEqual(["INVITE", "BYE"]);
  });
});

describe("CANCEL", () => {
  test("RFC 3261 §9.2 before the final response it is answered, and the user hears of it", () => {
    const { wire, heard, last } = recorded();
    wire.datagram(invite());
    const [ringing] = wire.call(() => last().reply({ status: 180 }));
    const [answer] = wire.datagram(cancel);
    expect(statusOf(answer)).toBe(200);
    expect(header(read(answer), "CSeq")).toBe("1 CANCEL");
    expect(header(read(answer), "To")).toBe(header(read(ringing), "To"));
    //= RFC 3261 §8.2.6.2
    //# The same tag MUST be used for all responses to that request, both final and provisional
    //# (again excepting the 100 (Trying)).
    const [refusal] = wire.call(() => last().reply({ status: 487 }));
    expect(header(read(refusal), "To")).toBe(header(read(ringing), "To"));
    expect(heard).toEqual(["INVITE", "cancelled"]);
    expect(wire.datagram(cancel), "the same again").toEqual([answer]);
    expect(heard).toEqual(["INVITE", "cancelled"]);
  });

  test("RFC 3261 §9.2 after the final response it changes nothing", () => {
    const { wire, heard, last } = recorded();
    wire.datagram(invite());
    wire.call(() => last().reply({ status: 486 }));
    expect(wire.datagram(cancel).map(statusOf)).toEqual([200]);
    expect(heard).toEqual(["INVITE"]);
  });

  test("RFC 3261 §9.2 for nothing known it gets 481", () => {
    const { wire, heard } = recorded();
    expect(wire.datagram(cancel).map(statusOf)).toEqual([481]);
    expect(heard).toEqual([]);
  });

  //= RFC 6665 §4.6
  //# If a User Agent Server (UAS) receives a CANCEL request that matches a known SUBSCRIBE or
  //# NOTIFY transaction, it MUST respond to the CANCEL request, but otherwise ignore it. In
  //# particular, the CANCEL request MUST NOT affect processing of the SUBSCRIBE or NOTIFY request
  //# in any way.
  test.each(["SUBSCRIBE", "NOTIFY", "BYE"])(
    "RFC 6665 §4.6 for a %s it is answered, and nothing else happens",
    (method) => {
      const { wire, heard, last } = recorded();
      const branch = "z9hG4bK-one";
      wire.datagram(requestText(method, { branch }));
      const taken = requestText("CANCEL", { branch, lines: [] });
      expect(wire.datagram(taken).map(statusOf)).toEqual([200]);
      expect(heard).toEqual([method]);
      expect(last().state).toBe("Trying");
      expect(wire.call(() => last().reply({ status: 200 })).map(statusOf)).toEqual([200]);
      expect(wire.datagram(taken).map(statusOf)).toEqual([200]);
      expect(wire.datagram(taken, STRANGER).map(statusOf)).toEqual([481]);
      expect(heard).toEqual([method]);
    },
  );

  test("from somewhere else than its INVITE it has no effect", () => {
    const { wire, heard } = recorded();
    wire.datagram(invite());
    expect(wire.datagram(cancel, STRANGER).map(statusOf)).toEqual([481]);
    const ws = wire.connect();
    expect(wire.received(ws, cancel).map(statusOf)).toEqual([481]);
    expect(heard).toEqual(["INVITE", "opened"]);
  });

  test("RFC 3261 §8.2.2.3 a Require in it is not looked at", () => {
    const { wire, heard } = recorded();
    wire.datagram(invite());
    //= RFC 3261 §8.2.2.3
    //# These header fields MUST be ignored if they are present in these requests.
    const lines = ["Require: flying", "Proxy-Require: flying"];
    const odd = requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines });
    expect(wire.datagram(odd).map(statusOf)).toEqual([200]);
    expect(heard).toEqual(["INVITE", "cancelled"]);
  });
});

describe("a role that challenges everything", () => {
  test("RFC 3261 §22.1 never gets to challenge an ACK or a CANCEL", () => {
    const { endpoint } = recorded();
    const role: Role = {
      attach() {},
      ack() {},
      request: (from) => asking.endpoint.reply(from, { status: 407 }),
    };
    const asking = new Wire(createEndpoint({ role, crypto: endpoint.crypto }));
    expect(asking.datagram(invite()).map(statusOf)).toEqual([407]);
    //= RFC 3261 §22.1
    //# Servers MUST NOT attempt to challenge an ACK.
    expect(asking.datagram(ackOf("t"))).toEqual([]);
    //= RFC 3261 §22.1
    //# servers MUST NOT attempt to challenge CANCEL requests since these requests cannot be
    //# resubmitted.
    expect(asking.datagram(cancel).map(statusOf)).toEqual([481]);
  });
});
