import { describe, expect, test } from "vitest";
import { readVia } from "../message/via.ts";
import { LyingDns } from "../testing/network/lying-dns.ts";
import { resolve } from "../testing/resolve.ts";
import { find, paramsFor } from "../testing/search.ts";
import * as locate from "./locate.ts";
import { wantedByVia } from "./wanted.ts";

/** The zone of RFC 3263 §4.1, with addresses. */
const example = () =>
  new LyingDns().zone(`
    example.com NAPTR 50 50 "s" "SIPS+D2T" "" _sips._tcp.example.com.
    example.com NAPTR 90 50 "s" "SIP+D2T" "" _sip._tcp.example.com
    example.com NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp.example.com.
    _sip._tcp.example.com SRV 0 1 5060 server1.example.com
    _sip._tcp.example.com SRV 0 2 5060 server2.example.com
    server1.example.com A 192.0.2.1
    server2.example.com A 192.0.2.2
    _sips._tcp.example.com SRV 0 0 5061 tls.example.com
    tls.example.com A 192.0.2.3
    _sip._udp.example.com SRV 0 0 5070 udp.example.com
    udp.example.com A 192.0.2.4
    example.com A 192.0.2.9
  `);

describe("RFC 3263 §4.1, the example", () => {
  test("a client of TCP and UDP comes to both servers, over TCP", () => {
    const dns = example();
    const found = find("sip:user@example.com", dns, { transports: ["UDP", "TCP"] });
    expect([...found].sort()).toEqual(["TCP 192.0.2.1:5060", "TCP 192.0.2.2:5060"]);
    expect(dns.packets).toHaveLength(4);
    expect(dns.packets.slice(0, 2)).toEqual(["NAPTR example.com", "SRV _sip._tcp.example.com"]);
  });

  test("server2 comes first in two of three", () => {
    const firsts = Array.from({ length: 300 }, (_, seed) =>
      find("sip:user@example.com", example(), { transports: ["UDP", "TCP"], seed }).at(0),
    );
    const second = firsts.filter((first) => first === "TCP 192.0.2.2:5060").length;
    expect(second).toBeGreaterThan(170);
    expect(second).toBeLessThan(230);
  });

  test("a client of TLS comes to the TLS server, and is to verify the domain", () => {
    const { said } = resolve(locate, paramsFor("sip:user@example.com"), example());
    const address = { host: "192.0.2.3", port: 5061 };
    const targets = [{ transport: "TLS", address, name: "example.com" }];
    expect(said).toEqual([{ kind: "Located", targets }]);
  });

  test("for a SIPS URI only TLS is looked for", () => {
    expect(find("sips:user@example.com", example())).toEqual(["TLS 192.0.2.3:5061"]);
    expect(find("sips:user@example.com", example(), { transports: ["UDP", "TCP"] })).toEqual([
      "unsupported-transport",
    ]);
  });

  test("the suffix of a replacement may be another domain's; the name to verify stays", () => {
    const dns = new LyingDns().zone(`
      example.com NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.school.edu
      _sips._tcp.school.edu SRV 0 0 5061 sip.school.edu
      sip.school.edu A 192.0.2.5
    `);
    const { said } = resolve(locate, paramsFor("sips:user@example.com"), dns);
    expect(said).toMatchObject([{ targets: [{ name: "example.com" }] }]);
  });
});

