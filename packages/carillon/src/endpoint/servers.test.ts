import { describe, expect, test } from "vitest";
import { errands } from "../testing/errands.ts";
import { type Host, LyingDns, Network, ScriptedPeer } from "../testing/network.ts";
import { ONE, TWO, type TwoServers, twoServers } from "../testing/two-servers.ts";

const TAKEN_BACK = "expect CANCEL\nsend 200 OK\nsend 487 Gone to INVITE\nexpect ACK";

const ANSWERS = `
  expect INVITE
  send 200 OK
  expect ACK
`;

/** All is over: nothing is kept about any request. */
async function quiet(network: Network, host: TwoServers["host"]) {
  await network.run(400_000);
  expect(host.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  expect(host.endpoint.servers.census()).toMatchObject({ searches: 0, requests: 0 });
}

const went = (...peers: readonly Host<ScriptedPeer>[]) => {
  expect(peers.map(({ endpoint }) => endpoint.failure)).toEqual(peers.map(() => undefined));
  return peers.map(({ endpoint }) => endpoint.heard.join());
};

describe("a request to a domain", () => {
  test("RFC 3263 §4 goes to the first server that its SRV records name", async () => {
    const { network, dns, first, second, heard, send, host } = twoServers(
      "expect MESSAGE\nsend 200 OK",
      "",
    );
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    // NAPTR, SRV, and the addresses of both: three round trips to the DNS, and one to the server.
    expect(heard).toEqual(["50 200"]);
    expect(went(first, second)).toEqual(["MESSAGE", ""]);
    expect(dns.packets).toEqual([
      "NAPTR example.com",
      "SRV _sip._udp.example.com",
      "A one.example.com",
      "A two.example.com",
    ]);
    await quiet(network, host);
  });

  test("asks the DNS once, however many want to know", async () => {
    const script =
      "expect MESSAGE\nsend 200 OK\nexpect MESSAGE\nsend 200 OK\nexpect MESSAGE\nsend 200 OK";
    const { network, dns, heard, send } = twoServers(script, "");
    send("MESSAGE", "sip:bob@example.com");
    send("MESSAGE", "sip:carol@example.com");
    await network.run(10_000);
    send("MESSAGE", "sip:dave@example.com");
    await network.run(1000);
    expect(heard).toEqual(["50 200", "50 200", "20 200"]);
    expect(dns.packets).toHaveLength(4);
  });

  test("RFC 3263 §4.3 goes to the next server within 200 ms when the first refuses", async () => {
    const { network, first, second, heard, send, host } = twoServers(
      "",
      "expect INVITE\nsend 200 OK",
    );
    first.stop();
    send("INVITE", "sip:bob@example.com");
    await network.run(1000);
    expect(heard).toEqual(["70 200"]);
    expect(went(second)).toEqual(["INVITE"]);
    const branches = network.sights
      .filter(({ octets }) => octets.startsWith("INVITE"))
      .map(({ octets }) => /branch=(\S+)/.exec(octets)?.[1]);
    expect(branches).toHaveLength(2);
    //= RFC 3263 §4.3
    //# If a failure occurs, the client SHOULD create a new request, which is identical to the
    //# previous, but has a different value of the Via branch ID than the previous (and therefore
    //# constitutes a new SIP transaction).
    expect(branches[0]).not.toBe(branches[1]);
    await quiet(network, host);
  });

  test("goes to the next server after two seconds of silence", async () => {
    const { network, first, second, heard, send, host } = twoServers(
      "",
      "expect INVITE\nsend 200 OK",
    );
    first.close();
    send("INVITE", "sip:bob@example.com");
    await network.run(5000);
    expect(heard).toEqual(["2050 200"]);
    expect(went(second)).toEqual(["INVITE"]);
    await quiet(network, host);
  });

  test("RFC 4320 §4.1 that is no INVITE has five", async () => {
    const { network, first, heard, send } = twoServers("", "expect MESSAGE\nsend 200 OK");
    first.close();
    send("MESSAGE", "sip:bob@example.com");
    await network.run(10_000);
    expect(heard).toEqual(["5050 200"]);
  });

  test("a late 2xx of a server that was left is acknowledged and hung up, once", async () => {
    const { network, first, second, heard, send, host } = twoServers(
      `
      ignore CANCEL
      expect INVITE
      wait 3000 ms
      send 200 OK
      expect ACK
      expect BYE
      send 200 OK
      `,
      "expect INVITE\nsend 200 OK",
    );
    send("INVITE", "sip:bob@example.com");
    await network.run(20_000);
    expect(heard, "of the second alone").toEqual(["2050 200"]);
    expect(went(first, second)[1]).toBe("INVITE");
    const [said] = went(first);
    expect(said).toContain("ACK,BYE");
    expect(first.endpoint.isDone).toBe(true);
    await quiet(network, host);
  });

  test("a late 2xx that comes again is acknowledged again, and hung up no more", async () => {
    const { network, first, send, host } = twoServers(
      `
      ignore CANCEL
      expect INVITE
      wait 3000 ms
      send 200 OK
      expect ACK
      expect BYE
      send 200 OK
      wait 500 ms
      send 200 OK to INVITE
      expect ACK
      `,
      "expect INVITE\nsend 200 OK",
    );
    send("INVITE", "sip:bob@example.com");
    await network.run(20_000);
    expect(first.endpoint.isDone).toBe(true);
    expect(went(first)).toEqual(["INVITE,ACK,BYE,ACK"]);
    const acks = network.sights.filter(({ to, octets }) => to === "one" && /^ACK/.test(octets));
    expect(new Set(acks.map(({ octets }) => octets)).size, "the same each time").toBe(1);
    expect(acks).toHaveLength(2);
    await quiet(network, host);
  });

  //= RFC 3261 §8.1.2
  //# If the first element in the route set indicated a strict router (resulting in forming the
  //# request as described in Section 12.2.1.1), the procedures MUST be applied to the Request-URI
  //# of the request. Otherwise, the procedures are applied to the first Route header field value
  //# in the request (if one exists), or to the request's Request-URI if there is no Route header
  //# field present.
  test.each(["lr", "maddr=192.0.2.3"])(
    "the last words go through its proxy (%s)",
    async (param) => {
      const { network, first, send, host } = twoServers(
        `
      ignore CANCEL
      expect INVITE
      wait 3000 ms
      send 200 OK
        Record-Route: <sip:192.0.2.3;${param}>
      `,
        "expect INVITE\nsend 200 OK",
      );
      const proxy = new ScriptedPeer("expect ACK\nexpect BYE\nsend 200 OK");
      network.host("proxy", { host: "192.0.2.3", port: 5060 }, proxy);
      send("INVITE", "sip:bob@example.com");
      await network.run(10_000);
      expect([proxy.failure, proxy.isDone, first.endpoint.heard]).toEqual([
        undefined,
        true,
        ["INVITE"],
      ]);
      const isLoose = param === "lr";
      expect(proxy.messages[1]).toMatchObject({
        uri: isLoose ? "sip:peer@192.0.2.1:5060" : `sip:192.0.2.3;${param}`,
      });
      await quiet(network, host);
    },
  );

  test("RFC 3261 §13.2.2.4 64*T1 after it is accepted nothing is kept of an INVITE", async () => {
    const { network, heard, send, host } = twoServers("expect INVITE\nsend 200 OK\nexpect ACK", "");
    send("INVITE", "sip:bob@example.com");
    await network.run(31_000);
    expect(heard[0]).toBe("50 200");
    expect(host.endpoint.servers.census(), "forks may bring more").toMatchObject({ requests: 1 });
    await network.run(1_100);
    expect(host.endpoint.servers.census()).toMatchObject({ requests: 0 });
    expect(host.endpoint.census()).toMatchObject({ clients: 0 });
  });

  test("a sender that takes care of a late 2xx itself hears of it", async () => {
    const { network, first, send } = twoServers(
      "ignore CANCEL\nexpect INVITE\nwait 3000 ms\nsend 200 OK\nwait 10 ms",
      ANSWERS.replace("expect ACK", ""),
    );
    const late: string[] = [];
    send("INVITE", "sip:bob@example.com", {
      late2xx: (client, { status }) => late.push(`${status} from ${client.flow.remote.host}`) > 0,
    });
    await network.run(10_000);
    expect(late).toEqual(["200 from 192.0.2.1"]);
    expect(first.endpoint.heard).not.toContain("ACK");
  });

  test("RFC 3261 §21.5.4 503 sends it on, and others elsewhere for a while", async () => {
    const { network, first, second, heard, send } = twoServers(
      "expect MESSAGE\nsend 503 Busy\n  Retry-After: 60\nexpect MESSAGE within 90000 ms\n" +
        "send 200 OK",
      "expect MESSAGE\nsend 200 OK\nexpect MESSAGE\nsend 200 OK",
    );
    send("MESSAGE", "sip:bob@example.com");
    await network.run(30_000);
    send("MESSAGE", "sip:bob@example.com");
    await network.run(31_000);
    expect(went(first, second)).toEqual(["MESSAGE", "MESSAGE,MESSAGE"]);
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    expect(went(first, second)).toEqual(["MESSAGE,MESSAGE", "MESSAGE,MESSAGE"]);
    expect(heard.map((one) => one.split(" ")[1])).toEqual(["200", "200", "200"]);
  });

  test("a silent server is tried last, asked after 30 s, and first when it answers", async () => {
    const { network, first, second, heard, send, host } = twoServers(
      "expect OPTIONS\nsend 200 OK\nexpect MESSAGE\nsend 200 OK",
      "expect MESSAGE\nsend 200 OK\nexpect MESSAGE\nsend 200 OK",
    );
    const cut = network.partitions.split(["one"], ["here"]);
    send("MESSAGE", "sip:bob@example.com");
    await network.run(6000);
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    expect(heard).toEqual(["5050 200", "20 200"]);
    expect(host.endpoint.servers.census().suspects).toBe(1);
    cut.heal();
    await network.run(35_000);
    expect(went(first, second)).toEqual(["OPTIONS", "MESSAGE,MESSAGE"]);
    expect(host.endpoint.servers.census().suspects).toBe(0);
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    expect(went(first)).toEqual(["OPTIONS,MESSAGE"]);
    await quiet(network, host);
  });

  test("fails when no server is left, and says why", async () => {
    const refused = twoServers("", "");
    refused.first.stop();
    refused.second.stop();
    refused.send("INVITE", "sip:bob@example.com");
    await refused.network.run(1000);
    expect(refused.heard).toEqual(["70 failed refused: none of its servers can be reached"]);
    await quiet(refused.network, refused.host);
    const silent = twoServers("", "");
    silent.first.close();
    silent.second.close();
    silent.send("INVITE", "sip:bob@example.com");
    await silent.network.run(100_000);
    expect(silent.heard).toEqual(["34030 failed timeout: none of its servers answers"]);
    await quiet(silent.network, silent.host);
  });

  test.each(["udp", "tcp", "tls"])("never comes back to where it came from by %s", async (way) => {
    const dns = new LyingDns().zone("example.com A 192.0.2.10");
    const transports = ["UDP", "TCP", "TLS"] as const;
    const { network, heard, send, host } = twoServers("", "", { servers: { transports } }, dns);
    send("INVITE", `sip:bob@example.com;transport=${way}`);
    await network.run(1000);
    expect(heard).toEqual(["20 failed not-found: it leads back to where it came from"]);
    expect(network.sights).toEqual([]);
    await quiet(network, host);
  });
});

describe("over connections", () => {
  const TCP = { servers: { transports: ["UDP", "TCP", "TLS"] } } as const;

  test("RFC 3261 §18.1.1 what is too large for a datagram goes by TCP", async () => {
    const { network, first, heard, send, host } = twoServers(
      "expect MESSAGE\nsend 200 OK",
      "",
      { ...TCP, bodyBytes: 2000 },
      new LyingDns().zone("example.com A 192.0.2.1"),
    );
    //= RFC 3261 §18.1.1
    //# If a request is within 200 bytes of the path MTU, or if it is larger than 1300 bytes and
    //# the path MTU is unknown, the request MUST be sent using an RFC 2914 [43] congestion
    //# controlled transport protocol, such as TCP.
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    expect(went(first)).toEqual(["MESSAGE"]);
    expect(first.endpoint.messages[0]?.text).toContain("Via: SIP/2.0/TCP ");
    expect(heard.map((one) => one.split(" ")[1])).toEqual(["200"]);
    await quiet(network, host);
  });

  test("RFC 3261 §18.1.1 and as a datagram after all where TCP is refused", async () => {
    const network = new Network({ dns: new LyingDns().zone("example.com A 192.0.2.1") });
    const peer = new ScriptedPeer("expect MESSAGE\nsend 200 OK");
    network.host("one", ONE, peer, { listens: ["UDP"] });
    const { host, heard, send } = errands(network, { ...TCP, bodyBytes: 2000 });
    //= RFC 3261 §18.1.1
    //# If an element sends a request over TCP because of these message size constraints, and that
    //# request would have otherwise been sent over UDP, if the attempt to establish the connection
    //# generates either an ICMP Protocol Not Supported, or results in a TCP reset, the element
    //# SHOULD retry the request, using UDP.
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    expect([peer.failure, heard]).toEqual([undefined, [expect.stringMatching(/^\d\d 200/)]]);
    expect(peer.messages[0]?.text).toContain("Via: SIP/2.0/UDP ");
    await quiet(network, host);
  });

  test("RFC 5922 §7.3 a certificate that names somebody else is a refusal", async () => {
    const dns = new LyingDns().zone(`
      example.com NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.example.com
      _sips._tcp.example.com SRV 1 0 5061 one.example.com
      _sips._tcp.example.com SRV 2 0 5061 two.example.com
      one.example.com A 192.0.2.1
      two.example.com A 192.0.2.2
    `);
    const network = new Network({ dns });
    const [evil, good] = [new ScriptedPeer(""), new ScriptedPeer("expect INVITE\nsend 200 OK")];
    network.host("one", ONE, evil, { identities: ["evil.example"] });
    network.host("two", TWO, good, { identities: ["example.com"] });
    const { host, heard, send } = errands(network, TCP);
    send("INVITE", "sips:bob@example.com");
    await network.run(1000);
    expect(heard.map((one) => one.split(" ")[1])).toEqual(["200"]);
    expect([evil.heard, good.heard]).toEqual([[], ["INVITE"]]);
    await quiet(network, host);
  });

  test("a connection that nobody answers is left after two seconds", async () => {
    const dns = new LyingDns().zone(`
      _sip._tcp.example.com SRV 1 0 5060 one.example.com
      _sip._tcp.example.com SRV 2 0 5060 two.example.com
      one.example.com A 192.0.2.1
      two.example.com A 192.0.2.2
    `);
    const { network, first, heard, send, host } = twoServers(
      "",
      "expect INVITE\nsend 200 OK",
      TCP,
      dns,
    );
    first.close();
    send("INVITE", "sip:bob@example.com;transport=tcp");
    await network.run(10_000);
    expect(heard).toEqual([expect.stringMatching(/^20\d\d 200/)]);
    await quiet(network, host);
    expect(host.endpoint.census().connections).toBe(0);
  });
});

describe("a sender that changes its mind", () => {
  test("while servers are looked for", async () => {
    const { network, heard, send, host } = twoServers(
      "",
      "",
      {},
      new LyingDns().otherwise("never"),
    );
    const sent = send("INVITE", "sip:bob@example.com");
    await network.run(100);
    host.call(() => sent.cancel());
    expect(heard).toEqual(["100 failed abandoned: example.com was no longer wanted"]);
    await quiet(network, host);
  });

  test("while nobody has answered: all are taken back, as soon as one may", async () => {
    const { network, first, second, heard, send, host } = twoServers(
      `expect INVITE\nwait 2500 ms\nsend 180 Ringing\n${TAKEN_BACK}`,
      `expect INVITE\nwait 1000 ms\nsend 180 Ringing\n${TAKEN_BACK}`,
    );
    const sent = send("INVITE", "sip:bob@example.com");
    await network.run(2100);
    host.call(() => sent.cancel());
    await network.run(10_000);
    expect(heard).toEqual(["2100 failed abandoned: was no longer wanted"]);
    expect(went(first, second)).toEqual(["INVITE,CANCEL,ACK", "INVITE,CANCEL,ACK"]);
    await quiet(network, host);
  });

  test("while it rings: who has it is asked, and answers", async () => {
    const { network, first, heard, send, host } = twoServers(
      `expect INVITE\nsend 180 Ringing\n${TAKEN_BACK}`,
      "",
    );
    const sent = send("INVITE", "sip:bob@example.com");
    await network.run(1000);
    expect(sent.status).toBe(180);
    host.call(() => sent.cancel());
    await network.run(1000);
    expect(heard.map((one) => one.split(" ")[1])).toEqual(["180", "487"]);
    expect(went(first)).toEqual(["INVITE,CANCEL,ACK"]);
    await quiet(network, host);
  });

  test("about another request than an INVITE, for which nobody waits then", async () => {
    const { network, heard, send, host } = twoServers("ignore MESSAGE\nwait 60000 ms", "");
    const sent = send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    host.call(() => sent.abandon());
    expect(heard).toEqual(["1000 failed abandoned: was no longer wanted"]);
    expect(host.endpoint.census().clients).toBe(0);
    await quiet(network, host);
  });
});
