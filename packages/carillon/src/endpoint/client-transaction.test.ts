import { describe, expect, test } from "vitest";
import { composeRequest } from "../message/compose.ts";
import { header } from "../message/headers.ts";
import { type Message, parseMessage, type Request } from "../message/message.ts";
import { SentRequest } from "../message/sent-request.ts";
import { recorded } from "../testing/recorded.ts";
import { requestText } from "../testing/request-text.ts";
import type { Flow } from "../transport/flow.ts";
import { bindingRequest, mappedAddress } from "../transport/stun.ts";
import type { ClientTransaction, ClientUser } from "./client-transaction.ts";

const PEER = { host: "192.0.2.9", port: 5060 };
const STRANGER = { host: "192.0.2.66", port: 5060 };
const TO_PEER: Flow = {
  transport: "UDP",
  local: { host: "192.0.2.1", port: 5060 },
  remote: PEER,
  connection: 0,
};

const read = (text: string | undefined): Message => {
  const message = parseMessage(text ?? "");
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
};
const methodOf = (text: string | undefined) => (read(text) as Request).method;

const invite = (lines: readonly string[] = []) =>
  requestText("INVITE", { lines: ["Contact: <sip:bob@192.0.2.9:5060>", ...lines] });
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

describe("requests that go", () => {
  test("RFC 3261 §17.1.1.2 an INVITE is sent again, doubling, until 64*T1", () => {
    const { wire, endpoint } = recorded();
    const { heard, user } = listener();
    wire.call(() => endpoint.send(ownRequest(endpoint, "INVITE"), TO_PEER, user));
    expect(wire.wait(33_000).map(methodOf)).toEqual(new Array(6).fill("INVITE"));
    expect(heard).toEqual(["timeout"]);
    expect(endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });

  test("RFC 3261 §17.1.3 a response belongs to a request by branch and method", () => {
    const { wire, endpoint } = recorded();
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
    //= RFC 6026 §8.9
    //# If there is a match, the response MUST be passed to that transaction.
    wire.datagram(answerTo(sent, 200));
    expect(heard).toEqual(["200"]);
  });

  test("RFC 6026 §8.9 a response that belongs to nothing is dropped without a word", () => {
    const { wire, endpoint } = recorded();
    const { heard, user } = listener();
    const [sent = ""] = wire.call(() =>
      endpoint.send(ownRequest(endpoint, "INVITE"), TO_PEER, user),
    );
    wire.datagram(answerTo(sent, 200));
    wire.wait(33_000);
    //= RFC 6026 §8.9
    //# Otherwise, any element other than a stateless proxy MUST silently discard the response.
    for (const status of [180, 200, 486]) expect(wire.datagram(answerTo(sent, status))).toEqual([]);
    expect(heard).toEqual(["200"]);
  });

  test("RFC 3263 §4 all of a transaction goes to one place, whoever answers from where", () => {
    const { wire, endpoint } = recorded();
    const { user } = listener();
    let client: ClientTransaction | undefined;
    const [sent = ""] = wire.call(() => {
      client = endpoint.send(ownRequest(endpoint, "INVITE"), TO_PEER, user);
    });
    wire.wait(2000);
    wire.datagram(answerTo(sent, 180), STRANGER);
    wire.call(() => client?.cancel());
    wire.datagram(answerTo(sent, 487), STRANGER);
    const went = wire.outputs.map((one) => [
      "octets" in one && methodOf(one.octets),
      "remote" in one && one.remote,
    ]);
    //= RFC 3263 §4
    //# The procedures here MUST be done exactly once per transaction, where transaction is as
    //# defined in [1]. That is, once a SIP server has successfully been contacted (success is
    //# defined below), all retransmissions of the SIP request and the ACK for non-2xx SIP responses
    //# to INVITE MUST be sent to the same host. Furthermore, a CANCEL for a particular SIP request
    //# MUST be sent to the same SIP server that the SIP request was delivered to.
    //= RFC 3263 §4.4
    //# When a server is contacted successfully, all retransmissions of the request for the
    //# transaction, as well as ACK for a non-2xx final response, and CANCEL requests for that
    //# transaction, MUST go to the same server.
    expect(went).toEqual(
      ["INVITE", "INVITE", "INVITE", "CANCEL", "ACK"].map((method) => [method, PEER]),
    );
  });

  test("RFC 3261 §18.1.2 a response whose topmost Via is not ours is dropped", () => {
    const { wire, endpoint } = recorded();
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
    const { wire, endpoint } = recorded();
    const { heard, user } = listener();
    const [sent = ""] = wire.call(() => endpoint.send(ownRequest(endpoint, "BYE"), TO_PEER, user));
    const short = answerTo(sent, 200, (text) => text.replace("Content-Length: 0", "l: 5"));
    //= RFC 3261 §18.3
    //# If the message is a response, it MUST be discarded.
    expect(wire.datagram(short)).toEqual([]);
    expect(heard).toEqual([]);
  });

  test("RFC 3261 §17.1.1.2 a refusal is ACKed to where the INVITE went, each time it comes", () => {
    const { wire, endpoint } = recorded();
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
      //= RFC 6026 §8.4
      //# The ACK MUST be sent to the same address, port, and transport to which the original
      //# request was sent.
      expect(wire.outputs).toMatchObject([{ kind: "Datagram", remote: PEER }]);
      expect(wire.outputs.map((one) => "octets" in one && methodOf(one.octets))).toEqual(["ACK"]);
    }
    expect(heard).toEqual(["486"]);
    wire.wait(33_000);
    expect(endpoint.census()).toMatchObject({ clients: 0, timers: 0 });
  });

  test("RFC 3261 §9.1 a CANCEL waits for a provisional response, and follows the INVITE", () => {
    const { wire, endpoint } = recorded();
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
    //= RFC 3261 §8.2.2.3
    //# Note that Require and Proxy-Require MUST NOT be used in a SIP CANCEL request, or in an ACK
    //# request sent for a non-2xx response.
    expect(text).not.toMatch(/Require/);
    wire.datagram(answerTo(text ?? "", 200));
    expect(wire.datagram(answerTo(sent, 487))[0]).not.toMatch(/Require/);
    expect(heard).toEqual(["180", "487"]);
  });

  test("RFC 3261 §9.1 a provisional response that the final one overtook brings no CANCEL", () => {
    for (const final of [200, 486]) {
      const { wire, endpoint } = recorded();
      const { user } = listener();
      let client: ClientTransaction | undefined;
      const made = ownRequest(endpoint, "INVITE");
      const request = new SentRequest(made.method, made.uri, made.text);
      const [sent] = wire.call(() => {
        client = endpoint.send(request, TO_PEER, user);
      });
      wire.call(() => client?.cancel());
      wire.datagram(answerTo(sent ?? "", final));
      expect(wire.datagram(answerTo(sent ?? "", 180))).toEqual([]);
    }
  });

  test("RFC 3261 §9.1 when nothing final follows a CANCEL, it is given up after 64*T1", () => {
    const { wire, endpoint } = recorded();
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
    const { wire, endpoint } = recorded({ maxTransactions: 1 });
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
    const { wire, endpoint, heard } = recorded();
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
    const { wire, endpoint } = recorded();
    const { heard, user } = listener();
    wire.call(() => {
      endpoint.send(ownRequest(endpoint, "INVITE"), overWs(7), user);
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(["transport"]);
  });

  test("RFC 3261 §18.2.2 a response goes over the connection its request came on", () => {
    const { wire, last } = recorded();
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

  test("RFC 3261 §18.1.1 a request over a connection is answered on it", () => {
    const { wire, endpoint } = recorded();
    const one = wire.connect();
    const { heard, user } = listener();
    const request = ownRequest(endpoint, "BYE");
    wire.call(() => endpoint.send(request, overWs(one), user));
    //= RFC 3261 §18.1.1
    //# Therefore, the client transport MUST be prepared to receive the response on the same
    //# connection used to send the request.
    wire.received(one, answerTo(request.text, 200));
    expect(heard).toEqual(["200"]);
  });

  test("RFC 3261 §18.2.2 a response over UDP goes to the port that Via names, or rport's", () => {
    const { wire, last } = recorded();
    const from = { host: "192.0.2.9", port: 40_000 };
    for (const [param, port] of [
      ["", 5070],
      [";rport", 40_000],
    ] as const) {
      const via = `SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK${port}${param}`;
      wire.datagram(requestText("OPTIONS", { via }), from);
      wire.outputs.length = 0;
      wire.call(() => last().reply({ status: 200 }));
      //= RFC 3261 §18.2.2
      //# It MUST follow the following process:
      expect(wire.outputs).toMatchObject([{ remote: { host: "192.0.2.9", port } }]);
    }
  });

  test("RFC 3261 §18.1.1 the largest datagram that there is can be read and answered", () => {
    const { wire, heard } = recorded();
    const empty = requestText("OPTIONS", { body: "x".repeat(10_000) });
    const body = "x".repeat(10_000 + 65_507 - empty.length);
    const text = requestText("OPTIONS", { body });
    //= RFC 3261 §18.1.1
    //# However, implementations MUST be able to handle messages up to the maximum datagram packet
    //# size.
    expect(text).toHaveLength(65_507);
    wire.datagram(text);
    expect(heard).toEqual(["OPTIONS"]);
  });

  test("RFC 3261 §18.4 an address that cannot be reached fails what was sent there", () => {
    const { wire, endpoint } = recorded();
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
    const { wire, endpoint } = recorded();
    const { heard, user } = listener();
    const request = ownRequest(endpoint, "INVITE");
    const [sent = ""] = wire.call(() => endpoint.send(request, TO_PEER, user));
    wire.datagram(answerTo(sent, 486));
    wire.input({ kind: "Unreachable", remote: PEER, cause: "refused" });
    expect(heard).toEqual(["486"]);
  });

  test("what no datagram holds, and port 0, fail at once instead of reaching the system", () => {
    const { wire, endpoint } = recorded();
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
    const { wire, heard } = recorded();
    const ws = wire.connect();
    //= RFC 5626 §4.4.1
    //# the server "pong" is a single CRLF
    expect(wire.received(ws, "\r\n\r\n")).toEqual(["\r\n"]);
    expect(wire.received(ws, "\r\n")).toEqual([]);
    for (const octets of ["\r\n\r\n", "\r\n", "", "\0\x01\0\0!\x12\xa4C".padEnd(20, "\0")]) {
      expect(wire.datagram(octets)).toEqual([]);
    }
    expect(heard).toEqual(["opened"]);
  });

  //= RFC 5626 §5.4
  //# All edge proxies compliant with this specification MUST implement support for STUN NAT
  //# keep-alives on their SIP UDP ports as described in Section 8.
  //= RFC 5626 §8
  //# If a server compliant to this section receives SIP requests on a given interface and UDP port,
  //# it MUST also provide a limited version of a STUN server on the same interface and UDP port.
  //= RFC 5626 §6
  //# To be compliant with this specification, registrars that can receive SIP requests directly
  //# from a UAC without intervening edge proxies MUST implement the same keep-alive mechanisms as
  //# edge proxies (Section 5.4).
  test("RFC 5626 §8 a STUN Binding Request over UDP is told where it came from", () => {
    const { wire, heard } = recorded();
    const request = bindingRequest("0102030405060708090a0b0c");
    //= RFC 5626 §8
    //# The UAS, proxy, or registrar responds to a valid Binding Request with a Binding Response
    //# that MUST include the XOR-MAPPED-ADDRESS attribute.
    const [response = ""] = wire.datagram(request, { host: "203.0.113.9", port: 40_001 });
    expect(mappedAddress(response, request)).toEqual({ host: "203.0.113.9", port: 40_001 });
    expect(response.length, "nobody is flooded with it").toBe(32);
    expect(wire.datagram(response)).toEqual([]);
    expect(heard).toEqual([]);
  });

  test("what a role starts while it is busy waits for its turn", () => {
    const { wire, endpoint } = recorded();
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