describe("RFC 3263 §4.1: which transport", () => {
  test.each([
    ["sip:user@192.0.2.7", ["UDP 192.0.2.7:5060"]],
    ["sips:user@192.0.2.7", ["TLS 192.0.2.7:5061"]],
    ["sip:user@192.0.2.7:5070", ["UDP 192.0.2.7:5070"]],
    ["sip:user@192.0.2.7;transport=tcp", ["TCP 192.0.2.7:5060"]],
    ["sip:user@example.com;maddr=192.0.2.7", ["UDP 192.0.2.7:5060"]],
    ["sip:user@192.0.2.7;transport=tls", ["TLS 192.0.2.7:5061"]],
    ["sip:user@192.0.2.7;transport=sctp", ["unsupported-transport"]],
    ["sip:user@192.0.2.7;transport=ws", ["unsupported-transport"]],
    ["sips:user@192.0.2.7;transport=udp", ["unsupported-transport"]],
  ])("a numeric target asks nobody: %s is %s", (uri, expected) => {
    const dns = example();
    expect(find(uri, dns)).toEqual(expected);
    expect(dns.packets).toEqual([]);
  });

  test("where UDP is spoken it is what is guessed, wherever it stands among ours", () => {
    const transports = ["TCP", "TLS", "UDP"] as const;
    expect(find("sip:user@192.0.2.7", example(), { transports })).toEqual(["UDP 192.0.2.7:5060"]);
    expect(find("sip:user@192.0.2.7", example(), { transports: ["TLS", "TCP"] })).toEqual([
      "TLS 192.0.2.7:5061",
    ]);
  });

  test.each([
    ["sip:user@example.com:5060", ["UDP 192.0.2.9:5060"]],
    ["sips:user@example.com:5061", ["TLS 192.0.2.9:5061"]],
    ["sip:user@example.com:5080;transport=tcp", ["TCP 192.0.2.9:5080"]],
  ])("an explicit port asks for addresses only: %s is %s", (uri, expected) => {
    const dns = example();
    expect(find(uri, dns)).toEqual(expected);
    expect(dns.packets).toEqual(["A example.com"]);
  });

  test.each([
    ["sip:user@example.com;transport=udp", "UDP 192.0.2.4:5070", "SRV _sip._udp.example.com"],
    ["sip:user@example.com;transport=tls", "TLS 192.0.2.3:5061", "SRV _sips._tcp.example.com"],
    ["sips:user@example.com;transport=tcp", "TLS 192.0.2.3:5061", "SRV _sips._tcp.example.com"],
  ])("a transport parameter asks for its SRV records: %s is %s", (uri, expected, question) => {
    const dns = example();
    expect(find(uri, dns)).toEqual([expected]);
    expect(dns.packets[0]).toBe(question);
  });

  test("RFC 7118 §5.5: without SRV, WebSocket has the ports of HTTP", () => {
    const page = { transports: ["WSS", "WS"] as const };
    expect(find("sip:user@example.com;transport=ws", example(), page)).toEqual(["WS 192.0.2.9:80"]);
    expect(find("sips:user@example.com;transport=ws", example(), page)).toEqual([
      "WSS 192.0.2.9:443",
    ]);
    expect(find("sip:user@example.com", example(), page)).toEqual(["WSS 192.0.2.9:443"]);
    expect(find("sips:user@192.0.2.7", example(), { transports: ["WS", "WSS"] })).toEqual([
      "WSS 192.0.2.7:443",
    ]);
  });

  //= RFC 3263 §4.1
  //# If no NAPTR records are found, the client constructs SRV queries for those transport protocols
  //# it supports, and does a query for each.
  test("without NAPTR the SRV records of each transport are asked for, all at once", () => {
    const dns = new LyingDns().zone(`
      _sip._tcp.example.com SRV 0 0 5062 tcp.example.com
      _sips._tcp.example.com SRV 0 0 5061 tls.example.com
      tcp.example.com A 192.0.2.1
      tls.example.com A 192.0.2.2
    `);
    expect(find("sip:user@example.com", dns)).toEqual(["TCP 192.0.2.1:5062"]);
    expect(dns.packets).toEqual([
      "NAPTR example.com",
      "SRV _sip._udp.example.com",
      "SRV _sip._tcp.example.com",
      "SRV _sips._tcp.example.com",
      "A tcp.example.com",
    ]);
    expect(find("sips:user@example.com", dns)).toEqual(["TLS 192.0.2.2:5061"]);
    expect(find("sip:user@example.com", dns, { transports: ["TLS", "TCP", "UDP"] })).toEqual([
      "TLS 192.0.2.2:5061",
    ]);
  });

  //= RFC 3263 §4.1
  //# If no SRV records are found, the client SHOULD use TCP for a SIPS URI, and UDP for a SIP URI.
  //= RFC 3263 §4.2
  //# If no SRV records were found, the client performs an A or AAAA record lookup of the domain
  //# name.
  test("without NAPTR and SRV it is UDP, or TLS for SIPS, at the default port", () => {
    const zone = "example.com A 192.0.2.9";
    expect(find("sip:user@example.com", new LyingDns().zone(zone))).toEqual(["UDP 192.0.2.9:5060"]);
    expect(find("sips:user@example.com", new LyingDns().zone(zone))).toEqual([
      "TLS 192.0.2.9:5061",
    ]);
  });

  test("NAPTR records that name no SRV records leave their transport standing", () => {
    const dns = new LyingDns().zone(`
      example.com NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.example.com
      example.com A 192.0.2.9
    `);
    expect(find("sip:user@example.com", dns)).toEqual(["TLS 192.0.2.9:5061"]);
  });

  test("NAPTR records for other things than SIP are as if there were none", () => {
    const dns = new LyingDns().zone(`
      example.com NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@b!" .
      example.com A 192.0.2.9
    `);
    expect(find("sip:user@example.com", dns)).toEqual(["UDP 192.0.2.9:5060"]);
  });

  test("a DNS server that does not know NAPTR does not stop the search", () => {
    const dns = new LyingDns()
      .tell("NAPTR example.com", { kind: "Failed", why: "SERVFAIL" })
      .zone("example.com A 192.0.2.9");
    expect(find("sip:user@example.com", dns)).toEqual(["UDP 192.0.2.9:5060"]);
  });
});

