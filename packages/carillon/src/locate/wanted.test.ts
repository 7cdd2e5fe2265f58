import { expect, test } from "vitest";
import { readVia } from "../message/via.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { type Wanted, wantedByUri, wantedByVia } from "./wanted.ts";

function byUri(text: string, secure?: boolean): Wanted {
  const uri = parseSipUri(text);
  if (!uri.ok) throw new Error(uri.error.message);
  return secure === undefined ? wantedByUri(uri.value) : wantedByUri(uri.value, secure);
}

function byVia(text: string): Wanted {
  const via = readVia(text, 0, text.length);
  if (!via.ok) throw new Error(via.error.message);
  return wantedByVia(via.value);
}

//= RFC 3263 §4
//# We define TARGET as the value of the maddr parameter of the URI, if present, otherwise, the host
//# value of the hostport component of the URI.
test("RFC 3263 §4: the target is the host, or else maddr", () => {
  expect(byUri("sip:user@Example.COM.")).toMatchObject({ host: "example.com", port: undefined });
  expect(byUri("sip:user@example.com;maddr=192.0.2.7")).toMatchObject({ host: "192.0.2.7" });
  expect(byUri("sip:user@example.com;maddr=[2001:DB8::1]")).toMatchObject({ host: "2001:db8::1" });
  expect(byUri("sip:user@example.com;maddr=Host.Example.net.")).toMatchObject({
    host: "host.example.net",
  });
});

//= RFC 5922 §7.3
//# Then, the client MUST compare the original domain portion of the SIP AUS used as input to the
//# RFC 3263 [8] server location procedures to the SIP domain identities obtained from the
//# certificate.
test("RFC 5922 §7.3: whom TLS has to find is the domain of the URI, not maddr", () => {
  expect(byUri("sips:user@Example.com;maddr=192.0.2.7").name).toBe("example.com");
});

//= RFC 3261 §8.1.2
//# Independent of which URI is used as input to the procedures of [4], if the Request-URI specifies
//# a SIPS resource, the UAC MUST follow the procedures of [4] as if the input URI were a SIPS URI.
//= RFC 3261 §16.6
//# Independently of which URI is being used as input to the procedures of [4], if the Request-URI
//# specifies a SIPS resource, the proxy MUST follow the procedures of [4] as if the input URI were
//# a SIPS URI.
test("RFC 3261 §8.1.2: a SIPS Request-URI makes a sip Route a SIPS one", () => {
  expect(byUri("sip:proxy.example.com;lr", true)).toMatchObject({ secure: true });
  expect(byUri("sips:proxy.example.com;lr", false)).toMatchObject({ secure: true });
  expect(byUri("sip:proxy.example.com;lr;transport=tcp", true)).toMatchObject({ transport: "TLS" });
  expect(byUri("sip:proxy.example.com")).toMatchObject({ secure: false });
});

test.each([
  ["sip:a@b", undefined],
  ["sip:a@b;transport=udp", "UDP"],
  ["sip:a@b;transport=TCP", "TCP"],
  ["sip:a@b;transport=tls", "TLS"],
  ["sip:a@b;transport=ws", "WS"],
  ["sip:a@b;transport=wss", "WSS"],
  ["sip:a@b;transport=sctp", "unknown"],
  ["sips:a@b", undefined],
  ["sips:a@b;transport=udp", "unknown"],
  ["sips:a@b;transport=tcp", "TLS"],
  ["sips:a@b;transport=tls", "TLS"],
  ["sips:a@b;transport=ws", "WSS"],
  ["sips:a@b;transport=wss", "WSS"],
  ["sips:a@b;transport=sctp", "unknown"],
])("%s is to be reached over %s", (uri, transport) => {
  expect(byUri(uri).transport).toBe(transport);
});

//= RFC 3263 §5
//# When this value is present, the server MUST use TLS over TCP to send the response.
test.each([
  ["SIP/2.0/UDP pc.example.com;branch=x", "UDP", false],
  ["SIP/2.0/TCP pc.example.com;branch=x", "TCP", false],
  ["SIP/2.0/TLS pc.example.com;branch=x", "TLS", true],
  ["SIP/2.0/WS pc.example.com;branch=x", "WS", false],
  ["SIP/2.0/WSS pc.example.com;branch=x", "WSS", true],
  ["SIP/2.0/SCTP pc.example.com;branch=x", "unknown", false],
])("RFC 3263 §5: the Via %s is answered over %s", (via, transport, secure) => {
  const expected = { host: "pc.example.com", name: "pc.example.com", transport, secure };
  expect(byVia(via)).toMatchObject(expected);
});

test("RFC 3263 §5: the port of sent-by is kept, and that there is none", () => {
  expect(byVia("SIP/2.0/UDP pc.example.com:5070;branch=x").port).toBe(5070);
  expect(byVia("SIP/2.0/UDP pc.example.com;branch=x").port).toBeUndefined();
});
