import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { composeRequest } from "../message/compose.ts";
import { header } from "../message/headers.ts";
import { type Message, parseMessage, type Request, type Response } from "../message/message.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { requestText } from "../testing/request-text.ts";
import { Wire } from "../testing/wire.ts";
import type { Flow } from "../transport/flow.ts";
import type { ClientTransaction, ClientUser } from "./client-transaction.ts";
import { createEndpoint } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import type { EndpointOptions, Role } from "./role.ts";
import type { ServerTransaction, ServerUser } from "./server-transaction.ts";

const PEER = { host: "192.0.2.9", port: 5060 };
const STRANGER = { host: "192.0.2.66", port: 5060 };
const TO_PEER: Flow = {
  transport: "UDP",
  local: { host: "192.0.2.1", port: 5060 },
  remote: PEER,
  connection: 0,
};

/** An endpoint whose role takes everything on and writes down what it hears. */
function stage(options: Partial<EndpointOptions> = {}) {
  const heard: string[] = [];
  const servers: ServerTransaction[] = [];
  const user: ServerUser = {
    cancelled: () => heard.push("cancelled"),
    failed: (_, reason) => heard.push(`server failed: ${reason}`),
    terminated: () => heard.push("terminated"),
  };
  const role: Role = {
    attach() {},
    request(from: Incoming) {
      heard.push(from.request.method);
      const server = endpoint.accept(from, user);
      if (server) servers.push(server);
    },
    ack: () => heard.push("ACK"),
    opened: () => heard.push("opened"),
    closed: () => heard.push("closed"),
  };
  const crypto = portableCrypto(seededBytes(seeded(1)));
  const endpoint = createEndpoint({ role, crypto, product: "Carillon/test", ...options });
  const wire = new Wire(endpoint);
  const last = () => servers.at(-1) as ServerTransaction;
  return { wire, endpoint, heard, servers, last };
}

const read = (text: string | undefined): Message => {
  const message = parseMessage(text ?? "");
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
};
const statusOf = (text: string | undefined) => (read(text) as Response).status;
const methodOf = (text: string | undefined) => (read(text) as Request).method;

const invite = (lines: readonly string[] = []) =>
  requestText("INVITE", { lines: ["Contact: <sip:bob@192.0.2.9:5060>", ...lines] });
const ackOf = (toTag: string) =>
  requestText("ACK", { branch: "z9hG4bK-invite-1", to: `<sip:alice@example.com>;tag=${toTag}` });
const cancel = requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines: [] });

/** A request of our own, ready to go. */
function ownRequest(endpoint: { readonly ids: { branch(about: string): string } }, method: string) {
  const branch = endpoint.ids.branch(method);
  return composeRequest(method, "sip:bob@192.0.2.9", [
    ["Via", `SIP/2.0/UDP 192.0.2.1:5060;branch=${branch}`],
    ["Max-Forwards", "70"],
    ["From", "<sip:alice@example.com>;tag=a1"],
    ["To", "<sip:bob@example.com>"],
    ["Call-ID", "own-1"],
    ["CSeq", `1 ${method}`],
  ]);
}

/** A response to a request that was sent, as its receiver would write it. */
function answerTo(request: string, status: number, change = (text: string) => text): string {
  const { headers } = read(request);
  const lines = request.slice(0, headers.end).split("\r\n").slice(1, -1);
  const kept = lines.filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
  const text = `SIP/2.0 ${status} Something\r\n${kept.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`;
  return change(text.replace(/^(To: .*)$/m, "$1;tag=b2"));
}

/** Hears what becomes of a request. */
function listener() {
  const heard: string[] = [];
  const user: ClientUser = {
    response: (_, response) => heard.push(String(response.status)),
    failed: (_, reason) => heard.push(reason),
  };
  return { heard, user };
}