describe("RFC 2782: SRV", () => {
  test("priorities in order, and all addresses of a host before the next host", () => {
    const dns = new LyingDns().zone(`
      _sip._udp.example.com SRV 1 0 5061 b.example.com
      _sip._udp.example.com SRV 0 0 5060 a.example.com
      a.example.com A 192.0.2.1
      a.example.com A 192.0.2.2
      b.example.com A 192.0.2.3
    `);
    expect(find("sip:user@example.com;transport=udp", dns)).toEqual([
      "UDP 192.0.2.1:5060",
      "UDP 192.0.2.2:5060",
      "UDP 192.0.2.3:5061",
    ]);
  });

  test("a lone dot: the service is decidedly not there, and no address is tried", () => {
    const zone = "example.com A 192.0.2.9\n_sip._udp.example.com SRV 0 0 0 .";
    const dns = new LyingDns().zone(zone);
    expect(find("sip:user@example.com;transport=udp", dns)).toEqual(["unavailable"]);
    expect(find("sip:user@example.com", new LyingDns().zone(zone))).toEqual(["unavailable"]);
    expect(dns.packets).toEqual(["SRV _sip._udp.example.com"]);
  });

  test("a dot for one transport leaves the others", () => {
    const dns = new LyingDns().zone(`
      _sip._udp.example.com SRV 0 0 0 .
      _sip._tcp.example.com SRV 0 0 5060 a.example.com
      a.example.com A 192.0.2.1
    `);
    expect(find("sip:user@example.com", dns)).toEqual(["TCP 192.0.2.1:5060"]);
  });

  test("a dot beside real targets is passed over", () => {
    const dns = new LyingDns().zone(`
      _sip._udp.example.com SRV 0 0 0 .
      _sip._udp.example.com SRV 1 0 5060 a.example.com
      a.example.com A 192.0.2.1
    `);
    expect(find("sip:user@example.com;transport=udp", dns)).toEqual(["UDP 192.0.2.1:5060"]);
  });

  test("services of one NAPTR order are all used, by preference", () => {
    const dns = new LyingDns().zone(`
      example.com NAPTR 1 2 "s" "SIP+D2U" "" _sip._udp.example.com
      example.com NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.example.com
      _sip._udp.example.com SRV 0 0 5060 a.example.com
      _sip._tcp.example.com SRV 0 0 5060 a.example.com
      a.example.com A 192.0.2.1
    `);
    expect(find("sip:user@example.com", dns)).toEqual(["TCP 192.0.2.1:5060", "UDP 192.0.2.1:5060"]);
    expect(dns.packets).toHaveLength(4);
  });
});

