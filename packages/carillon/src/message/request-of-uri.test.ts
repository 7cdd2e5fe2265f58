import { describe, expect, test } from "vitest";
import { honouredHeaders } from "../uri/embedded-headers.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { composeRequest } from "./compose.ts";
import { HEADERS } from "./header/registry.ts";
import { KNOWN_HEADERS } from "./header-name.ts";
import { requestOfUri, type UriRequest } from "./request-of-uri.ts";

const ABLE = { methods: new Set(["INVITE", "MESSAGE"]), extensions: new Set(["replaces"]) };

function asked(text: string, method?: string) {
  const uri = parseSipUri(text);
  if (!uri.ok) throw new Error(`${text}: ${uri.error.message}`);
  return requestOfUri(uri.value, ABLE, method);
}
function of(text: string, method?: string): UriRequest {
  const result = asked(text, method);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
}
const codeOf = (text: string) => {
  const result = asked(text);
  return result.ok ? "fine" : `${result.error.code} ${result.error.status}`;
};

describe("RFC 3261 §19.1.5: the request that a URI asks for", () => {
  //= RFC 3261 §19.1.5
  //# If the URI contains a method parameter, its value MUST be used as the method of the request.
  //# The method parameter MUST NOT be placed in the Request-URI.
  test("has the method that the URI names, which its start line does not repeat", () => {
    expect(of("sip:bob@b.example;method=MESSAGE;x")).toMatchObject({
      method: "MESSAGE",
      uri: "sip:bob@b.example;x",
      to: "sip:bob@b.example;x",
    });
    expect(of("sip:b.example;method=MESS%41GE").method).toBe("MESSAGE");
    expect(of("sip:b.example").method).toBe("INVITE");
    expect(of("sip:b.example", "MESSAGE").method).toBe("MESSAGE");
  });

  //= RFC 3261 §19.1.5
  //# An implementation MUST include any provided transport, maddr, ttl, or user parameter in the
  //# Request-URI of the formed request.
  //= RFC 3261 §19.1.5
  //# Unknown URI parameters MUST be placed in the message's Request-URI.
  test("goes where the URI says, in all its words; To has those alone that may stand there", () => {
    const way = ";transport=udp;maddr=239.255.255.1;ttl=15;user=phone;lr;nobody=knows";
    expect(of(`sip:+1:pw@b.example:5070${way};method=INVITE?subject=x`)).toEqual({
      method: "INVITE",
      uri: `sip:+1:pw@b.example:5070${way}`,
      to: "sip:+1:pw@b.example;user=phone;nobody=knows",
      headers: [["Subject", "x"]],
    });
  });

  test("has the headers of the URI that are harmless, and no other", () => {
    const { headers } = of(
      "sip:b.example?s=project%20x&priority=urgent&From=sip:evil%40x&Route=%3Csip:evil%3E" +
        "&Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&body=evil&Contact=evil&x-other=1&Require=replaces",
    );
    expect(headers).toEqual([
      ["Subject", "project x"],
      ["Priority", "urgent"],
      ["Replaces", "a;to-tag=1;from-tag=2"],
      ["Require", "replaces"],
    ]);
    const { text } = composeRequest("INVITE", "sip:b.example", headers);
    expect(text).toContain("\r\nReplaces: a;to-tag=1;from-tag=2\r\n");
  });

  test("reads every header that may be honoured, and has it as often as a message may", () => {
    for (const name of KNOWN_HEADERS) {
      const uri = parseSipUri(`sip:h?${name}=a%20%22`);
      if (!uri.ok || honouredHeaders(uri.value).length === 0) continue;
      // No such header but Subject is two words and an open quote.
      expect([name, codeOf(`sip:h?${name}=a%20%22`) === "fine"]).toEqual([
        name,
        name === "Subject",
      ]);
    }
    const twice = (header: string) => codeOf(`sip:h?${header}&${header}`) === "fine";
    for (const [name, text] of [
      ["Accept-Contact", "*"],
      ["In-Reply-To", "a"],
      ["Require", "replaces"],
      ["User-to-User", "a"],
      ["Event", "a"],
      ["Expires", "1"],
      ["Priority", "a"],
      ["Subject", "a"],
    ] as const) {
      expect([name, twice(`${name}=${text}`)]).toEqual([name, HEADERS[name].repeats !== "never"]);
    }
  });

  //= RFC 3261 §19.1.5
  //# If the request formed from constructing a message from a given URI is not a valid SIP request,
  //# the URI is invalid. An implementation MUST NOT proceed with transmitting the request.
  test.each([
    ["a header that breaks its grammar", "sip:h?Replaces=a"],
    ["another", "sip:h?expires=soon"],
    ["a header twice that stands in a message once", "sip:h?subject=a&s=b"],
    ["a method that is none", "sip:h;method=a%20b"],
    ["no method where it names one", "sip:h;method"],
    ["a header that its method must not have", "sip:h?Event=presence"],
  ])("is none with %s", (_, text) => expect(codeOf(text)).toMatch(/^bad-\w+ 400$/));

  //= RFC 3261 §19.1.1
  //# For a SIPS URI, the transport parameter MUST indicate a reliable transport.
  //= RFC 3261 §19.1.1
  //# The ttl parameter determines the time-to-live value of the UDP multicast packet and MUST only
  //# be used if maddr is a multicast address and the transport protocol is UDP.
  test("RFC 3261 §19.1.1: is none where the parameters make no sense together", () => {
    const bad = ["sips:h;transport=udp", "sips:h;transport=UDP", "sip:h;ttl=1"];
    const ttl = [
      "sip:h;maddr=192.0.2.1;ttl=1",
      "sip:h;maddr=h;ttl=1",
      "sip:h;maddr=224.0.1.75;ttl=",
    ];
    const tcp = ["sip:h;maddr=224.0.1.75;ttl=1;transport=tcp", "sips:h;maddr=224.0.1.75;ttl=1"];
    const number = ["sip:h;maddr=224.0.1.75;ttl=256", "sip:h;maddr=[ff02::1];ttl=x"];
    for (const text of [...bad, ...ttl, ...tcp, ...number]) {
      expect([text, codeOf(text)]).toEqual([text, "bad-uri 400"]);
    }
    const fine = ["sips:h;transport=tcp", "sips:h", "sip:h;maddr=239.255.255.1;ttl=15"];
    for (const text of [...fine, "sip:h;maddr=[FF02::1];ttl=0;transport=UDP", "sip:h;maddr=x"]) {
      expect([text, codeOf(text)]).toEqual([text, "fine"]);
    }
  });

  //= RFC 3261 §19.1.5
  //# An implementation MUST NOT send a request requiring an extension that it does not support.
  test("is not sent if it takes what we cannot do", () => {
    expect(codeOf("sip:h?require=replaces%2C100rel")).toBe("unsupported-extension 420");
    expect(codeOf("sip:h?require=replaces")).toBe("fine");
    expect(codeOf("sip:h;method=REGISTER")).toBe("unsupported-method 405");
    expect(codeOf("sip:h;method=invite")).toBe("unsupported-method 405");
  });
});