describe("requests that come", () => {
  test("RFC 3261 §17.2.1 an INVITE is passed up once, and a 100 goes out if nobody answers", () => {
    const { wire, heard } = stage();
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
    const { wire } = stage();
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

  test("RFC 3261 §17.2.1 a refusal is sent again until its ACK comes, which goes no further", () => {
    const { wire, heard, last } = stage();
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
    const { wire, heard, last } = stage();
    wire.datagram(invite());
    wire.call(() => last().reply({ status: 200 }));
    wire.datagram(ackOf("any"));
    wire.datagram(requestText("ACK", { branch: "z9hG4bK-other" }));
    expect(heard).toEqual(["INVITE", "ACK", "ACK"]);
  });

  test("RFC 3261 §17.2.2 a retransmitted BYE gets the same answer for 64*T1, then it is new", () => {
    const { wire, heard, last } = stage();
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
    const { wire, endpoint } = stage();
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
    const { wire, heard, last } = stage({ maxTransactions: 1 });
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
    const { wire, heard, last } = stage();
    wire.datagram(invite());
    const [ringing] = wire.call(() => last().reply({ status: 180 }));
    const [answer] = wire.datagram(cancel);
    expect(statusOf(answer)).toBe(200);
    expect(header(read(answer), "CSeq")).toBe("1 CANCEL");
    expect(header(read(answer), "To")).toBe(header(read(ringing), "To"));
    expect(heard).toEqual(["INVITE", "cancelled"]);
    expect(wire.datagram(cancel), "the same again").toEqual([answer]);
    expect(heard).toEqual(["INVITE", "cancelled"]);
  });

  test("RFC 3261 §9.2 after the final response it changes nothing", () => {
    const { wire, heard, last } = stage();
    wire.datagram(invite());
    wire.call(() => last().reply({ status: 486 }));
    expect(wire.datagram(cancel).map(statusOf)).toEqual([200]);
    expect(heard).toEqual(["INVITE"]);
  });

  test("RFC 3261 §9.2 for nothing known it gets 481", () => {
    const { wire, heard } = stage();
    expect(wire.datagram(cancel).map(statusOf)).toEqual([481]);
    expect(heard).toEqual([]);
  });

  test("from somewhere else than its INVITE it has no effect", () => {
    const { wire, heard } = stage();
    wire.datagram(invite());
    expect(wire.datagram(cancel, STRANGER).map(statusOf)).toEqual([481]);
    const ws = wire.connect();
    expect(wire.received(ws, cancel).map(statusOf)).toEqual([481]);
    expect(heard).toEqual(["INVITE", "opened"]);
  });

  test("RFC 3261 §8.2.2.3 a Require in it is not looked at", () => {
    const { wire, heard } = stage();
    wire.datagram(invite());
    //= RFC 3261 §8.2.2.3
    //# These header fields MUST be ignored if they are present in these requests.
    const lines = ["Require: flying", "Proxy-Require: flying"];
    const odd = requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines });
    expect(wire.datagram(odd).map(statusOf)).toEqual([200]);
    expect(heard).toEqual(["INVITE", "cancelled"]);
  });
});

