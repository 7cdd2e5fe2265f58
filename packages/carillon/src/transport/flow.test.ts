import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splice } from "../message/splice.ts";
import { readVia, type Via } from "../message/via.ts";
import { defaultPort, type Flow, formatFlow, responseFlow, viaEdit } from "./flow.ts";

const udp: Flow = {
  transport: "UDP",
  local: { host: "192.0.2.1", port: 5060 },
  remote: { host: "203.0.113.4", port: 33_000 },
  connection: 0,
};
const tcp: Flow = { ...udp, transport: "TCP", connection: 5 };

function via(text: string): Via {
  const read = readVia(text, 0, text.length);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** The Via as the next one sees it. */
function stamped(text: string, flow: Flow = udp): string {
  const edit = viaEdit(text, via(text), flow);
  return edit ? splice(text, [edit]) : text;
}

test("a server that is known by its name only is not written as an address", () => {
  const named: Flow = { ...tcp, transport: "WS", remote: { host: "localhost", port: 8080 } };
  expect(stamped("SIP/2.0/WS 203.0.113.4;rport", named)).toBe("SIP/2.0/WS 203.0.113.4;rport");
});

describe("RFC 3261 §18.2.1: the topmost Via of a request that arrives", () => {
  //= RFC 3261 §18.2.1
  //# If the host portion of the "sent-by" parameter contains a domain name, or if it contains an IP
  //# address that differs from the packet source address, the server MUST add a "received"
  //# parameter to that Via header field value.
  //= RFC 3261 §18.2.1
  //# When the server transport receives a request over any transport, it MUST examine the value of
  //# the "sent-by" parameter in the top Via header field value.
  //= RFC 3261 §18.2.1
  //# This parameter MUST contain the source address from which the packet was received.
  test.each([
    ["SIP/2.0/UDP 203.0.113.4:9;branch=z", "SIP/2.0/UDP 203.0.113.4:9;branch=z"],
    ["SIP/2.0/UDP a.example", "SIP/2.0/UDP a.example;received=203.0.113.4"],
    ["SIP/2.0/UDP 10.0.0.1;branch=z", "SIP/2.0/UDP 10.0.0.1;branch=z;received=203.0.113.4"],
    ["SIP/2.0/UDP 10.0.0.1 ; a", "SIP/2.0/UDP 10.0.0.1 ; a;received=203.0.113.4"],
  ])("%s is told where it came from", (text, expected) => {
    expect(stamped(text)).toBe(expected);
  });

  //= RFC 3581 §4
  //# If this Via header field value contains an "rport" parameter with no value, it MUST set the
  //# value of the parameter to the source port of the request.
  //= RFC 3581 §4
  //# In fact, the server MUST insert a "received" parameter containing the source IP address that
  //# the request came from, even if it is identical to the value of the "sent-by" component.
  test.each([
    [";rport", ";rport=33000"],
    [";RPort;branch=z", ";RPort=33000;branch=z"],
    [" ; rport ;branch=z", " ; rport=33000 ;branch=z"],
    ["\r\n ;rport\t", "\r\n ;rport=33000"],
    [";rport=", ";rport=33000"],
    [';x="a;rport;b";rport', ';x="a;rport;b";rport=33000'],
    [";xrport;rport;rportx", ";xrport;rport=33000;rportx"],
  ])("RFC 3581 §4: %j is filled in, and every other octet left", (params, expected) => {
    const text = `SIP/2.0/UDP 203.0.113.4${params}`.trimEnd();
    expect(stamped(text)).toBe(`SIP/2.0/UDP 203.0.113.4${expected};received=203.0.113.4`);
  });

  test("what the sender says of itself is not believed", () => {
    expect(stamped("SIP/2.0/UDP 203.0.113.4;received=6.6.6.6;branch=z")).toBe(
      "SIP/2.0/UDP 203.0.113.4;branch=z;received=203.0.113.4",
    );
    expect(stamped("SIP/2.0/UDP a.example; Received = 6.6.6.6 ;rport")).toBe(
      "SIP/2.0/UDP a.example;rport=33000;received=203.0.113.4",
    );
    expect(stamped("SIP/2.0/UDP 203.0.113.4;rport=9")).toBe("SIP/2.0/UDP 203.0.113.4;rport=9");
  });

  test("an IPv6 source stands there without brackets and without its zone", () => {
    const flow = { ...udp, remote: { host: "fe80::9%eth0", port: 5060 } };
    expect(stamped("SIP/2.0/UDP [2001:db8::1];rport", flow)).toBe(
      "SIP/2.0/UDP [2001:db8::1];rport=5060;received=fe80::9",
    );
    const same = { ...udp, remote: { host: "2001:db8::1", port: 5060 } };
    expect(stamped("SIP/2.0/UDP [2001:DB8::1]:5060", same)).toBe("SIP/2.0/UDP [2001:DB8::1]:5060");
  });

  test("can always be read again, and then says nothing but the truth", () => {
    const space = fc.constantFrom("", " ", "\t", "\r\n ");
    const word = fc.constantFrom(
      "rport",
      "rport=",
      "received=6.6.6.6",
      "branch=z",
      'x=";rport"',
      "y",
    );
    const param = fc.tuple(space, space, word).map(([a, b, text]) => `${a};${b}${text}`);
    fc.assert(
      fc.property(
        fc.uniqueArray(param, { selector: (one) => one.trim().slice(0, 9) }),
        (params) => {
          const text = `SIP/2.0/UDP a.example${params.join("")}`;
          const before = readVia(text, 0, text.length);
          if (!before.ok) return;
          const after = via(stamped(text));
          expect(after.params.get("received")).toBe("203.0.113.4");
          expect(after.branch).toBe(before.value.branch);
          if (before.value.params.has("rport")) expect(after.params.get("rport")).toBe("33000");
        },
      ),
    );
  });
});

describe("where a response goes", () => {
  const to = (text: string, flow = udp) => formatFlow(responseFlow(flow, via(text)));

  //= RFC 3261 §18.2.2
  //# If the "sent-protocol" is a reliable transport protocol such as TCP or SCTP, or TLS over
  //# those, the response MUST be sent using the existing connection to the source of the original
  //# request that created the transaction, if that connection is still open.
  test("RFC 3261 §18.2.2: back over the connection", () => {
    expect(responseFlow(tcp, via("SIP/2.0/TCP a.example:9"))).toBe(tcp);
  });

  //= RFC 3261 §18.2.2
  //# Otherwise (for unreliable unicast transports), if the top Via has a "received" parameter, the
  //# response MUST be sent to the address in the "received" parameter, using the port indicated in
  //# the "sent-by" value, or using port 5060 if none is specified explicitly.
  //= RFC 3261 §18.2.2
  //# Otherwise, if it is not receiver-tagged, the response MUST be sent to the address indicated by
  //# the "sent-by" value, using the procedures in Section 5 of [4].
  test("RFC 3261 §18.2.2: to the port that sent-by names, at the address it came from", () => {
    expect(to("SIP/2.0/UDP 203.0.113.4:7000")).toBe("udp 203.0.113.4:7000");
    expect(to("SIP/2.0/UDP a.example")).toBe("udp 203.0.113.4:5060");
    expect(to("SIP/2.0/UDP 6.6.6.6:7000;received=6.6.6.6")).toBe("udp 203.0.113.4:7000");
  });

  //= RFC 3581 §4
  //# If the "sent-protocol" component indicates an unreliable unicast transport protocol, such as
  //# UDP, and there is no "maddr" parameter, but there is both a "received" parameter and an
  //# "rport" parameter, the response MUST be sent to the IP address listed in the "received"
  //# parameter, and the port in the "rport" parameter.
  test("RFC 3581 §4: with rport to the port that it came from", () => {
    expect(to("SIP/2.0/UDP 10.0.0.1:5060;rport")).toBe("udp 203.0.113.4:33000");
    expect(to("SIP/2.0/UDP 10.0.0.1:5060;rport=9")).toBe("udp 203.0.113.4:33000");
  });

  test("never to another address, or to a port of the system", () => {
    expect(to("SIP/2.0/UDP 203.0.113.4:7000;maddr=239.0.0.1")).toBe("udp 203.0.113.4:7000");
    for (const port of [0, 19, 53, 1023]) {
      expect(to(`SIP/2.0/UDP 203.0.113.4:${port}`)).toBe("udp 203.0.113.4:33000");
    }
  });
});

test("RFC 3261 §19.1.2: ports that need not be named", () => {
  expect(["UDP", "TCP", "TLS", "WS", "WSS"].map(defaultPort)).toEqual([5060, 5060, 5061, 80, 443]);
});