describe("RFC 6157 Appendix A: IPv4 and IPv6", () => {
  const zone = `
    _sip._tcp.example.com SRV 20 0 5060 sip1.example.com
    _sip._tcp.example.com SRV 0 0 5060 sip2.example.com
    sip1.example.com A 192.0.2.1
    sip1.example.com AAAA 2001:db8::1
    sip2.example.com A 192.0.2.2
    sip2.example.com AAAA 2001:db8::2
  `;
  const uri = "sip:user@example.com;transport=tcp";

  test("each host in turn, the preferred family first", () => {
    const both = [
      "TCP [2001:db8::2]:5060",
      "TCP 192.0.2.2:5060",
      "TCP [2001:db8::1]:5060",
      "TCP 192.0.2.1:5060",
    ];
    expect(find(uri, new LyingDns().zone(zone), { families: ["AAAA", "A"] })).toEqual(both);
  });

  test("a family we have not is not asked for", () => {
    const dns = new LyingDns().zone(zone);
    expect(find(uri, dns, { families: ["AAAA"] })).toEqual([
      "TCP [2001:db8::2]:5060",
      "TCP [2001:db8::1]:5060",
    ]);
    expect(dns.packets.filter((packet) => packet.startsWith("A "))).toEqual([]);
    expect(find("sip:user@[2001:db8::1]", dns)).toEqual(["not-found"]);
    expect(find("sip:user@[2001:db8::1]", dns, { families: ["AAAA"] })).toEqual([
      "UDP [2001:db8::1]:5060",
    ]);
  });
});

describe("RFC 3263 §5: where a response goes", () => {
  const dns = () =>
    new LyingDns().zone(`
      client.example.com A 192.0.2.1
      client.example.com A 192.0.2.2
      _sip._udp.client.example.com SRV 0 0 5070 backup.example.com
      _sips._tcp.client.example.com SRV 0 0 5071 backup.example.com
      backup.example.com A 192.0.2.3
    `);
  const back = (via: string) => {
    const read = readVia(via, 0, via.length);
    if (!read.ok) throw new Error(read.error.message);
    return find("sip:x", dns(), { wanted: wantedByVia(read.value) });
  };

  //= RFC 3263 §5
  //# If it contains a numeric IP address, the server attempts to send the response to that address,
  //# using the transport protocol from the Via header, and the port from sent-by, if present, else
  //# the default for that transport protocol.
  test("a numeric sent-by is where it says", () => {
    expect(back("SIP/2.0/UDP 192.0.2.7:5080;branch=x")).toEqual(["UDP 192.0.2.7:5080"]);
    expect(back("SIP/2.0/TLS 192.0.2.7;branch=x")).toEqual(["TLS 192.0.2.7:5061"]);
  });

  //= RFC 3263 §5
  //# If, however, the sent-by field contained a domain name and a port number, the server queries
  //# for A or AAAA records with that name.
  test("a name and a port is every address of the name", () => {
    expect(back("SIP/2.0/UDP client.example.com:5080;branch=x")).toEqual([
      "UDP 192.0.2.1:5080",
      "UDP 192.0.2.2:5080",
    ]);
  });

  //= RFC 3263 §5
  //# If, however, the sent-by field contained a domain name and no port, the server queries for SRV
  //# records at that domain name using the service identifier "_sips" if the Via transport is
  //# "TLS", "_sip" otherwise, and the transport from the topmost Via header
  test("a name alone is its SRV records", () => {
    expect(back("SIP/2.0/UDP client.example.com;branch=x")).toEqual(["UDP 192.0.2.3:5070"]);
    expect(back("SIP/2.0/TLS client.example.com;branch=x")).toEqual(["TLS 192.0.2.3:5071"]);
    expect(back("SIP/2.0/TCP client.example.com;branch=x")).toEqual([
      "TCP 192.0.2.1:5060",
      "TCP 192.0.2.2:5060",
    ]);
  });

  test("a transport that is not spoken here is said to be so", () => {
    expect(back("SIP/2.0/SCTP client.example.com;branch=x")).toEqual(["unsupported-transport"]);
  });
});