describe("requests that go", () => {
  test("RFC 3261 §17.1.1.2 an INVITE is sent again, doubling, until 64*T1", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    wire.call(() => endpoint.send(ownRequest(endpoint, "INVITE"), TO_PEER, user));
    expect(wire.wait(33_000).map(methodOf)).toEqual(new Array(6).fill("INVITE"));
    expect(heard).toEqual(["timeout"]);
    expect(endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });

  test("RFC 3261 §17.1.3 a response belongs to a request by branch and method", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    const [sent = ""] = wire.call(() => endpoint.send(ownRequest(endpoint, "BYE"), TO_PEER, user));
    //= RFC 3261 §17.1.3
    //# If the response has the same value of the branch parameter in the top Via header field as
    //# the branch parameter in the top Via header field of the request that created the
    //# transaction.
    wire.datagram(answerTo(sent, 200, (text) => text.replace(/branch=\S+/, "branch=z9hG4bKother")));
    //= RFC 3261 §17.1.3
    //# If the method parameter in the CSeq header field matches the method of the request that
    //# created the transaction.
    wire.datagram(answerTo(sent, 200, (text) => text.replace("1 BYE", "1 CANCEL")));
    expect(heard).toEqual([]);
    //= RFC 3261 §18.1.2
    //# If there is a match, the response MUST be passed to that transaction.
    wire.datagram(answerTo(sent, 200));
    expect(heard).toEqual(["200"]);
  });

  test("RFC 3261 §18.1.2 a response whose topmost Via is not ours is dropped", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    const [sent = ""] = wire.call(() => endpoint.send(ownRequest(endpoint, "BYE"), TO_PEER, user));
    //= RFC 3261 §18.1.2
    //# If the value of the "sent-by" parameter in that header field value does not correspond to a
    //# value that the client transport is configured to insert into requests, the response MUST be
    //# silently discarded.
    wire.datagram(answerTo(sent, 200, (text) => text.replace("192.0.2.1:5060", "192.0.2.2:5060")));
    wire.datagram(answerTo(sent, 200, (text) => text.replace("192.0.2.1:5060", "192.0.2.1:5070")));
    expect(heard).toEqual([]);
  });

  test("RFC 3261 §18.3 a response that ends early is dropped without a word", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    const [sent = ""] = wire.call(() => endpoint.send(ownRequest(endpoint, "BYE"), TO_PEER, user));
    const short = answerTo(sent, 200, (text) => text.replace("Content-Length: 0", "l: 5"));
    //= RFC 3261 §18.3
    //# If the message is a response, it MUST be discarded.
    expect(wire.datagram(short)).toEqual([]);
    expect(heard).toEqual([]);
  });

  test("RFC 3261 §17.1.1.2 a refusal is ACKed to where the INVITE went, each time it comes", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    const request = ownRequest(endpoint, "INVITE");
    const [sent = ""] = wire.call(() => endpoint.send(request, TO_PEER, user));
    const refusal = answerTo(sent, 486);
    for (const from of [PEER, STRANGER]) {
      wire.outputs.length = 0;
      wire.datagram(refusal, from);
      //= RFC 3261 §17.1.1.2
      //# The ACK MUST be sent to the same address, port, and transport to which the original
      //# request was sent.
      expect(wire.outputs).toMatchObject([{ kind: "Datagram", remote: PEER }]);
      expect(wire.outputs.map((one) => "octets" in one && methodOf(one.octets))).toEqual(["ACK"]);
    }
    expect(heard).toEqual(["486"]);
    wire.wait(33_000);
    expect(endpoint.census()).toMatchObject({ clients: 0, timers: 0 });
  });

  test("RFC 3261 §9.1 a CANCEL waits for a provisional response, and goes where the INVITE went", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    let client: ClientTransaction | undefined;
    const [sent = ""] = wire.call(() => {
      client = endpoint.send(ownRequest(endpoint, "INVITE"), TO_PEER, user);
    });
    //= RFC 3261 §9.1
    //# If no provisional response has been received, the CANCEL request MUST NOT be sent; rather,
    //# the client MUST wait for the arrival of a provisional response before sending the request.
    expect(wire.call(() => client?.cancel("SIP;cause=200\0\r\nEvil: yes"))).toEqual([]);
    wire.outputs.length = 0;
    const [text] = wire.datagram(answerTo(sent, 180), STRANGER);
    expect(methodOf(text)).toBe("CANCEL");
    expect(header(read(text), "Reason")).toBe("SIP;cause=200   Evil: yes");
    //= RFC 3261 §9.1
    //# The destination address, port, and transport for the CANCEL MUST be identical to those used
    //# to send the original request.
    expect(wire.outputs).toMatchObject([{ kind: "Datagram", remote: PEER }]);
    expect(
      wire.call(() => client?.cancel()),
      "twice is once",
    ).toEqual([]);
    wire.datagram(answerTo(text ?? "", 200));
    wire.datagram(answerTo(sent, 487));
    expect(heard).toEqual(["180", "487"]);
  });

  test("RFC 3261 §9.1 when nothing final follows a CANCEL, it is given up after 64*T1", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    let client: ClientTransaction | undefined;
    const [sent = ""] = wire.call(() => {
      client = endpoint.send(ownRequest(endpoint, "INVITE"), TO_PEER, user);
    });
    wire.datagram(answerTo(sent, 180));
    wire.call(() => client?.cancel());
    wire.wait(33_000);
    expect(heard).toEqual(["180", "abandoned"]);
    expect(endpoint.census()).toMatchObject({ clients: 0, timers: 0 });
  });

  test("when there are too many, no more are sent", () => {
    const { wire, endpoint } = stage({ maxTransactions: 1 });
    const { user } = listener();
    wire.call(() => {
      expect(endpoint.send(ownRequest(endpoint, "BYE"), TO_PEER, user)).toBeDefined();
      expect(endpoint.send(ownRequest(endpoint, "BYE"), TO_PEER, user)).toBeUndefined();
    });
  });
});

