import { expect, test } from "vitest";
import { readVia, type Via } from "../message/via.ts";
import type { Flow, TransportName } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { type Attempt, responseAttempts } from "./response-attempts.ts";

const flow = (transport: TransportName): Flow => ({
  transport,
  local: { host: "192.0.2.128", port: 5060 },
  remote: { host: "192.0.2.1", port: 40_000 },
  connection: transport === "UDP" ? 0 : 7,
});

function via(text: string): Via {
  const read = readVia(text, 0, text.length);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function print(attempt: Attempt): string {
  if (attempt.kind === "Flow") return `flow ${formatAddress(attempt.flow.remote)}`;
  if (attempt.kind === "Locate") return `locate ${attempt.wanted.host}`;
  const { transport, address, name } = attempt.target;
  return `${transport} ${formatAddress(address)} as ${name}`;
}

//= RFC 3261 §18.2.2
//# If that connection is no longer open, the server SHOULD open a connection to the IP address in
//# the "received" parameter, if present, using the port in the "sent-by" value, or the default port
//# for that transport, if no port is specified.
//= RFC 3263 §5
//# If it contains a numeric IP address, the server attempts to send the response to that address,
//# using the transport protocol from the Via header, and the port from sent-by, if present, else
//# the default for that transport protocol.
test.each<[TransportName, string, readonly string[]]>([
  ["UDP", "pc.example.com;rport", ["flow 192.0.2.1:40000", "locate pc.example.com"]],
  ["UDP", "pc.example.com:5070", ["flow 192.0.2.1:5070", "locate pc.example.com"]],
  ["UDP", "192.0.2.1", ["flow 192.0.2.1:5060"]],
  ["UDP", "192.0.2.9", ["flow 192.0.2.1:5060", "locate 192.0.2.9"]],
  [
    "TCP",
    "pc.example.com:5070",
    ["flow 192.0.2.1:40000", "TCP 192.0.2.1:5070 as pc.example.com", "locate pc.example.com"],
  ],
  ["TCP", "192.0.2.1", ["flow 192.0.2.1:40000", "TCP 192.0.2.1:5060 as 192.0.2.1"]],
  [
    "TLS",
    "pc.example.com",
    ["flow 192.0.2.1:40000", "TLS 192.0.2.1:5061 as pc.example.com", "locate pc.example.com"],
  ],
  ["WS", "df7jal23ls0d.invalid", ["flow 192.0.2.1:40000"]],
  ["WSS", "df7jal23ls0d.invalid", ["flow 192.0.2.1:40000"]],
])("RFC 3263 §5: a response over %s to %s", (transport, sentBy, expected) => {
  const text = `SIP/2.0/${transport} ${sentBy};branch=z9hG4bK1`;
  expect(responseAttempts(flow(transport), via(text)).map(print)).toEqual(expected);
});

test("a received or an maddr that the sender wrote leads nowhere", () => {
  const lying = "SIP/2.0/TCP pc.example.com;received=198.51.100.1;maddr=198.51.100.2;branch=x";
  const attempts = responseAttempts(flow("TCP"), via(lying)).map(print);
  expect(attempts.join()).not.toContain("198.51.100");
});
