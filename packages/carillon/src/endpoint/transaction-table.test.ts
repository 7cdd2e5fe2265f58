import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { type RequestParts, requestText } from "../testing/request-text.ts";
import { Wire } from "../testing/wire.ts";
import { createEndpoint } from "./endpoint.ts";
import type { Role } from "./role.ts";
import type { ServerTransaction } from "./server-transaction.ts";

const PEER = { host: "192.0.2.9", port: 5060 };

/** What the role hears: a request that matches a transaction never gets there. */
function stage() {
  const heard: string[] = [];
  const servers: ServerTransaction[] = [];
  const role: Role = {
    attach() {},
    request(from) {
      heard.push(from.request.method);
      const server = endpoint.accept(from, {
        cancelled: () => heard.push("cancelled"),
        failed() {},
      });
      if (server) servers.push(server);
    },
    ack: () => heard.push("ACK"),
  };
  const endpoint = createEndpoint({ role, crypto: portableCrypto(seededBytes(seeded(1))) });
  return { wire: new Wire(endpoint), heard, servers };
}

describe("RFC 3261 §17.2.3 a request with a branch of RFC 3261", () => {
  const first: RequestParts = { branch: "z9hG4bKsame" };

  test("is a retransmission whatever else is different in it", () => {
    const { wire, heard } = stage();
    wire.datagram(requestText("OPTIONS", first));
    wire.datagram(requestText("OPTIONS", { ...first, callId: "other", seq: 9, uri: "sip:x@y" }));
    expect(heard).toEqual(["OPTIONS"]);
  });

  test("is another one if its sent-by is another, its method, or where it comes from", () => {
    const { wire, heard } = stage();
    wire.datagram(requestText("OPTIONS", first));
    //= RFC 3261 §17.2.3
    //# the sent-by value in the top Via of the request is equal to the one in the request that
    //# created the transaction, and
    const via = "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKsame";
    wire.datagram(requestText("OPTIONS", { via }));
    wire.datagram(requestText("MESSAGE", first));
    wire.datagram(requestText("OPTIONS", first), { host: "192.0.2.66", port: 5060 });
    expect(heard).toEqual(["OPTIONS", "OPTIONS", "MESSAGE", "OPTIONS"]);
    //= RFC 3261 §17.2.3
    //# the branch parameter in the request is equal to the one in the top Via header field of the
    //# request that created the transaction, and
    wire.datagram(requestText("OPTIONS", { branch: "z9hG4bKother" }));
    expect(heard).toHaveLength(5);
  });

  test("RFC 4475 §3.2.1 is told apart as one of RFC 2543 if nothing follows the cookie", () => {
    const { wire, heard } = stage();
    wire.datagram(requestText("OPTIONS", { branch: "z9hG4bK" }));
    wire.datagram(requestText("OPTIONS", { branch: "z9hG4bK" }));
    expect(heard, "a retransmission").toEqual(["OPTIONS"]);
    wire.datagram(requestText("OPTIONS", { branch: "z9hG4bK", callId: "other" }));
    expect(heard).toEqual(["OPTIONS", "OPTIONS"]);
  });

  test("may come from another port: a NAT gives them out anew", () => {
    const { wire, heard } = stage();
    wire.datagram(requestText("OPTIONS", first));
    wire.datagram(requestText("OPTIONS", first), { ...PEER, port: 40_000 });
    expect(heard).toEqual(["OPTIONS"]);
  });
});

describe("RFC 3261 §17.2.3 a request without one", () => {
  const via = "SIP/2.0/UDP 192.0.2.9:5060";
  const old: RequestParts = { via };

  test("matches if Request-URI, tags, Call-ID, CSeq and topmost Via do", () => {
    const { wire, heard } = stage();
    //= RFC 3261 §17.2.3
    //# The INVITE request matches a transaction if the Request-URI, To tag, From tag, Call-ID,
    //# CSeq, and top Via header field match those of the INVITE request which created the
    //# transaction.
    wire.datagram(requestText("INVITE", old));
    wire.datagram(requestText("INVITE", old));
    expect(heard).toEqual(["INVITE"]);
    const others: RequestParts[] = [
      { uri: "sip:other@192.0.2.1" },
      { to: "<sip:alice@example.com>;tag=a1" },
      { from: "<sip:bob@example.com>;tag=b2" },
      { callId: "call-2" },
      { seq: 2 },
      { via: "SIP/2.0/UDP 192.0.2.9:5060;branch=1" },
    ];
    for (const other of others) wire.datagram(requestText("INVITE", { ...old, ...other }));
    expect(heard).toHaveLength(1 + others.length);
    wire.datagram(requestText("BYE", old));
    wire.datagram(requestText("BYE", old));
    expect(heard.filter((method) => method === "BYE")).toHaveLength(1);
  });

  test("an ACK belongs to the refusal whose To tag it has", () => {
    const { wire, heard, servers } = stage();
    wire.datagram(requestText("INVITE", old));
    const [refusal = ""] = wire.call(() => servers[0]?.reply({ status: 486 }));
    const tag = /^To: .*;tag=(\S+)/m.exec(refusal)?.[1];
    const ack = (toTag?: string) =>
      requestText("ACK", { ...old, to: `<sip:alice@example.com>;tag=${toTag}` });
    wire.datagram(ack("of-another-fork"));
    expect(heard).toEqual(["INVITE", "ACK"]);
    expect(servers[0]?.state).toBe("Completed");
    //= RFC 3261 §17.2.3
    //# The ACK request matches a transaction if the Request- URI, From tag, Call-ID, CSeq number
    //# (not the method), and top Via header field match those of the INVITE request which created
    //# the transaction, and the To tag of the ACK matches the To tag of the response sent by the
    //# server transaction.
    wire.datagram(ack(tag));
    expect(heard).toEqual(["INVITE", "ACK"]);
    expect(servers[0]?.state).toBe("Confirmed");
  });

  test("an ACK belongs to the refusal of a re-INVITE too", () => {
    const { wire, heard, servers } = stage();
    const inDialog = { ...old, to: "<sip:alice@example.com>;tag=a1" };
    wire.datagram(requestText("INVITE", inDialog));
    wire.call(() => servers[0]?.reply({ status: 488 }));
    wire.datagram(requestText("ACK", inDialog));
    expect(heard).toEqual(["INVITE"]);
    expect(servers[0]?.state).toBe("Confirmed");
  });

  test("RFC 3261 §9.2 a CANCEL finds its INVITE", () => {
    const { wire, heard } = stage();
    wire.datagram(requestText("INVITE", old));
    wire.datagram(requestText("CANCEL", old));
    expect(heard).toEqual(["INVITE", "cancelled"]);
  });
});