describe("transports", () => {
  const overWs = (connection: number): Flow => ({ ...TO_PEER, transport: "WS", connection });

  test("a connection's end fails what waits on it, and nothing else", () => {
    const { wire, endpoint, heard } = stage();
    const [one, other] = [wire.connect(), wire.connect()];
    const [lost, kept] = [listener(), listener()];
    wire.call(() => {
      endpoint.send(ownRequest(endpoint, "INVITE"), overWs(one), lost.user);
      endpoint.send(ownRequest(endpoint, "INVITE"), overWs(other), kept.user);
    });
    wire.received(one, invite());
    wire.input({ kind: "Closed", connection: one, cause: "gone" });
    expect(lost.heard).toEqual(["transport"]);
    expect(kept.heard).toEqual([]);
    expect(heard).toEqual(["opened", "opened", "INVITE", "server failed: transport", "closed"]);
    expect(endpoint.census().connections).toBe(1);
  });

  test("what is sent on a connection that is gone fails in its turn, never nested", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    wire.call(() => {
      endpoint.send(ownRequest(endpoint, "INVITE"), overWs(7), user);
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(["transport"]);
  });

  test("RFC 3261 §18.2.2 a response goes over the connection its request came on", () => {
    const { wire, last } = stage();
    const one = wire.connect();
    wire.connect();
    wire.received(one, invite());
    wire.outputs.length = 0;
    wire.call(() => last().reply({ status: 180 }));
    //= RFC 3261 §18.2.2
    //# If the "sent-protocol" is a reliable transport protocol such as TCP or SCTP, or TLS over
    //# those, the response MUST be sent using the existing connection to the source of the original
    //# request that created the transaction, if that connection is still open.
    expect(wire.outputs).toMatchObject([{ kind: "Send", connection: one }]);
  });

  test("RFC 3261 §18.4 an address that cannot be reached fails what was sent there", () => {
    const { wire, endpoint } = stage();
    const [there, elsewhere] = [listener(), listener()];
    wire.call(() => {
      endpoint.send(ownRequest(endpoint, "BYE"), TO_PEER, there.user);
      endpoint.send(ownRequest(endpoint, "BYE"), { ...TO_PEER, remote: STRANGER }, elsewhere.user);
    });
    wire.input({ kind: "Unreachable", remote: PEER, cause: "refused" });
    expect(there.heard).toEqual(["transport"]);
    expect(elsewhere.heard).toEqual([]);
  });

  test("a failure after the final response is no second outcome", () => {
    const { wire, endpoint } = stage();
    const { heard, user } = listener();
    const request = ownRequest(endpoint, "INVITE");
    const [sent = ""] = wire.call(() => endpoint.send(request, TO_PEER, user));
    wire.datagram(answerTo(sent, 486));
    wire.input({ kind: "Unreachable", remote: PEER, cause: "refused" });
    expect(heard).toEqual(["486"]);
  });

  test("what no datagram holds, and port 0, fail at once instead of reaching the system", () => {
    const { wire, endpoint } = stage();
    const [long, nowhere] = [listener(), listener()];
    wire.call(() => {
      const request = ownRequest(endpoint, "BYE");
      const padded = request.text.replace("\r\n\r\n", `\r\n\r\n${"x".repeat(65_500)}`);
      const text = padded.replace("Content-Length: 0", "Content-Length: 65000");
      endpoint.transmit(TO_PEER, text);
      endpoint.send({ ...request, text }, TO_PEER, long.user);
      const to = { ...TO_PEER, remote: { ...PEER, port: 0 } };
      endpoint.send(ownRequest(endpoint, "BYE"), to, nowhere.user);
    });
    expect(wire.outputs).toEqual([]);
    expect([long.heard, nowhere.heard]).toEqual([["transport"], ["transport"]]);
    const zero = requestText("BYE", { via: "SIP/2.0/UDP 192.0.2.9:0;branch=z9hG4bKzero" });
    expect(wire.datagram(zero)).toEqual([]);
  });

  test("RFC 5626 §4.4.1 a ping is answered with a pong on connections, and costs nothing", () => {
    const { wire, heard } = stage();
    const ws = wire.connect();
    //= RFC 5626 §4.4.1
    //# the server "pong" is a single CRLF
    expect(wire.received(ws, "\r\n\r\n")).toEqual(["\r\n"]);
    expect(wire.received(ws, "\r\n")).toEqual([]);
    for (const octets of ["\r\n\r\n", "\r\n", "", "\0\x01\0\0!\x12\xa4B".padEnd(20, "\0")]) {
      expect(wire.datagram(octets)).toEqual([]);
    }
    expect(heard).toEqual(["opened"]);
  });

  test("what a role starts while it is busy waits for its turn", () => {
    const { wire, endpoint } = stage();
    const order: string[] = [];
    wire.call(() => {
      endpoint.later(() => {
        order.push("second");
        endpoint.later(() => order.push("third"));
      });
      order.push("first");
    });
    expect(order).toEqual(["first", "second", "third"]);
    wire.call(() => expect(() => wire.call(() => {})).toThrow("inside handle"));
  });
});
